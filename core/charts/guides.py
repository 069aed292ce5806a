"""Reference lines: a value, a date, a mean, a median or a quantile drawn across a chart, with its number."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import ON_GROUND, Say, notes, shown
from core.charts.words import listed, number
from core.contracts import ColumnType, Engine, Table
from core.errors import BadParameter
from core.ordinal import from_text, ordinal, to_value
from core.params import Frozen
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

MOST = 8
NAMED = 4  # panels in each of which a line has its label; of more only the first has
Axis = Literal["across", "up"]
_AXES = {"across": note("across"), "up": note("up")}
_WHATS = {"mean": note("mean"), "median": note("median"), "quantile": note("quantile")}
Found = list[dict[str, Any]]  # the lines of a result, as JSON


class Reference(Frozen):
    """One line."""

    what: Literal["value", "mean", "median", "quantile"] = P(
        title="Line at", description="A value of your own, or a number of what is drawn."
    )
    at: str | None = P(
        default=None, title="Value or share",
        description="A number, or a date such as 2024-03-01; of a quantile its share, such as 0.9.",
    )  # fmt: skip
    name: str | None = P(
        default=None,
        max_length=60,
        title="Label",
        description="What stands beside the line, before its number.",
    )
    axis: Literal["of the values", "across", "up"] = P(
        default="of the values", title="Axis", description="Which axis the line stands on."
    )


def field() -> Any:
    return P(
        default=(), max_length=MOST, title="Reference lines",
        description="Lines at values or dates, or at the mean, median or a quantile of what is drawn: of all "
        "marks, or on the axis of a column of all its rows.",
    )  # fmt: skip


@dataclass(frozen=True)
class Axes:
    """What lines may stand on: the types of the axes that have values, which of them are logarithmic, and
    which one has the values that are looked at."""

    up: ColumnType | None = None
    across: ColumnType | None = None
    log_up: bool = False
    log_across: bool = False
    values: Axis = "up"

    def kind(self, axis: Axis) -> ColumnType | None:
        return self.up if axis == "up" else self.across

    def log(self, axis: Axis) -> bool:
        return self.log_up if axis == "up" else self.log_across

    def of(self, line: Reference) -> Axis:
        return self.values if line.axis == "of the values" else line.axis

    def check(self, title: str, lines: Sequence[Reference], *, parts: bool = False) -> None:
        """Refuse lines at what is no value of their axis; `parts`: only values stand on an axis of shares."""
        for line in lines:
            kind = self.kind(self.of(line))
            if kind is None:
                raise BadParameter(
                    "{title}: the axis {axis} has no values for a line.",
                    hint="Choose the axis of the values.", title=note(title), axis=_AXES[self.of(line)],
                )  # fmt: skip
            if parts and line.what != "value":
                raise BadParameter(
                    "{title}: shares of each bar have no {what} to draw.",
                    hint="Choose a value, or show the colours in another way.",
                    title=note(title), what=_WHATS[line.what],
                )  # fmt: skip
            _at(title, line, kind)


def _at(title: str, line: Reference, kind: ColumnType) -> float | None:
    """The value or the share that a line names, in the units of its axis."""
    if line.what not in ("value", "quantile"):
        return None
    text = (line.at or "").strip()
    try:
        if kind in ("date", "datetime") and line.what == "value":
            dt.datetime.fromisoformat(text)
            return from_text(kind, text)
        value = float(text.replace(",", ""))
        if math.isfinite(value) and (line.what == "value" or 0 <= value <= 1):
            return value
    except ValueError:
        pass
    wanted = note("a share from 0 to 1") if line.what == "quantile" else note(kind)
    raise BadParameter(
        "{title}: a reference line needs {wanted}. Got {got!r}.",
        hint="Write a number such as 12.5, a date such as 2024-03-01, or for a quantile a share such as 0.9.",
        title=note(title), wanted=wanted, got=text[:60],
    )  # fmt: skip


def of_marks(title: str, lines: Sequence[Reference], axes: Axes, axis: Axis, values: Sequence[Any]) -> Found:
    """The lines on the axis of a measure: statistics are those of the marks."""
    import numpy as np

    some = np.array([value for value in values if value is not None and math.isfinite(value)])

    def asked(line: Reference, share: float | None) -> float | None:
        if not len(some):
            return None
        return float(
            np.mean(some) if line.what == "mean" else np.quantile(some, 0.5 if share is None else share)
        )

    kind = axes.kind(axis) or "number"
    found = []
    for line in (one for one in lines if axes.of(one) == axis):
        at = _at(title, line, kind)
        place = at if line.what == "value" else asked(line, at)
        found.append(_told(line, axes, kind, place, at) | {"marks": len(some)})
    return found


def of_rows(
    title: str, lines: Sequence[Reference], axes: Axes, axis: Axis, column: str,
    table: Table, engine: Engine, where: exp.Expr | None = None,
) -> Found:  # fmt: skip
    """The lines on the axis of a column: statistics are those of all rows that are drawn."""
    own = [line for line in lines if axes.of(line) == axis]
    if not own:
        return []
    kind = next(one.type for one in table.columns if one.name == column)
    value, asked = ordinal(column, kind), [exp.alias_(sql.template("count(*)"), "n")]
    for i, line in enumerate(own):
        at = _at(title, line, kind)
        share = at if line.what == "quantile" else 0.5
        how = "avg(:x)" if line.what == "mean" else "quantile_cont(:x, :q)"
        asked.append(exp.alias_(sql.template(f"CAST({how} AS DOUBLE)", x=value, q=share), f"v{i}"))
    query = exp.select(*asked).from_(table.query.copy().subquery("t"))
    query = query.where(sql.template(":x IS NOT NULL", x=value) if where is None else where)
    row = engine.rows(query).to_pylist()[0]
    found = []
    for i, line in enumerate(own):
        at = _at(title, line, kind)
        place = at if line.what == "value" else row[f"v{i}"]
        found.append(_told(line, axes, kind, place, at) | {"rows": int(row["n"])})
    return found


def of_plane(
    title: str, lines: Sequence[Reference], axes: Axes, x: str, y: str, table: Table, engine: Engine,
    where: exp.Expr,
) -> Found:  # fmt: skip
    """The lines on the two axes of a plane of numbers."""
    across = of_rows(title, lines, axes, "across", x, table, engine, where)
    return across + of_rows(title, lines, axes, "up", y, table, engine, where)


def _told(
    line: Reference, axes: Axes, kind: ColumnType, place: float | None, at: float | None
) -> dict[str, Any]:
    axis = axes.of(line)
    return {
        "what": line.what, "name": line.name, "axis": axis, "kind": kind, "place": place,
        "drawn": place is not None and (place > 0 or not axes.log(axis)),
        "share": at if line.what == "quantile" else None, "log": axes.log(axis),
    }  # fmt: skip


def draw(figure: go.Figure, data: pa.Table, say: Say, percent: bool = False) -> go.Figure:
    """Put the lines of a result on all panels of its figure, in place; returns the figure.

    Their labels stand on a ground: over a dark bar they could not be read.
    """
    for line in notes(data).get("lines") or ():
        axis = "x" if line["axis"] == "across" else "y"
        if not line["drawn"]:
            continue
        before = len(figure.layout.shapes)
        value = to_value(line["kind"], line["place"])
        add = figure.add_vline if axis == "x" else figure.add_hline
        add(**{axis: value}, line={"dash": "dot", "width": 1.6})
        own = figure.layout.shapes[before:]
        for shape in own[:1] if len(own) > NAMED else own:
            at = math.log10(line["place"]) if line.get("log") else value  # as Plotly places notes there
            side = {"x": at, "y": 1, "textangle": -90} if axis == "x" else {"x": 1, "y": at}
            figure.add_annotation(
                text=shown(say(_label(line, percent)), 80), xref=shape.xref, yref=shape.yref, showarrow=False,
                xanchor="right", yanchor="top" if axis == "x" else "bottom", borderpad=1, name=ON_GROUND,
                **side,
            )  # fmt: skip
    return figure


def _label(line: Mapping[str, Any], percent: bool = False) -> Note:
    """A line's name and number: "Mean: 12.3", "Target: 100", or the number alone."""
    place = line["place"]
    if line["kind"] in ("date", "datetime"):
        text = str(to_value(line["kind"], place)).removesuffix(" 00:00:00") if place is not None else "\u2013"
    else:
        text = f"{place:.1%}" if percent and place is not None else number(place)
    name = note("{name}", name=line["name"]) if line["name"] else _KINDS.get(line["what"])
    if line["what"] == "quantile" and not line["name"]:
        name = note("{share} quantile", share=f"{line['share']:.4g}")
    return note("{name}: {value}", name=name, value=text) if name else note("{value}", value=text)


_KINDS = {"mean": note("Mean"), "median": note("Median")}


def describe(data: pa.Table, percent: bool = False) -> Note | None:
    """The lines in words, with what their numbers are of."""
    found = notes(data).get("lines")
    return (
        note("Reference lines: {lines}.", lines=listed([_words(line, percent) for line in found]))
        if found
        else None
    )


def _words(line: Mapping[str, Any], percent: bool) -> Note:
    label = _label(line, percent)
    if line["place"] is not None and not line["drawn"]:
        return note("{line} (not drawn: the axis is logarithmic)", line=label)
    if line["what"] == "value":
        return label
    if "marks" in line:
        return note(
            "{line} (of {count:,} mark) | {line} (of {count:,} marks)", line=label, count=line["marks"]
        )
    return note("{line} (of {count:,} row) | {line} (of {count:,} rows)", line=label, count=line["rows"])
