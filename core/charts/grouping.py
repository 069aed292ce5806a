"""Groups: the part of a chart's query that bounds its result.

A category column is cut to its most frequent values; the rest is one group, "other", and rows
without a value are one more, "(missing)". Both are marked in a column of their own, so that a
real value called "other" stays itself.

Counting every value of a long column takes seconds when there are very many of them. Then a sample
proposes the frequent ones, all rows count the proposed, and the chart says what cannot be sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlglot import exp

from core import sql
from core.charts import natural
from core.charts.measuring import kinds
from core.charts.words import OTHERS
from core.contracts import ColumnType, Engine, Table
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

COLOURS = 8
FACETS = 6
COUNTED_ROWS = 2_000_000  # up to here every value is counted
SAMPLED_ROWS = 250_000  # above, as many rows propose the frequent values
FEW_VALUES = 10_000  # found in the sample: counting them all is quick
PROPOSED = 10  # times as many values as are kept


@dataclass(frozen=True)
class Group:
    """One group of rows: a value, the rest of the values ("other"), or no value ("missing")."""

    label: str
    mark: Literal["value", "other", "missing"] = "value"

    def words(self) -> Note:
        """The group's name, to be shown in the reader's language; a value is itself in any."""
        before, _, after = OTHERS.partition("{values}")
        if self.mark == "other" and self.label.startswith(before):
            return note(OTHERS, values=self.label.removeprefix(before).removesuffix(after))
        return note("{label}", label=self.label) if self.mark == "value" else note(self.label)


@dataclass(frozen=True)
class Cut:
    """A category column cut to its most frequent values."""

    column: str
    kept: tuple[Any, ...] | None  # None: all values are kept; dates are texts, for years that Python has not
    others: int | None  # distinct values that became "other"; None: not counted
    sampled: int | None = None  # rows that proposed the values, where others may be as frequent
    kind: ColumnType | None = None
    values: int = COLOURS  # how many there are, where all are kept

    def groups(self) -> int:
        """How many groups there are at most: those of values, the rest, and no value."""
        return (self.values if self.kept is None else len(self.kept)) + 2

    def value(self) -> Any:
        name = sql.name(self.column)
        # of zeros with and without a sign the engine makes one group, called after whichever comes first
        own = sql.template("CASE WHEN :x = 0 THEN abs(:x) ELSE :x END", x=name)
        own = own if self.kind == "number" else name
        if self.kept is None:
            return own
        if not self.kept:
            return exp.Null()
        among: exp.Expr = _among(name, self.kept, self.kind)
        if isinstance(self.kept[0], str) and self.kind not in _DATES:
            # most rows are told apart by a number: comparing long texts takes twice as long
            hashes = [sql.template("hash(:v)", v=value) for value in self.kept]
            among = exp.and_(sql.template("hash(:x)", x=name).isin(*hashes), among)
        return exp.Case(ifs=[exp.If(this=among, true=own.copy())])

    def missing(self) -> Any:
        return sql.template(":x IS NULL", x=sql.name(self.column))


_DATES = {"date": "DATE", "datetime": "TIMESTAMP"}


def _among(name: exp.Column, values: Sequence[Any], kind: ColumnType | None) -> Any:
    """Whether the column has one of these values."""
    nodes: list[exp.Expr] = [sql.literal(value) for value in values]
    return name.isin(*([exp.cast(node, _DATES[kind]) for node in nodes] if kind in _DATES else nodes))


def _read(kind: ColumnType) -> exp.Expr:
    """The column v as it is read from the engine."""
    node: exp.Expr = sql.template("CAST(v AS VARCHAR)") if kind in _DATES else exp.column("v")
    return exp.alias_(node, "v")


def mark(key: str) -> Any:
    """What kind of group a row belongs to, from `Cut.value` and `Cut.missing` under their aliases.

    Both are found before: looking a value up among the kept ones twice would cost as much again.
    """
    return sql.template(
        "CASE WHEN :none THEN 'missing' WHEN :key IS NULL THEN 'other' ELSE 'value' END",
        none=exp.column(f"{key}_is"), key=exp.column(key),
    )  # fmt: skip


def cut(table: Table, engine: Engine, column: str, top: int, size: exp.Expr | None = None) -> Cut:
    """Keep the `top` most frequent values of a column; ties go to the smaller value.

    Where the rest would be one value, it is kept too: it takes no more room under its own name.

    With `size`, an aggregate that adds up, the values are kept in which it is largest.
    """
    kind = kinds(table)[column]
    if kind == "boolean":  # two values at most: nothing to choose among, and nothing to count for it
        return Cut(column, None, 0, kind=kind, values=2)
    rows = 0
    if size is None:
        counted = _from(table, exp.alias_(sql.template("count(*)"), "n"))
        rows = int(engine.rows(counted).column("n")[0].as_py())
    if rows > COUNTED_ROWS:
        found, distinct = _frequent(table, engine, column, top * PROPOSED, spread(rows, SAMPLED_ROWS))
        if distinct > FEW_VALUES:
            return _proposed(table, engine, column, top, found, min(1.0, SAMPLED_ROWS / rows))
    found, distinct = _frequent(table, engine, column, top, size=size)
    if distinct <= top + 1:
        return Cut(column, None, 0, kind=kind, values=distinct)
    return Cut(column, tuple(value for value, _ in found), distinct - top, kind=kind)


def spread(rows: int, most: int) -> exp.Expr | None:
    """A condition that about `most` of so many rows meet, evenly spread and the same each time.

    Steps of the golden ratio around a circle: no rhythm in the rows (weeks, pairs, shifts) can
    fall in with them as it can with every hundredth row. None where no row is left out.
    """
    if rows <= most:
        return None
    condition: exp.Expr = sql.template(
        "(((:row & 2147483647) * 2654435769) & 4294967295) < :share",
        row=sql.name(sql.ROW), share=int(2**32 * most / rows),
    )  # fmt: skip
    return condition


def _from(table: Table, *chosen: exp.Expr) -> exp.Select:
    return exp.select(*chosen).from_(table.query.copy().subquery("t"))


def _frequent(
    table: Table,
    engine: Engine,
    column: str,
    most: int,
    where: exp.Expr | None = None,
    size: exp.Expr | None = None,
) -> tuple[list[tuple[Any, int]], int]:
    """The most frequent values with their rows (or the largest with their size), and how many there are."""
    name = sql.name(column)
    many = sql.template("count(*)") if size is None else sql.template("coalesce(:s, 0)", s=size)
    chosen = exp.alias_(name, "v"), exp.alias_(many, "n")
    counted = _from(table, *chosen).where(sql.template(":x IS NOT NULL", x=name))
    if where is not None:
        counted = counted.where(where)
    counted = counted.group_by(exp.Literal.number(1))  # a column of the table may be called v
    ranked = exp.select("v", "n", exp.alias_(sql.template("count(*) OVER ()"), "all"))
    ranked = ranked.from_(counted.subquery("c")).order_by("n DESC", "v").limit(most)
    query = exp.select(_read(kinds(table)[column]), "n", "all").from_(ranked.subquery("r"))
    rows = engine.rows(query.order_by("r.n DESC", "r.v")).to_pylist()
    return [(row["v"], row["n"]) for row in rows], int(rows[0]["all"]) if rows else 0


def _proposed(
    table: Table, engine: Engine, column: str, top: int, found: list[tuple[Any, int]], share: float
) -> Cut:
    """Of the values a sample found most often those that all rows have most often.

    A value that the sample did not propose had at most as many rows there as the last proposed
    one. Where one as frequent as the last kept value would have had far more, none was missed.
    """
    name, kind = sql.name(column), kinds(table)[column]
    proposed = _among(name, [value for value, _ in found], kind)
    counted = _from(table, exp.alias_(name, "v"), exp.alias_(sql.template("count(*)"), "n"))
    counted = counted.where(proposed).group_by(exp.Literal.number(1))
    query = exp.select(_read(kind), "n").from_(counted.subquery("c")).order_by("n DESC", "c.v").limit(top)
    kept = engine.rows(query).to_pylist()
    expected = kept[-1]["n"] * share
    sure = expected - 5 * expected**0.5 > found[-1][1]
    return Cut(column, tuple(row["v"] for row in kept), None, None if sure else SAMPLED_ROWS, kind)


def grouped(
    table: Table, engine: Engine, keys: Mapping[str, Cut], measures: Mapping[str, exp.Expr],
    extra: Mapping[str, exp.Expr] | None = None, where: exp.Expr | None = None,
) -> pa.Table:  # fmt: skip
    """Group the rows by the cut columns and `extra` expressions, and measure each group.

    The result has a text column and a mark for each key (`colour`, `colour_is`), the extra
    columns, and the measures; groups stand in no particular order.
    """
    inner, outer = _keyed(keys, extra or {})
    by = len(inner)
    inner += [exp.alias_(node, key) for key, node in measures.items()]
    outer += [exp.column(key) for key in measures]
    query = _by(_from(table, *inner), by, where)
    return engine.rows(exp.select(*outer).from_(query.subquery("g")))


def most_frequent(
    table: Table, engine: Engine, column: str, alias: str, keys: Mapping[str, Cut],
    extra: Mapping[str, exp.Expr], where: exp.Expr | None = None,
) -> pa.Table:  # fmt: skip
    """The most frequent value of a column in each group (see `grouped`), and how many values it has there.

    They stand under `alias` and `<alias>_values`; of values as frequent as each other the first one does.
    """
    inner, outer = _keyed(keys, extra)
    names, text = [node.alias for node in inner], sql.template("CAST(:x AS VARCHAR)", x=sql.name(column))
    counted = _from(table, *inner, exp.alias_(text, alias), exp.alias_(sql.template("count(*)"), "n"))
    counted = _by(counted.where(sql.template(":x IS NOT NULL", x=sql.name(column))), len(inner) + 1, where)
    found = {alias: f"first({alias} ORDER BY n DESC, {alias})", f"{alias}_values": "count(*)"}
    best = exp.select(*names, *[exp.alias_(sql.template(text), key) for key, text in found.items()])
    best = _by(best.from_(counted.subquery("c")), len(inner), None)
    return engine.rows(exp.select(*outer, *found).from_(best.subquery("g")))


def _keyed(keys: Mapping[str, Cut], extra: Mapping[str, exp.Expr]) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """What rows are grouped by, and how the groups are written once they are."""
    inner: list[exp.Expr] = []
    outer: list[exp.Expr] = []
    for key, how in keys.items():
        inner += [exp.alias_(how.value(), key), exp.alias_(how.missing(), f"{key}_is")]
        outer += [
            exp.alias_(sql.template("CAST(:k AS VARCHAR)", k=exp.column(key)), key),
            exp.alias_(mark(key), f"{key}_is"),
        ]
    for key, node in extra.items():
        inner.append(exp.alias_(node, key))
        # steps of time become text after the grouping: text is slow to group by
        timed = node.find(exp.TimestampTrunc, exp.DateTrunc) is not None
        shown = sql.template("CAST(:k AS VARCHAR)", k=exp.column(key)) if timed else exp.column(key)
        outer.append(exp.alias_(shown, key))
    return inner, outer


def _by(query: exp.Select, first: int, where: exp.Expr | None) -> exp.Select:
    """The query grouped by its first columns, of the rows that meet a condition."""
    if where is not None:
        query = query.where(where)
    # positions, because an alias may be called like a column of the table
    return query.group_by(*[exp.Literal.number(i + 1) for i in range(first)]) if first else query


def group(label: str | None, mark: str, others: int | None = 0) -> Group:
    if mark == "missing":
        return Group("(missing)", "missing")
    if mark == "other":
        return Group(OTHERS.format(values=f"{others:,}") if (others or 0) > 1 else "other", "other")
    return Group("" if label is None else label)


def in_order(groups: Sequence[Group], size: Mapping[Group, float]) -> list[Group]:
    """Biggest first, ties by name: as the calendar or the numbers go; "other" and "(missing)" stand last."""
    last = {"value": 0, "other": 1, "missing": 2}
    own = natural.places({g.label for g in groups if g.mark == "value"}) or {}
    return sorted(
        set(groups), key=lambda g: (last[g.mark], -size.get(g, 0.0), own.get(g.label, 0.0), g.label)
    )
