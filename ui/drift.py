"""How the values of each column spread in two tables, and how far apart that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core.charts.words import number
from core.compare import Bin, ColumnDrift
from ui.figures import show
from ui.frame import preview
from ui.text import plain, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

LEVELS = ("much", "some", "little")
LABEL = 28  # characters of a value under its bars


def values(columns: Sequence[ColumnDrift]) -> None:
    """All columns with their measures, the most changed first, and the picture of one."""
    if not columns:
        st.info(t("The two tables have no column in common."))
        return
    ordered = sorted(columns, key=lambda one: (LEVELS.index(one.level), -(one.psi or one.psi_missing or 0)))
    preview(_table(ordered), key="history.drift", height=min(38 + 35 * len(ordered), 420))
    with st.expander(t("What these measures say"), key="history.measures"):
        st.markdown("\n".join(f"- {t(said)}" for said in EXPLAINED))
    drawn = [column for column in ordered if column.bins]
    if not drawn:
        return
    known = {column.name: column for column in drawn}
    name = st.selectbox(t("Look at a column"), list(known), key="history.column")
    column = known[name]
    show(picture(column), in_words(column), key="history.spread", height=320)


def _table(columns: Sequence[ColumnDrift]) -> pa.Table:
    words = {"little": plain("little"), "some": plain("some"), "much": plain("much")}
    return pa.table(
        {
            plain("Column"): [column.name for column in columns],
            plain("Changed"): [words[column.level] for column in columns],
            "PSI": [_rounded(column.psi) for column in columns],
            plain("Distance"): [
                _rounded(column.ks if column.ks is not None else column.js) for column in columns
            ],
            plain("Mean before"): [_rounded(column.mean_a, 6) for column in columns],
            plain("Mean after"): [_rounded(column.mean_b, 6) for column in columns],
            plain("Missing before"): [_missing(column.present_a, column.rows_a) for column in columns],
            plain("Missing after"): [_missing(column.present_b, column.rows_b) for column in columns],
            plain("Note"): [_note(column) for column in columns],
        }
    )


def _distance(column: ColumnDrift) -> float | None:
    return column.js if column.ks is None else column.ks


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")


def _missing(present: int, rows: int) -> str:
    return f"{(rows - present) / rows:.1%}" if rows else "–"


def _note(column: ColumnDrift) -> str:
    if column.kind == "identifier":
        return plain("its values never repeat")
    if column.kind == "empty":
        return plain("empty on one side")
    if column.kind == "types differ":
        return plain("of another type now")
    if column.psi is not None and column.psi_chance is not None and column.psi < column.psi_chance:
        return plain("no more than chance") if column.psi >= 0.1 else ""
    return "" if column.ks_exact else plain("distance to within 0.005")


EXPLAINED = (
    "The **PSI**, or population stability index, compares the shares of rows in ten ranges of a number, "
    "or of each common category: below 0.1 little has changed, from 0.25 on much has (Siddiqi, Credit "
    "Risk Scorecards, 2006).",
    "In small tables a large index may be chance: what 95 of 100 samples from one population stay "
    "below counts as little (Yurdakul, 2018).",
    "The **distance** of numbers and dates is that of Kolmogorov and Smirnov, the greatest gap between the "
    "cumulative shares; of categories the Jensen-Shannon divergence. Both go from 0 (the same) to 1 "
    "(nothing in common).",
    "What is missing counts as well: a column whose share of missing values has moved is marked by the "
    "same limits.",
)


def picture(column: ColumnDrift) -> go.Figure:
    """The share of each range or value before and after, side by side."""
    import plotly.graph_objects as go

    labels = [_label(bin) for bin in column.bins]
    made = go.Figure()
    for name, side in ((plain("before"), "a"), (plain("after"), "b")):
        counts = [getattr(bin, side) for bin in column.bins]
        whole = sum(counts) or 1
        made.add_bar(
            x=list(range(len(labels))), y=[count / whole for count in counts], name=name, customdata=counts,
            hovertemplate="%{y:.1%} (%{customdata:,})<extra></extra>",
        )  # fmt: skip
    ticks: dict[str, Any] = {"tickvals": list(range(len(labels))), "ticktext": [_safe(x) for x in labels]}
    made.update_layout(
        barmode="group", xaxis=ticks,
        yaxis={"title": {"text": plain("Share of rows")}, "tickformat": ".0%"},
    )  # fmt: skip
    return made


def _label(bin: Bin) -> str:
    if bin.label is not None:
        return bin.label
    if bin.low is None and bin.high is None:
        return plain("all others")
    low, high = ("" if end is None else _end(end) for end in (bin.low, bin.high))
    return f"≤ {high}" if bin.low is None else f"> {low}" if bin.high is None else f"{low} … {high}"


def _end(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def _safe(label: str) -> str:
    short = label if len(label) <= LABEL else label[: LABEL - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or "“”"


def in_words(column: ColumnDrift) -> str:
    """The picture in words."""
    whole = sum(bin.a for bin in column.bins) or 1, sum(bin.b for bin in column.bins) or 1
    told = [
        plain("{label}: {before:.1%} before, {after:.1%} after", label=_label(bin), before=bin.a / whole[0],
              after=bin.b / whole[1])
        for bin in column.bins[:12]
    ]  # fmt: skip
    return plain("Shares of rows in {name}.", name=column.name) + " " + plain("; ").join(told)
