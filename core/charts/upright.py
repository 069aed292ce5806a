"""One axis of parallel coordinates: its places and their names, and the rows that a brush over it takes."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from core import sql
from core.charts.grouping import Cut, Group, group, in_order
from core.charts.parts import among_groups
from core.charts.words import number
from core.contracts import Engine, Span, Table
from core.ordinal import TAME, edge
from core.within import Within
from core.wording import Note

Axis = dict[str, Any]  # as JSON: {"groups", "places"} of a category, {"low", "high", "width", "places"} else


def category(table: Table, engine: Engine, how: Cut) -> tuple[Axis, exp.Expr]:
    """The axis of a category: its frequent values, the rest, and the rows without one."""
    name = sql.name(how.column)
    text = sql.template("CAST(:x AS VARCHAR)", x=name)
    kept = how.kept
    if kept is None:
        each = exp.select(exp.alias_(name, "v"), exp.alias_(sql.template("count(*)"), "n"))
        each = each.from_(table.query.copy().subquery("t")).group_by(exp.Literal.number(1))
        found = exp.select(exp.alias_(sql.template("CAST(g.v AS VARCHAR)"), "v"), "n")
        rows = engine.rows(found.from_(each.subquery("g"))).to_pylist()
        gaps = any(row["v"] is None for row in rows)
        size = {Group(row["v"]): float(row["n"]) for row in rows if row["v"] is not None}
        values = [one.label for one in in_order(list(size), size)]
    else:
        query = exp.select(*[
            exp.alias_(sql.template("CAST(:v AS VARCHAR)", v=value), f"k{i}") for i, value in enumerate(kept)
        ])  # fmt: skip
        values = list(engine.rows(query).to_pylist()[0].values()) if kept else []
        none = exp.select(exp.alias_(sql.template("count(*) - count(:x)", x=name), "n"))
        gaps = bool(engine.rows(none.from_(table.query.copy().subquery("t"))).column("n")[0].as_py())
    groups = [Group(value) for value in values]
    groups += [] if kept is None else [group(None, "other", how.others)]
    if gaps:
        groups.append(group(None, "missing"))
    place: Any = exp.Case(
        ifs=[exp.If(this=sql.template(":x IS NULL", x=name), true=exp.Literal.number(len(groups) - 1))],
        default=exp.Literal.number(len(values)),
    )
    for i, value in enumerate(values):
        place = place.when(sql.template(":x = :v", x=text, v=value), exp.Literal.number(i))
    axis = {"groups": [[one.label, one.mark] for one in groups], "places": len(groups)}
    return axis, place


def label(axis: Axis, place: int) -> str:
    """A place as the chart's rows name it."""
    if "groups" in axis:
        return str(axis["groups"][place][0])
    start = axis["low"] + axis["width"] * place
    return f"{number(start)} \u2013 {number(start + axis['width'])}"


def spoken(axis: Axis, place: int) -> Note | str:
    """A place as a sentence names it."""
    return Group(*axis["groups"][place]).words() if "groups" in axis else label(axis, place)


def within(axis: Axis, column: str, first: int, last: int) -> Within:
    """What is true of the rows from one place of an axis to another."""
    if "groups" in axis:
        groups = [Group(*one) for one in axis["groups"]]
        return among_groups(column, groups, groups[first : last + 1])
    ends = [edge(axis["low"], axis["width"], i) for i in (first, last + 1)]
    most = last == axis["places"] - 1
    return Within(column=column, low=ends[0] if first else -TAME, high=TAME if most else ends[1])


def brushed(axis: Axis, span: Span) -> tuple[int, int] | None:
    """The places whose middles lie in a part of the axis, given from 0 to 1: the first and the last one.

    A stroke between two middles takes the place that it was made on; None where it missed the axis.
    """
    low, high = (float(end) * axis["places"] - 0.5 for end in sorted(map(float, span)))
    first, last = max(0, -int(-low // 1)), min(axis["places"] - 1, int(high // 1))
    if first <= last:
        return first, last
    nearest = round((low + high) / 2)
    return (nearest, nearest) if 0 <= nearest < axis["places"] else None


def span_of(axis: Axis, column: str, part: Within) -> Span | None:
    """Which part of the axis a condition that `within` made takes, from 0 to 1."""
    count = axis["places"]
    for first in range(count):
        for last in range(first, count):
            if within(axis, column, first, last) == part:
                return first / count, (last + 1) / count
    return None


def marks(axis: Axis) -> list[tuple[float, Note | str]]:
    """What stands beside the axis, and how high."""
    if "groups" in axis:
        count = axis["places"]
        return [((i + 0.5) / count, Group(*one).words()) for i, one in enumerate(axis["groups"])]
    return [(0.0, number(axis["low"])), (1.0, number(axis["high"]))]
