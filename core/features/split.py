"""Which rows a model learns from, and which are kept aside to judge it.

Every row's place is an expression in SQL, the same at each reading: a hash of its row number and
the seed (random), its time, or a hash of its group. Nothing is stored per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Engine, Table, Task
from core.errors import BadInput, BadParameter, MissingColumn
from core.features.aggregates import one_row
from core.params import ColumnName, Frozen, Number
from core.wording import Note, note

TRAIN, VALID, TEST = 0, 1, 2
PART = "__part__"


class Split(Frozen):
    """How rows are divided into training, validation and test rows."""

    kind: Literal["random", "time", "group"] = P(
        default="random",
        title="Split",
        description="Random: by chance, each class in proportion. Time: the latest rows are the test. "
        "Group: all rows of a group (a customer, a patient) stay together.",
    )
    test_share: Annotated[float, Number(0, 0.9, 0.05)] = P(
        default=0.2,
        ge=0,
        le=0.9,
        title="Test share",
        description="The share of rows kept aside to judge the model. 0 fits on all rows.",
    )
    validation_share: Annotated[float, Number(0, 0.5, 0.05)] = P(
        default=0.15,
        ge=0,
        le=0.5,
        title="Validation share",
        description="The share of the other rows that says when to stop training. "
        "Exact solvers do not need it and learn from these rows too.",
    )
    column: Annotated[str, ColumnName()] | None = P(
        default=None, title="Split column", description="The column that holds the time or the group."
    )


@dataclass(frozen=True)
class Division:
    """Where every row goes: `part` yields 0 (train), 1 (validation) or 2 (test) for rows `usable`."""

    usable: exp.Expr
    part: exp.Expr
    rows: tuple[int, int, int]  # training, validation and test rows
    left_out: dict[Note, int]  # rows that cannot be used, by reason
    notes: tuple[Note, ...] = ()

    def relation(self, table: Table) -> exp.Select:
        """The usable rows of the table as a relation `d` with the extra column `PART`."""
        inner = exp.select("*", exp.alias_(self.part.copy(), PART, quoted=True))
        return inner.from_(table.query.subquery("t")).where(self.usable.copy())


def divide(
    table: Table, engine: Engine, target: str, task: Task, split: Split, seed: int, validation: bool
) -> Division:
    """Divide the table's rows; raises BadInput when too few can be used."""
    types = {column.name: column.type for column in table.columns}
    if target not in types:
        raise MissingColumn(needs="The target", column=target, candidates=", ".join(table.names()[:5]))
    conditions = [sql.template("NOT :y IS NULL", y=sql.name(target))]
    if types[target] == "number":
        conditions.append(sql.template("isfinite(:y)", y=sql.name(target)))
    number = types[target] == "number"
    missing = "{column} is missing or infinite" if number else "{column} is missing"
    reasons = [note(missing, column=target)]
    counts = [exp.and_(*conditions)]
    if split.kind != "random":
        column = _split_column(split, types)
        conditions.append(sql.template("NOT :c IS NULL", c=sql.name(column)))
        reasons.append(note("{column}, which the split needs, is missing", column=column))
        counts.append(exp.and_(*conditions))
    usable = exp.and_(*conditions)
    tallies = {"all": sql.template("count(*)")}
    tallies |= {f"kept{i}": sql.template("count_if(:c)", c=c) for i, c in enumerate(counts)}
    total, *kept = (int(count or 0) for count in one_row(engine, table.query, tallies).values())
    before = [total, *kept[:-1]]
    left_out = {why: a - b for why, a, b in zip(reasons, before, kept, strict=True) if a > b}
    _enough(kept[-1], split, target)
    shares = (split.test_share, split.validation_share if validation and split.test_share > 0 else 0.0)
    part, notes = _part(table, engine, usable, target, task, split, seed, shares)
    division = Division(usable, part, (0, 0, 0), left_out, notes)
    grouped = exp.select(sql.name(PART), exp.alias_(sql.template("count(*)"), "n")).from_(
        division.relation(table).subquery("d")
    )
    found = {row[PART]: row["n"] for row in engine.rows(grouped.group_by(sql.name(PART))).to_pylist()}
    rows = (found.get(TRAIN, 0), found.get(VALID, 0), found.get(TEST, 0))
    _checked(rows, split)
    return Division(usable, part, rows, left_out, notes)


