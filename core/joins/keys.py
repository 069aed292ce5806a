"""Likely keys of two tables: pairs of columns by their names, their types and the values both have.

Values are compared by their hashes. Of a column with many values those are taken whose hash falls in
one part of all: equal values have equal hashes, so that what both tables have is in the part of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from core import sql
from core.contracts import Column, ColumnType, Engine, Table
from core.joins.names import alike
from core.params import Frozen
from core.steps.pairing import common
from core.steps.types import ChangeType

HEAD = 1_000_000  # rows by which the number of a column's values is estimated
VALUES = 4_096  # values of a column that are compared, about
FEWEST = 30  # values that must be left to compare, where there are more
MOST_COLUMNS = 16  # of each table
SEVERAL = 3  # columns of a key of several
WORTH = 0.35  # the score from which a pair is told


class Likely(Frozen):
    """Two columns that may be a key, with what speaks for it.

    The shares are of different values: `found` of this column's in the other, `covered` of the other's
    in this. `loosely` is `found` when case, spaces and zeros in front of numbers are ignored.
    """

    column: str
    other: str
    names: float  # how alike the names are, from 0 to 1
    found: float
    covered: float
    loosely: float
    single: float  # the share of this column's values that stand in one row only
    other_single: float
    compared: int  # values of this column that were looked for; fewer than all in a large table
    mend: dict[str, object] | None = None  # the step on this table that makes both types the same
    mend_other: dict[str, object] | None = None  # the same on the other table

    @property
    def loose(self) -> bool:
        """Whether texts meet better when case and spaces are ignored."""
        return self.mend is None and self.mend_other is None and self.loosely > self.found + 0.005

    @property
    def unique(self) -> bool:
        """Whether on one side no value stands twice (of those compared)."""
        return max(self.single, self.other_single) == 1

    @property
    def score(self) -> float:
        """How likely the pair is a key: values found on both sides, like names, a side without repetition."""
        shared = max(self.loosely, self.found)
        # small whole numbers lie within others by chance: the lesser share says more
        both = 0.4 * max(shared, self.covered) + 0.6 * min(shared, self.covered)
        return 0.5 * both + 0.3 * self.names + 0.2 * max(self.single, self.other_single)


@dataclass(frozen=True)
class _Sample:
    """Some of a column's values: hash -> hashes of its spellings, and the share that stands in one row."""

    part: int  # values are here whose hash is a multiple of it
    values: dict[int, set[int]]
    single: float

    def at(self, part: int) -> dict[int, set[int]]:
        return {h: forms for h, forms in self.values.items() if h % part == 0}


def likely(
    left: Table, right: Table, engine: Engine, called: tuple[str, str] = ("", "")
) -> tuple[Likely, ...]:
    """Pairs of columns that may be a key, the likeliest first; five at most.

    With what the tables are `called`, the "id" of "customers" is like a column "customer".
    """
    pairs = _worth_comparing(left.columns, right.columns, called)
    mine = _samples(left, [one for one, _ in pairs], engine)
    theirs = _samples(right, [other for _, other in pairs], engine)
    small = [(a, b) for a, b in pairs if _too_few(mine[a.name], theirs[b.name])]
    counted = _counted(left, right, small, engine)
    found = []
    for one, other in pairs:
        known = _compared(one, other, mine[one.name], theirs[other.name], counted.get((one.name, other.name)))
        known = known.model_copy(update={"names": alike(one.name, other.name, called)})
        if known.score >= WORTH and (known.found or known.loosely or known.covered):
            found.append(known)
    return tuple(sorted(found, key=lambda pair: -pair.score)[:5])


def chosen(found: Sequence[Likely]) -> tuple[Likely, ...]:
    """The likeliest key: one pair of columns, or up to three with like names where none is unique alone."""
    if not found:
        return ()
    first = found[0]
    key = [first]
    for pair in found[1:] if not first.unique else ():
        apart = all(pair.column != one.column and pair.other != one.other for one in key)
        if apart and pair.names == 1 and pair.loosely >= 0.5 and len(key) < SEVERAL:
            key.append(pair)
    return tuple(key)


