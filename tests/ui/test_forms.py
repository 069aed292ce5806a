"""One renderer of the seven kinds of parameter: what is shown is what comes back."""

from __future__ import annotations

import pytest
from pydantic import Field as P
from streamlit.testing.v1 import AppTest

from ui.forms import decades, value_said

SCRIPT = """
import json
from typing import Annotated, Literal
import streamlit as st
from pydantic import Field as P
from core.contracts import Member
from core.examples import COLUMNS
from core.params import ColumnName, ColumnNames, Frozen, Number
from ui.forms import member

class Family(Member, family=True):
    pass

class Condition(Frozen):
    column: Annotated[str, ColumnName("number", "integer")] = P(title="Column", description="Which.")
    is_: Literal["equal", "below"] = P("equal", title="Is", description="How it compares.")
    value: str = P("", title="Value", description="With what.")

class Demo(Family):
    '''All seven kinds.'''
    title = "Demo"
    rate: Annotated[float, Number(1e-5, 1, log=True)] = P(0.03, title="Rate", description="How far.")
    share: float = P(0.2, ge=0, le=0.5, title="Share", description="Of all rows.")
    limit: int | None = P(None, ge=0, title="Limit", description="None for automatic.")
    method: Literal["mean", "median"] = P("mean", title="Method", description="How.")
    keep: bool = P(True, title="Keep", description="Whether.")
    name: str = P("", title="Name", description="Any.")
    target: Annotated[str | None, ColumnName("number")] = P(None, title="Target", description="Which.")
    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer")] = P(
        title="Columns", description="Which.", min_length=1)
    rows: tuple[Condition, ...] = P((), title="Conditions", description="All must hold.")

made = member(Demo, COLUMNS, json.loads(st.session_state.get("given", "{}")), key="x", across=ACROSS)
st.session_state["made"] = made.to_json() if made else None
"""


def demo(across: int = 1) -> AppTest:
    return AppTest.from_string(SCRIPT.replace("ACROSS", str(across)), default_timeout=20)


@pytest.mark.parametrize("across", [1, 3])
def test_defaults_come_back_once_what_is_required_is_chosen(across: int) -> None:
    app = demo(across).run()
    assert app.session_state["made"] is None
    assert not app.error
    app.multiselect(key="x.demo.columns").set_value(["price"]).run()
    assert app.session_state["made"] == {
        "kind": "demo", "rate": 0.03, "share": 0.2, "limit": None, "method": "mean", "keep": True,
        "name": "", "target": None, "columns": ["price"], "rows": [],
    }  # fmt: skip


def test_column_pickers_offer_fitting_types_only() -> None:
    app = demo().run()
    assert app.multiselect(key="x.demo.columns").options == ["id", "price", "quantity"]
    assert [option for option in app.selectbox(key="x.demo.target").options if "price" in option]
    assert not [option for option in app.selectbox(key="x.demo.target").options if "region" in option]


def test_values_given_fill_the_form_when_it_first_appears() -> None:
    app = demo()
    app.session_state["given"] = (
        '{"rate": 0.0042, "limit": 7, "method": "median", "columns": ["id"], '
        '"rows": [{"column": "price", "is_": "below", "value": "3"}]}'
    )
    app.run()
    made = app.session_state["made"]
    assert (made["rate"], made["limit"], made["method"]) == (0.0042, 7, "median")
    assert made["rows"] == [{"column": "price", "is_": "below", "value": "3"}]


def test_lines_are_added_and_removed() -> None:
    app = demo().run()
    app.multiselect(key="x.demo.columns").set_value(["price"]).run()
    assert not [box.key for box in app.selectbox if "rows" in box.key]  # nobody has to fill one in
    app.button(key="x.demo.rows.add").click().run()
    app.selectbox(key="x.demo.rows.0.column").set_value("price").run()
    app.button(key="x.demo.rows.add").click().run()
    app.selectbox(key="x.demo.rows.1.column").set_value("id").run()
    assert [row["column"] for row in app.session_state["made"]["rows"]] == ["price", "id"]
    app.button(key="x.demo.rows.0.remove").click().run()
    assert [row["column"] for row in app.session_state["made"]["rows"]] == ["id"]


def test_a_line_that_was_removed_does_not_come_back_with_a_new_one() -> None:
    app = demo()
    app.session_state["given"] = (
        '{"columns": ["id"], "rows": [{"column": "price", "is_": "below", "value": "3"}]}'
    )
    app.run()
    app.button(key="x.demo.rows.0.remove").click().run()
    assert app.session_state["made"]["rows"] == []
    app.button(key="x.demo.rows.add").click().run()
    assert app.selectbox(key="x.demo.rows.1.column").value is None


def test_a_line_that_nobody_filled_in_is_left_out() -> None:
    app = demo().run()
    app.multiselect(key="x.demo.columns").set_value(["price"]).run()
    app.button(key="x.demo.rows.add").click().run()
    assert app.session_state["made"]["rows"] == []


def test_logarithmic_stops_hold_the_ends_and_zero_where_allowed() -> None:
    assert decades(1e-3, 1.0) == pytest.approx([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1])
    assert decades(0.0, 10.0)[0] == 0.0
    assert decades(10, 700, integer=True) == [10, 20, 50, 100, 200, 500, 700]


def test_what_zero_stands_for_is_said_in_words() -> None:
    from core.models.terms import BatchSize
    from core.params import Frozen, fields

    class Some(Frozen):
        size: BatchSize = 0
        on: bool = P(True, title="On", description="Whether.")

    size, on = fields(Some)
    assert value_said(size, 0) == "all rows"
    assert value_said(size, 8192) == "8,192"
    assert value_said(on, False) == "no"


def test_a_value_beyond_the_usual_ends_of_a_slider_is_kept() -> None:
    app = AppTest.from_string(
        """
import streamlit as st
import core.models
from core.contracts import Model
from ui.forms import form

form(Model.members["neural_network"], (), {"patience": 500}, only=("patience",), key="x")
""",
        default_timeout=20,
    ).run()
    assert not app.exception
    assert app.slider(key="x.neural_network.patience").value == 500
