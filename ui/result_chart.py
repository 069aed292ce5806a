"""A chart of the rows that a statement gave, before anything of them is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.contracts import Chart, Schema
from core.errors import SightlineError
from core.profile import Profile
from ui import charts, services, state
from ui.figures import show
from ui.forms import member
from ui.keep import CHART
from ui.text import plain_said, said, t

if TYPE_CHECKING:
    import pyarrow as pa

    from core.queries.running import Query


def draw(query: Query) -> None:
    """The chart of the rows that are shown, with suggestions above it and its form beside it."""
    from core.queries.drawing import columns

    assert query.answer is not None
    rows, schema = query.rows().num_rows, columns(query)
    found = _profile(query.id, services.owner())
    start, turn = _begin(found, schema), f"sql.chart.{query.id}.{state.get('sql.chart.turn', 0)}"
    main, side = st.columns([10, 4], gap="medium")
    with side:
        kinds = charts.kinds()
        kind = st.selectbox(
            t("Chart"), kinds, kinds.index(start["kind"]), format_func=charts.named, key=f"{turn}.kind"
        )
        chart = member(Chart.members[kind], schema, charts.carried(start, kind, schema), key=turn)
    with main:
        if query.answer.cut:
            st.warning(
                t(
                    "Drawn from the first {rows:,} rows alone: keep the result to draw all of them.",
                    rows=rows,
                ),
                icon=":material/content_cut:",
            )
        else:
            st.caption(t("Drawn from {count:,} row, the whole result. | "
                         "Drawn from all {count:,} rows of the result.", count=rows))  # fmt: skip
        _suggestions(found)
        if chart is not None:
            text = _text(chart.to_json())
            state.put(CHART, text)
            data = _data(query.id, text, services.owner())
            show(chart.figure(data, plain_said), plain_said(chart.describe(data)), key="sql.figure")
            charts.download_data(chart, data)


def _begin(found: Profile, schema: Schema) -> dict[str, Any]:
    """The chart to begin with: the one drawn last, where it fits, or a suggested one."""
    from core.queries.drawing import suggested

    if text := state.get(CHART):
        try:
            chart = Chart.from_json(json.loads(text))
            chart.check(schema)
            return dict(chart.to_json())
        except SightlineError:
            state.put(CHART, None)  # of another result
    ideas = suggested(found, 1)
    return ideas[0][0].to_json() if ideas else {"kind": "bar", "x": schema[0].name}


def _suggestions(found: Profile) -> None:
    from core.queries.drawing import suggested

    with st.container(horizontal=True, key="sql.suggestions"):
        for number, (chart, reason) in enumerate(suggested(found)):
            name = charts.short(chart)
            if st.button(name, key=f"sql.suggestion.{number}", help=said(reason), type="tertiary"):
                state.put(CHART, _text(chart.to_json()))
                state.put("sql.chart.turn", state.get("sql.chart.turn", 0) + 1)
                st.rerun()


def _text(chart: dict[str, Any]) -> str:
    return json.dumps(chart, ensure_ascii=False, separators=(",", ":"))


@st.cache_data(show_spinner=False, max_entries=16)
def _profile(id: str, owner: str) -> Profile:
    from core.queries.drawing import seen

    with st.spinner(t("Looking at the columns")):
        return seen(services.queries().get(id, owner), services.store().home / "scratch", services.engine())


@st.cache_data(show_spinner=False, max_entries=32)
def _data(id: str, chart: str, owner: str) -> pa.Table:
    from core.queries.drawing import drawn

    made = Chart.from_json(json.loads(chart))
    return drawn(
        services.queries().get(id, owner), made, services.store().home / "scratch", services.engine()
    )