def _worth_comparing(
    left: Sequence[Column], right: Sequence[Column], called: tuple[str, str]
) -> list[tuple[Column, Column]]:
    """Pairs whose types can be equal, or could after a change of type; those with like names first."""
    pairs = [(alike(a.name, b.name, called), a, b) for a in left for b in right if _possible(a, b)]
    pairs.sort(key=lambda pair: -pair[0])
    kept: list[tuple[Column, Column]] = []
    mine, theirs = set[str](), set[str]()
    for _, a, b in pairs:
        if len(mine | {a.name}) <= MOST_COLUMNS and len(theirs | {b.name}) <= MOST_COLUMNS:
            mine.add(a.name)
            theirs.add(b.name)
            kept.append((a, b))
    return kept


def _possible(one: Column, other: Column) -> bool:
    kinds: set[ColumnType] = {one.type, other.type}
    if "boolean" in kinds:
        return False
    if "number" in kinds:  # measurements are no keys, unless they are called the same
        return alike(one.name, other.name) == 1 and kinds <= {"number", "integer", "text"}
    return common(one.type, other.type) is not None or kinds == {"text", "integer"}


def _plain(cell: exp.Expr, kind: ColumnType) -> exp.Expr:
    """A value as the text under which it is the same in every type and spelling."""
    if kind == "text":  # the slow replacements only where there is something to replace
        cell = sql.template("lower(trim(:x))", x=cell)
        several = r"CASE WHEN contains(:x, '  ') THEN regexp_replace(:x, '\s+', ' ', 'g') ELSE :x END"
        zeros = r"CASE WHEN starts_with(:x, '0') THEN regexp_replace(:x, '^0+([0-9]+)$', '\1') ELSE :x END"
        node: exp.Expr = sql.template(zeros, x=sql.template(several, x=cell))
        return node
    forms = {
        "number": "CASE WHEN :x = trunc(:x) AND abs(:x) < 1e15 THEN CAST(CAST(:x AS BIGINT) AS VARCHAR)"
        " ELSE CAST(:x AS VARCHAR) END",
        "integer": "CAST(:x AS VARCHAR)",
    }
    node = sql.template(forms.get(kind, "CAST(epoch_us(CAST(:x AS TIMESTAMP)) AS VARCHAR)"), x=cell)
    return node


def _samples(table: Table, columns: Sequence[Column], engine: Engine) -> dict[str, _Sample]:
    """Some values of each column, by its name; two queries."""
    wanted = list({column.name: column for column in columns}.values())
    if not wanted:
        return {}
    parts = _parts(table, wanted, engine)
    queries = []
    for place, column in enumerate(wanted):
        cell = sql.name(column.name, "t")
        hashes = {"h": sql.template("hash(:x)", x=_plain(cell, column.type)), "e": exp.Null()}
        hashes["e"] = sql.template("hash(:x)", x=cell) if column.type == "text" else hashes["h"].copy()
        there = sql.template("NOT :x IS NULL", x=cell)
        inner = sql.select_values(hashes).from_(table.query.subquery("t")).where(there)
        shown = {
            "i": sql.literal(place),
            "h": sql.name("h"),
            "e": sql.name("e"),
            "n": sql.template("count(*)"),
        }
        part = sql.template(":h % :part = 0", h=sql.name("h"), part=parts[column.name])
        some = sql.select_values(shown).from_(inner.subquery("v")).where(part)
        queries.append(some.group_by(sql.name("h"), sql.name("e")))
    whole: exp.Query = queries[0] if len(queries) == 1 else exp.union(*queries, distinct=False)
    rows = engine.rows(whole)
    values: list[dict[int, set[int]]] = [{} for _ in wanted]
    once = [0 for _ in wanted]
    for i, h, e, n in zip(*(rows.column(name).to_pylist() for name in "ihen"), strict=True):
        values[i].setdefault(h, set()).add(e)
        once[i] += n == 1
    return {
        column.name: _Sample(parts[column.name], values[place], _share(once[place], len(values[place])))
        for place, column in enumerate(wanted)
    }


