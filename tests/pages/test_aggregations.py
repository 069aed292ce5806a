"""Every measure of every chart is chosen by the controls of the page, and its picture is drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Chart
from tests.pages.conftest import Screen

PAGE = "pages/explore/charts.py"
HAVING = sorted(kind for kind, cls in Chart.members.items() if "aggregation" in cls.model_fields)


def control(screen: Screen, label: str) -> Any:
    """The box of a parameter; few short choices stand beside each other, the others in a list."""
    return next(
        box for kind in ("selectbox", "button_group") for box in screen.app.get(kind) if box.label == label
    )


@pytest.mark.parametrize("kind", HAVING)
def test_each_measure_is_chosen_and_drawn(screen: Screen, kind: str) -> None:
    screen.add_table()
    cls = Chart.members[kind]
    fields = {field.name: field for field in cls.parameters()}
    document = cls.example().to_json()
    for name in ("y", "value"):
        if name in fields:
            document[name] = document.get(name) or "quantity"
    app = screen.open(PAGE, chart=json.dumps(document))
    choices = [one for one in fields["aggregation"].choices if one != document["aggregation"]]
    for choice in choices:
        control(screen, "Measure").set_value(choice).run()
        assert not app.exception, choice
        assert not app.error, choice
        assert json.loads(app.query_params["chart"])["aggregation"] == choice
    if "when" in fields:
        control(screen, "Change over").set_value("day").run()
        assert not app.exception
        assert not app.error
        (chart,) = app.get("plotly_chart")
        title = json.loads(chart.proto.spec)["layout"]["title"]
        assert title["subtitle"]["text"].startswith("Change from ")
