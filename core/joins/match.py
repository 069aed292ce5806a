"""Who has a partner: rows matched and lost on each side, how rows multiply, and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlglot import exp

from core import sql
from core.contracts import Engine, Schema, Table, near
from core.errors import BadParameter, MissingColumn
from core.params import Frozen
from core.steps.join import Kind
from core.steps.pairing import Pair, check_pairs, same_keys

EXAMPLES = 5  # keys without a partner that are shown
SEGMENTS = 20  # groups of rows that are told apart

Where = Literal["left", "right"]


class Side(Frozen):
    """One table of two: its rows, and those that have a partner in the other."""

    rows: int
    empty: int  # rows whose key is missing: they have no partner
    matched: int  # rows that have one
    keys: int  # different keys
    repeated: int  # keys that stand in several rows
    most: int  # the most rows that one row of the other table has as partners
    lost: tuple[tuple[str, int], ...]  # keys without a partner, the most frequent first, with their rows

    @property
    def alone(self) -> int:
        """Rows without a partner, those without a key among them."""
        return self.rows - self.matched

    @property
    def rate(self) -> float:
        """The share of rows that have a partner; 0 for no rows."""
        return self.matched / self.rows if self.rows else 0.0


class Match(Frozen):
    """What a join would find: both sides, and the rows that matching rows make."""

    left: Side
    right: Side
    pairs: int

    def rows(self, kind: Kind) -> int:
        """How many rows a join of this kind yields."""
        return {
            "inner": self.pairs,
            "left": self.pairs + self.left.alone,
            "right": self.pairs + self.right.alone,
            "full": self.pairs + self.left.alone + self.right.alone,
            "semi": self.left.matched,
            "anti": self.left.alone,
        }[kind]

    @property
    def several(self) -> bool:
        """Whether rows of this table would be repeated."""
        return self.right.most > 1


class Segment(Frozen):
    """Rows with one value of a column (None: missing), or those of all rarer values together."""

    value: str | None
    rows: int
    matched: int
    rest: bool = False

    @property
    def rate(self) -> float:
        return self.matched / self.rows if self.rows else 0.0


def match(left: Table, right: Table, keys: Sequence[Pair], engine: Engine, *, loose: bool = False) -> Match:
    """Count partners on both sides in one query."""
    _check(keys, left.columns, right.columns)
    both = exp.Join(this=_grouped(right, keys, left, right, loose, "r").subquery("r"), side="FULL")
    equal = [exp.EQ(this=sql.name(f"k{i}", "l"), expression=sql.name(f"k{i}", "r")) for i in range(len(keys))]
    both.set("on", exp.and_(*equal))
    counts: dict[str, exp.Expr] = {"pairs": sql.template("coalesce(sum(l.n * r.n), 0)")}
    for one, other in (("l", "r"), ("r", "l")):
        n, m = sql.name("n", one), sql.name("n", other)
        shown = [sql.name(f"k{i}", one) for i in range(len(keys))]
        text = exp.cast(shown[0], "VARCHAR")
        for cell in shown[1:]:
            text = sql.template(":a || ' · ' || CAST(:b AS VARCHAR)", a=text, b=cell)
        here = f"{one}_"
        counts[here + "matched"] = sql.template(
            "coalesce(sum(:n) FILTER (WHERE NOT :m IS NULL), 0)", n=n, m=m
        )
        counts[here + "keys"] = sql.template("count(:n)", n=n)
        counts[here + "repeated"] = sql.template("count(*) FILTER (WHERE :n > 1)", n=n)
        counts[here + "most"] = sql.template("coalesce(max(:n) FILTER (WHERE NOT :m IS NULL), 0)", n=n, m=m)
        lost = {"text": text, "n": n, "m": m, "most": EXAMPLES}
        for name, what in (("lost", ":text"), ("lost_rows", ":n")):
            # of equally frequent keys the letters decide: always the same ones are shown
            order = "struct_pack(n := :n, t := :text)"
            best = f"arg_max({what}, {order}, :most) FILTER (WHERE NOT :n IS NULL AND :m IS NULL)"
            counts[here + name] = sql.template(best, **lost)
    grouped = _grouped(left, keys, left, right, loose, "l").subquery("l")
    query = sql.select_values(counts).from_(grouped).join(both)
    for side, table in (("l", left), ("r", right)):
        total = exp.select(exp.alias_(sql.template("count(*)"), f"{side}_rows")).from_(
            table.query.subquery("t")
        )
        missing = _missing(keys, left, right, side, table)
        query = exp.select("*").from_(query.subquery("q")).join(total.subquery("a"), join_type="cross")
        query = query.join(missing.subquery("b"), join_type="cross")
    found = engine.rows(query).to_pylist()[0]
    return Match(left=_side(found, "l"), right=_side(found, "r"), pairs=int(found["pairs"]))


def segments(
    left: Table,
    right: Table,
    keys: Sequence[Pair],
    by: str,
    engine: Engine,
    *,
    loose: bool = False,
    where: Where = "left",
) -> tuple[Segment, ...]:
    """The rows of one table by a column's values, the most frequent first, with how many have a partner.

    Values beyond the twenty most frequent stand together at the end.
    """  # fmt: skip
    _check(keys, left.columns, right.columns)
    table = left if where == "left" else right
    if by not in table.names():
        raise MissingColumn(
            needs="The rates by group",
            column=by,
            candidates=", ".join(near(by, dict.fromkeys(table.names()))),
        )
    here, there = ("l", "r") if where == "left" else ("r", "l")
    mine = dict(zip(("l", "r"), (left, right), strict=True))
    cells: dict[str, exp.Expr] = {f"k{i}": key for i, key in enumerate(_keys(keys, left, right, loose, here))}
    cells["v"] = exp.cast(sql.name(by, here), "VARCHAR")
    rows = sql.select_values(cells).from_(mine[here].query.subquery(here))
    others = _grouped(mine[there], keys, left, right, loose, there)
    equal = [exp.EQ(this=sql.name(f"k{i}", "m"), expression=sql.name(f"k{i}", "o")) for i in range(len(keys))]
    counts = {
        "v": sql.name("v", "m"), "rows": sql.template("count(*)"),
        "matched": sql.template("count(:n)", n=sql.name("n", "o")),
    }  # fmt: skip
    query = (
        sql.select_values(counts)
        .from_(rows.subquery("m"))
        .join(others.subquery("o"), on=exp.and_(*equal), join_type="left")
        .group_by(sql.name("v", "m"))
    )
    place = sql.template(
        "row_number() OVER (ORDER BY :rows DESC, :v NULLS LAST)", rows=sql.name("rows"), v=sql.name("v")
    )
    ranked = exp.select("*", exp.alias_(place, "place")).from_(query.subquery("q"))
    rest = sql.template(":place > :most", place=sql.name("place"), most=SEGMENTS)
    told = {
        "v": sql.template("CASE WHEN :rest THEN NULL ELSE :v END", rest=rest, v=sql.name("v")),
        "rest": rest,
        "rows": sql.template("sum(:x)", x=sql.name("rows")),
        "matched": sql.template("sum(:x)", x=sql.name("matched")),
        "first": sql.template("min(:x)", x=sql.name("place")),
    }
    whole = sql.select_values(told).from_(ranked.subquery("p")).group_by(told["v"].copy(), rest.copy())
    found = engine.rows(whole.order_by(sql.name("first"))).to_pylist()
    return tuple(
        Segment(value=row["v"], rows=int(row["rows"]), matched=int(row["matched"]), rest=row["rest"])
        for row in found
    )


def _check(keys: Sequence[Pair], columns: Schema, theirs: Schema) -> None:
    if not keys:
        raise BadParameter("A join needs a key.", hint="Choose a column of each table.")
    for side, known in (("column", columns), ("other", theirs)):
        names = [column.name for column in known]
        for pair in keys:
            name = getattr(pair, side)
            if name not in names:
                raise MissingColumn(
                    needs="The key", column=name, candidates=", ".join(near(name, dict.fromkeys(names)))
                )
    check_pairs(keys, columns, theirs, "Join")


def _keys(keys: Sequence[Pair], left: Table, right: Table, loose: bool, side: str) -> list[exp.Expr]:
    found = same_keys(keys, left.columns, right.columns, loose, "l", "r")
    return [same.this if side == "l" else same.expression for same in found]


def _grouped(
    table: Table, keys: Sequence[Pair], left: Table, right: Table, loose: bool, side: str
) -> exp.Select:
    """Each key of a table and in how many rows it stands; rows without a key are left out."""
    cells = _keys(keys, left, right, loose, side)
    shown: dict[str, exp.Expr] = {f"k{i}": cell for i, cell in enumerate(cells)}
    shown["n"] = sql.template("count(*)")
    there = exp.and_(*(sql.template("NOT :x IS NULL", x=cell) for cell in cells))
    query = sql.select_values(shown).from_(table.query.subquery(side)).where(there)
    return query.group_by(*(cell.copy() for cell in cells))


def _missing(keys: Sequence[Pair], left: Table, right: Table, side: str, table: Table) -> exp.Select:
    gone = exp.or_(*(sql.template(":x IS NULL", x=cell) for cell in _keys(keys, left, right, False, side)))
    counted = sql.template("count(*) FILTER (WHERE :gone)", gone=gone)
    return exp.select(exp.alias_(counted, f"{side}_empty")).from_(table.query.subquery(side))


def _side(found: dict[str, object], side: str) -> Side:
    numbers = {
        name: int(str(found[f"{side}_{name}"]))
        for name in ("rows", "empty", "matched", "keys", "repeated", "most")
    }
    lost, rows = found[f"{side}_lost"] or [], found[f"{side}_lost_rows"] or []
    assert isinstance(lost, list)
    assert isinstance(rows, list)
    return Side(**numbers, lost=tuple(zip(lost, map(int, rows), strict=True)))