def _parts(table: Table, columns: Sequence[Column], engine: Engine) -> dict[str, int]:
    """How many parts a column's values fall in, so that one has about as many as are compared."""
    counts = [exp.alias_(sql.template("count(*)"), "n")]
    for place, column in enumerate(columns):
        counts.append(
            exp.alias_(sql.template("approx_count_distinct(:x)", x=sql.name(column.name, "t")), f"d{place}")
        )
    all_rows = exp.select(exp.alias_(sql.template("count(*)"), "total")).from_(table.query.subquery("a"))
    head = sql.template(":row < :head", row=sql.name(sql.ROW, "t"), head=HEAD)
    counted = exp.select(*counts).from_(table.query.subquery("t")).where(head)
    query = exp.select("*").from_(counted.subquery("c")).join(all_rows.subquery("r"), join_type="cross")
    row = engine.rows(query).to_pylist()[0]
    found = {}
    for place, column in enumerate(columns):
        distinct = row[f"d{place}"]
        if row["n"] and distinct > 0.1 * row["n"]:  # goes on growing behind the head
            distinct *= row["total"] / row["n"]
        found[column.name] = 1 << max(0, round(distinct / VALUES).bit_length() - 1)
    return found


def _too_few(one: _Sample, other: _Sample) -> bool:
    """Whether a part of all values leaves too few of the side that has few."""
    part = max(one.part, other.part)
    return part > 1 and min(len(one.at(part)), len(other.at(part))) < FEWEST


Counts = tuple[int, int, int]  # values of this column, of the other, and those that both have


def _counted(
    left: Table, right: Table, pairs: Sequence[tuple[Column, Column]], engine: Engine
) -> Mapping[tuple[str, str], Counts]:
    """All values of two columns compared, for the few pairs that are most alike by name; one query."""
    pairs = list(pairs)[:6]
    queries = []
    for place, (one, other) in enumerate(pairs):
        sides = []
        for table, column, flag in ((left, one, "a"), (right, other, "b")):
            cell = sql.name(column.name, "t")
            shown = {"v": _plain(cell, column.type), "a": exp.Boolean(this=flag == "a")}
            there = sql.template("NOT :x IS NULL", x=cell)
            sides.append(sql.select_values(shown).from_(table.query.subquery("t")).where(there))
        both = sql.select_values(
            {
                "a": sql.template("bool_or(:a)", a=sql.name("a")),
                "b": sql.template("bool_or(NOT :a)", a=sql.name("a")),
            }
        )
        both = both.from_(exp.union(*sides, distinct=False).subquery("u")).group_by(sql.name("v"))
        counts = {"i": sql.literal(place)}
        for name, rule in (("mine", "a"), ("theirs", "b"), ("both", "a AND b")):
            counts[name] = sql.template(f"count(*) FILTER (WHERE {rule})")
        queries.append(sql.select_values(counts).from_(both.subquery("g")))
    if not queries:
        return {}
    whole: exp.Query = queries[0] if len(queries) == 1 else exp.union(*queries, distinct=False)
    return {
        (pairs[row["i"]][0].name, pairs[row["i"]][1].name): (row["mine"], row["theirs"], row["both"])
        for row in engine.rows(whole).to_pylist()
    }


def _compared(one: Column, other: Column, mine: _Sample, theirs: _Sample, counted: Counts | None) -> Likely:
    part = max(mine.part, theirs.part)
    a, b = mine.at(part), theirs.at(part)
    both = a.keys() & b.keys()
    exact = sum(not a[h].isdisjoint(b[h]) for h in both)
    found, loosely, covered = _share(exact, len(a)), _share(len(both), len(a)), _share(len(both), len(b))
    compared = len(a)
    if counted is not None:
        compared, others, shared = counted
        found = loosely = _share(shared, compared)
        covered = _share(shared, others)
    mend, mend_other = _mends(one, other, exact, len(both))
    return Likely(
        column=one.name, other=other.name, names=alike(one.name, other.name), found=found, covered=covered,
        loosely=loosely, single=min(1.0, mine.single), other_single=min(1.0, theirs.single),
        compared=compared, mend=mend, mend_other=mend_other,
    )  # fmt: skip


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


def _mends(
    one: Column, other: Column, exact: int, both: int
) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    """The step that makes the types the same: on this table where it can be, else on the other."""
    if common(one.type, other.type) is not None:
        return None, None
    if one.type == "text":
        return ChangeType(columns=(one.name,), to=other.type).to_json(), None
    if exact >= both:  # the other's texts are numbers as these would be written
        return ChangeType(columns=(one.name,), to="text").to_json(), None
    return None, ChangeType(columns=(other.name,), to=one.type).to_json()
