"""Which countries a column names, in which spellings, and what it names besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from core import sql
from core.charts.grouping import Group, group
from core.contracts import Engine, Table
from core.meanings.nations import FORMS, known, plain

SPELLINGS = 5_000  # of all countries together


@dataclass(frozen=True)
class Named:
    """What a column says: each country under its most frequent spelling, and other frequent values."""

    codes: dict[str, str] = field(default_factory=dict)  # of the spellings that stand for a country
    spellings: dict[str, list[str]] = field(default_factory=dict)  # all that mean the same, by that one
    others: int = 0  # values that are neither


def named(table: Table, engine: Engine, column: str, unknown: int) -> Named:
    """Find the countries among a column's values; of the values that are none, the most frequent ones."""
    x = sql.name(column)
    counted = exp.select(exp.alias_(x, "v"), exp.alias_(sql.template("count(*)"), "n"))
    counted = counted.from_(table.query.copy().subquery("t")).where(sql.template(":x IS NOT NULL", x=x))
    counted = counted.group_by(exp.Literal.number(1))
    read = exp.select("v", "n", exp.alias_(known("v"), "plain")).from_(counted.subquery("c"))
    among = exp.column("plain").isin(*map(sql.literal, FORMS))
    judged = exp.select("v", "n", "plain", exp.alias_(among, "fits")).from_(read.subquery("p"))
    ranked = exp.select(
        "v", "n", "plain", "fits",
        exp.alias_(sql.template("row_number() OVER (PARTITION BY fits ORDER BY n DESC, v)"), "place"),
        exp.alias_(sql.template("count(*) OVER (PARTITION BY fits)"), "every"),
    ).from_(judged.subquery("j"))  # fmt: skip
    limit = sql.template("place <= CASE WHEN fits THEN :many ELSE :few END", many=SPELLINGS, few=unknown)
    query = exp.select("*").from_(ranked.subquery("r")).where(limit).order_by("place", "v")
    return _read(engine.rows(query).to_pylist())


def _read(rows: list[dict[str, Any]]) -> Named:
    found = Named()
    first: dict[str, str] = {}
    totals: dict[bool, int] = {}
    for row in rows:
        totals[row["fits"]] = row["every"]
        if not row["fits"]:
            found.spellings[row["v"]] = [row["v"]]
            continue
        code = FORMS[row["plain"]]
        name = first.setdefault(code, row["v"])
        found.codes[name] = code
        found.spellings.setdefault(name, []).append(row["v"])
    return Named(found.codes, found.spellings, sum(totals.values()) - len(rows))


def keys(column: str, found: Named) -> dict[str, exp.Expr]:
    """SQL of the spelling that stands for a row's country (or the value itself), and whether it has none."""
    x = sql.name(column)
    every = [one for several in found.spellings.values() for one in several]
    own: Any = exp.Null()
    if every:
        alike = {name: several[1:] for name, several in found.spellings.items() if len(several) > 1}
        same: Any = x
        if alike:
            ifs = [
                exp.If(this=x.isin(*map(sql.literal, more)), true=sql.literal(name))
                for name, more in alike.items()
            ]
            same = exp.Case(ifs=ifs, default=x.copy())
        # comparing each text with hundreds takes seconds; where nothing is left over, none needs it
        own = (
            exp.Case(ifs=[exp.If(this=x.isin(*map(sql.literal, every)), true=same)]) if found.others else same
        )
    return {"place": own, "nothing": sql.template(":x IS NULL", x=x)}


def rest(others: int) -> Group:
    """The values that are neither countries nor frequent, as one group."""
    return group(None, "other", others)


__all__ = ["SPELLINGS", "Named", "keys", "named", "plain", "rest"]