def _split_column(split: Split, types: dict[str, Any]) -> str:
    if split.column is None:
        raise BadParameter("A split by {kind} needs to know its column.", kind=split.kind)
    if split.column not in types:
        raise MissingColumn(needs="The split", column=split.column, candidates=", ".join(list(types)[:5]))
    if split.kind == "time" and types[split.column] not in ("date", "datetime", "integer", "number"):
        raise BadParameter(
            "A split by time needs a date, a time or a number; {column!r} is {got}.",
            hint="Change the column's type first.",
            column=split.column,
            got=note(types[split.column]),
        )
    return split.column


def _enough(rows: int, split: Split, target: str) -> None:
    needed = 3 if split.test_share else 2
    if rows < needed:
        raise BadInput(
            "Fitting needs at least {needed} rows that have a value in {target!r}; this table has {rows}.",
            hint="Add rows, or choose another target.",
            needed=needed,
            target=target,
            rows=rows,
        )


def _checked(rows: tuple[int, int, int], split: Split) -> None:
    if rows[TRAIN] < 2 or (split.test_share > 0 and rows[TEST] == 0):
        raise BadInput(
            "This split leaves {train} rows to learn from and {test} to judge by.",
            hint="Choose another split column or share: all rows may have the same time or group.",
            train=rows[TRAIN],
            test=rows[TEST],
        )


def _part(
    table: Table,
    engine: Engine,
    usable: exp.Expr,
    target: str,
    task: Task,
    split: Split,
    seed: int,
    shares: tuple[float, float],
) -> tuple[exp.Expr, tuple[Note, ...]]:
    if shares[0] == 0:
        return sql.literal(TRAIN), ()
    base = exp.select("*").from_(table.query.subquery("t")).where(usable.copy())
    if split.kind == "time":
        return _by_time(base, engine, sql.name(str(split.column)), shares), ()
    if split.kind == "group":
        key = _hash(sql.template("CAST(:c AS VARCHAR)", c=sql.name(str(split.column))), seed)
        return _by_group(base, engine, key, shares), ()
    key = _hash(sql.template("CAST(:c AS VARCHAR)", c=sql.name(sql.ROW)), seed)
    if task == "category":
        label = sql.template("CAST(:y AS VARCHAR)", y=sql.name(target))
        part = _by_chance(base, engine, key, label, shares)
        if part is not None:
            return part, ()
        said = note("The classes are too small to be divided in proportion: the split is by chance alone.")
        return _by_chance(base, engine, key, None, shares) or sql.literal(TRAIN), (said,)
    return _by_chance(base, engine, key, None, shares) or sql.literal(TRAIN), ()


def _hash(value: exp.Expr, seed: int) -> exp.Expr:
    # md5 and not hash(): the same in every version of the engine and on every machine
    return sql.template("md5_number_upper(concat(:seed, ':', :value))", seed=str(seed), value=value)  # type: ignore[no-any-return]


def _by_chance(
    base: exp.Select, engine: Engine, key: exp.Expr, label: exp.Expr | None, shares: tuple[float, float]
) -> exp.Expr | None:
    """The smallest hashes of each class are its test rows, the next its validation rows."""
    ranked = sql.template(
        "SELECT s, h, row_number() OVER (PARTITION BY s ORDER BY h) AS i, "
        "count(*) OVER (PARTITION BY s) AS n FROM d"
    )
    stratum = label.copy() if label is not None else sql.literal("all")
    # one row of every class at least stays in training; without classes one is always tested
    test = sql.template(
        "least(n - 1, greatest(:one, CAST(round(n * :share) AS BIGINT)))",
        one=0 if label is not None else 1,
        share=shares[0],
    )
    valid = sql.template("least(n - k - 1, CAST(round((n - k) * :share) AS BIGINT))", share=shares[1])
    query = (
        sql.template("SELECT s, max(h) FILTER (WHERE i <= k) AS a, "
            "max(h) FILTER (WHERE i <= k + v) AS b FROM w")
        .group_by("s")
        .order_by("s")
        .with_("d", as_=exp.select(
            exp.alias_(stratum, "s"), exp.alias_(key.copy(), "h")
        ).from_(base.subquery("t")))
        .with_("r", as_=ranked)
        .with_("u", as_=exp.select("*", exp.alias_(test, "k")).from_("r"))
        .with_("w", as_=exp.select("*", exp.alias_(valid, "v")).from_("u"))
    )  # fmt: skip
    cuts = engine.rows(query).to_pylist()
    if not any(cut["a"] is not None for cut in cuts):
        return None
    if len(cuts) > 1000:
        raise BadInput("The target has {n} classes; at most 1000 can be learned.", n=len(cuts))
    if label is None:
        return _cases(key, cuts[0]["a"], cuts[0]["b"])
    case = exp.Case(this=label.copy())
    for cut in cuts:
        case = case.when(sql.literal(cut["s"]), _cases(key, cut["a"], cut["b"]))
    return case.else_(sql.literal(TRAIN))


