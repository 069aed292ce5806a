"""One row typed by hand, and what the model says to it at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import state
from ui.figures import show
from ui.measures import four
from ui.prediction import BEYOND, scorer, unseen_words
from ui.text import md, plain, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.features.codes import CategoryCode, NumberCode
    from core.score import Scorer
    from core.store import Run

Json = Any
BARS = 12  # classes in the picture of probabilities
FIELDS = 24  # of the form; the rest waits under a fold


def usual(model: Scorer) -> dict[str, Json]:
    """A row of usual values, as JSON: medians and the most frequent categories of the training rows."""
    return {code.column: _usual(code) for code in model.encoding.codes}


def _usual(code: NumberCode | CategoryCode) -> Json:
    if code.kind == "category":
        return code.reference if code.reference is not None else next(iter(code.levels), None)
    if code.type == "integer":
        return round(code.fill)
    if code.type == "number":
        return float(f"{code.fill:.6g}")
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(days=code.fill)
    return moment.date().isoformat() if code.type == "date" else moment.replace(microsecond=0).isoformat()


@st.fragment
def typed_row(run: Run) -> None:
    """A form of one row, and what the model says to it at once."""
    model = scorer(run)
    left, right = st.columns([7, 6], gap="large")
    with left:
        st.caption(
            t(
                "It begins with a usual row: medians and the most frequent categories. "
                "What is left empty counts as missing."
            )
        )
        values = _form(run, model)
    with right:
        _answer(run, model, values)


def _form(run: Run, model: Scorer) -> dict[str, Json]:
    values: dict[str, Json] = {}
    start_values = usual(model)
    codes = list(enumerate(model.encoding.codes))
    places = st.columns(2)
    for position, code in codes[:FIELDS]:
        with places[position % 2]:
            values[code.column] = _field(code, start_values[code.column], f"predict.row.{run.id}.{position}")
    if len(codes) > FIELDS:
        with st.expander(
            t("{count} more column | {count} more columns", count=len(codes) - FIELDS), key="predict.row.more"
        ):
            for position, code in codes[FIELDS:]:
                key = f"predict.row.{run.id}.{position}"
                values[code.column] = _field(code, start_values[code.column], key)
    return values


def _field(code: NumberCode | CategoryCode, start_value: Json, key: str) -> Json:
    """A widget that can also be emptied: it begins empty and is given its value before it is drawn."""
    label = md(code.column)
    if code.kind == "category":
        _begin(key, start_value)
        known = [*([] if code.reference is None else [code.reference]), *code.levels, *code.rare]
        return st.selectbox(
            label, known, index=None, key=key, placeholder=plain("missing"),
            accept_new_options=code.type == "text",
        )  # fmt: skip
    if code.type in ("integer", "number"):
        _begin(key, start_value)
        whole = code.type == "integer"
        step = 10.0 ** math.floor(math.log10(code.scale)) if code.scale > 0 else 1.0
        return st.number_input(
            label, value=None, step=max(1, round(step)) if whole else step, key=key,
            format=None if whole else "%.6g", placeholder=plain("missing"),
        )  # fmt: skip
    moment = dt.datetime.fromisoformat(start_value)
    if code.type == "date":
        _begin(key, moment.date())
        return st.date_input(label, None, dt.date(1, 1, 1), dt.date(9999, 12, 31), key=key)
    _begin(key, moment)
    return st.datetime_input(label, None, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31), key=key)


def _begin(key: str, value: Any) -> None:
    if state.get(key, ...) is ...:  # None is a value: the reader emptied the field
        state.put(key, value)


def _answer(run: Run, model: Scorer, values: Mapping[str, Json]) -> None:
    (answer,), report = model.score_rows([values])
    predicted, *probabilities = answer.values()
    with st.container(border=True, key="predict.answer"):
        if predicted is None:
            st.warning(t(BEYOND, count=1))
        elif model.task == "number":
            _number_answer(run, model, predicted)
        else:
            _class_answer(model, str(predicted), dict(zip(model.classes, probabilities, strict=True)))
        told = report.model_dump()
        for column in told["unseen"]:
            st.caption(unseen_words(column, 1, model))
        for column in told["filled"]:
            st.caption(t("{column} is missing: it was filled as in training.", column=column))


def _number_answer(run: Run, model: Scorer, predicted: float) -> None:
    st.metric(t("Predicted {target}", target=model.target), four(predicted, 6))
    error = run.metrics["metrics"]["rmse"]
    st.caption(t("Its predictions of rows it had not seen were off by {rmse} (RMSE).", rmse=four(error))
               if run.metrics["judged_on"] == "test" else "")  # fmt: skip


def _class_answer(model: Scorer, predicted: str, shares: Mapping[str, float]) -> None:
    st.metric(t("Predicted {target}", target=model.target), predicted)
    words = plain("; ").join(f"{name}: {share:.1%}" for name, share in _largest(shares))
    height = 90 + 34 * min(len(shares), BARS)
    said = plain("Probabilities: {words}.", words=words)
    show(_bars(shares), said, key="predict.probabilities", words=False, height=height)


def _largest(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: -item[1])[:BARS]


def _bars(shares: Mapping[str, float]) -> go.Figure:
    import plotly.graph_objects as go

    from core.charts.drawing import shown

    largest = _largest(shares)
    places = list(range(len(largest)))
    bar = go.Bar(
        x=[share for _, share in largest], y=places, orientation="h", cliponaxis=False,
        text=[f"{share:.1%}" for _, share in largest], textposition="outside",
        hovertemplate="%{x:.2%}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bar)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", title={"text": plain("Probability")})
    figure.update_yaxes(
        tickvals=places, ticktext=[shown(name, 28) for name, _ in largest], autorange="reversed"
    )
    figure.update_layout(bargap=0.25, margin={"t": 10})
    return figure