def _cases(key: exp.Expr, test: Any, valid: Any) -> exp.Expr:
    case = exp.Case()
    if test is not None:
        case = case.when(sql.template(":h <= :cut", h=key, cut=test), sql.literal(TEST))
    if valid is not None and valid != test:
        case = case.when(sql.template(":h <= :cut", h=key, cut=valid), sql.literal(VALID))
    return case.else_(sql.literal(TRAIN)) if case.args.get("ifs") else sql.literal(TRAIN)


def _by_time(base: exp.Select, engine: Engine, time: exp.Expr, shares: tuple[float, float]) -> exp.Expr:
    """Rows later than a moment are the test; rows of one moment are never divided."""
    query = sql.template(
        "SELECT max(t) FILTER (WHERE i <= n - greatest(1, round(n * :share))) AS a, "
        "max(t) FILTER (WHERE i <= (n - greatest(1, round(n * :share))) * (1 - :valid)) AS b FROM r",
        share=shares[0],
        valid=shares[1],
    )
    query = query.with_("d", as_=exp.select(exp.alias_(time.copy(), "t")).from_(base.subquery("x"))).with_(
        "r", as_=sql.template("SELECT t, row_number() OVER (ORDER BY t) AS i, count(*) OVER () AS n FROM d")
    )
    cut = engine.rows(query).to_pylist()[0]
    case = exp.Case().when(sql.template(":t > :cut", t=time, cut=cut["a"]), sql.literal(TEST))
    if shares[1] and cut["b"] is not None:
        case = case.when(sql.template(":t > :cut", t=time, cut=cut["b"]), sql.literal(VALID))
    return case.else_(sql.literal(TRAIN))


def _by_group(base: exp.Select, engine: Engine, key: exp.Expr, shares: tuple[float, float]) -> exp.Expr:
    """Whole groups, by the order of their hash, until the share is reached."""
    query = (
        sql.template("SELECT h, sum(c) OVER (ORDER BY h) AS cum, sum(c) OVER () AS n FROM d")
        .with_("e", as_=exp.select(exp.alias_(key.copy(), "h")).from_(base.subquery("x")))
        .with_("d", as_=sql.template("SELECT h, count(*) AS c FROM e GROUP BY h"))
    )
    outer = sql.template(
        "SELECT coalesce(max(h) FILTER (WHERE cum <= n * :share), min(h)) AS a, min(n) AS n FROM g",
        share=shares[0],
    )
    test = engine.rows(outer.with_("g", as_=query.copy())).to_pylist()[0]
    case = exp.Case().when(sql.template(":h <= :cut", h=key, cut=test["a"]), sql.literal(TEST))
    if shares[1]:
        rest = sql.template(
            "SELECT coalesce(max(h) FILTER (WHERE h > :a AND cum <= n * (:test + (1 - :test) * :share)), "
            "min(h) FILTER (WHERE h > :a)) AS b, max(h) AS top FROM g",
            a=test["a"],
            test=shares[0],
            share=shares[1],
        )
        found = engine.rows(rest.with_("g", as_=query)).to_pylist()[0]
        if found["b"] is not None and found["b"] != found["top"]:
            case = case.when(sql.template(":h <= :cut", h=key, cut=found["b"]), sql.literal(VALID))
    return case.else_(sql.literal(TRAIN))
