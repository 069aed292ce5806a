"""What a rule is: one question to a table, its measured value, and the rows that break it."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Member, Table
from core.params import Field, Frozen, Number
from core.wording import Note, note

Outcome = Literal["ok", "warning", "error"]
Severity = Literal["error", "warning"]
Unit = Literal["% of rows", "rows", "days"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """What a rule is checked on: the table, and what it cannot know by itself."""

    table: Table
    rows: int
    now: dt.datetime  # UTC, without a zone, as tables hold it
    history: tuple[int, ...] = ()  # rows of the earlier versions, the oldest first
    others: Mapping[str, Table] = field(default_factory=dict)  # by the ids that rules name


class Measured(Frozen):
    """What a rule found: its value against its threshold, in words too."""

    outcome: Outcome
    value: float | None = None
    limit: float | None = None  # the value from which on the rule is broken; None where there is no one such
    unit: Unit = "% of rows"
    failing: int | None = None  # rows that break it; None where no single rows do
    said: Note


class Rule(Member, family=True):
    """Something that must hold in each version of a dataset."""

    severity: Severity = P(
        default="error",
        title="When it is broken",
        description="An error can stop a refresh; a warning is shown and lets it pass.",
    )

    @classmethod
    def parameters(cls) -> tuple[Field, ...]:
        """What is asked comes first, what a failure means comes last."""
        return tuple(sorted(super().parameters(), key=lambda row: row.name == "severity"))

    @abstractmethod
    def describe(self) -> Note:
        """What must hold, in one short sentence."""

    @abstractmethod
    def question(self, given: Given) -> exp.Select:
        """One row of aggregates over the relation `t`, which holds the table's rows."""

    @abstractmethod
    def answer(self, row: Row, given: Given) -> Measured:
        """What that row means."""

    def breaking(self, given: Given) -> exp.Expr | None:
        """Whether a row of `t` breaks the rule, never NULL; None where no single rows do."""
        return None

    def failing(self, given: Given) -> Table | None:
        """The rows that break the rule, in their order; None where no single rows do."""
        test = self.breaking(given)
        if test is None:
            return None
        names = {column.name: sql.name(column.name) for column in given.table.columns}
        query = sql.select("t", names).with_("t", as_=given.table.query.copy()).where(test)
        return Table(query.order_by(sql.name(sql.ROW)), given.table.columns)

    def other(self) -> str | None:
        """The id of the table version that this rule looks up values in."""
        return None

    def broken(self) -> Outcome:
        return self.severity


class RowRule(Rule):
    """A rule that each row keeps or breaks."""

    title: ClassVar[str]

    tolerated: Annotated[float, Number(0, 100, step=0.1, unit="% of rows")] = P(
        default=0.0,
        title="Rows that may break it",
        description="Up to this share of the rows the rule still holds.",
        ge=0,
        le=100,
    )

    @abstractmethod
    def breaks(self, given: Given) -> exp.Expr:
        """Whether a row breaks the rule; NULL counts as keeping it."""

    def unusual(self, given: Given) -> exp.Expr | None:
        """Whether a row that keeps the rule is still worth a warning."""
        return None

    def breaking(self, given: Given) -> exp.Expr:
        test = self.breaks(given)
        soft = self.unusual(given)
        test = test if soft is None else exp.or_(test, soft)
        return sql.template("COALESCE(:test, FALSE)", test=exp.paren(test))  # type: ignore[no-any-return]

    def question(self, given: Given) -> exp.Select:
        soft = self.unusual(given) or exp.false()
        asked = {
            "failing": sql.template("count(*) FILTER (WHERE :test)", test=exp.paren(self.breaks(given))),
            "unusual": sql.template("count(*) FILTER (WHERE :test)", test=exp.paren(soft)),
        }
        return sql.select("t", asked, row=False)

    def answer(self, row: Row, given: Given) -> Measured:
        failing, unusual = int(row["failing"]), int(row["unusual"])
        share = 100.0 * failing / given.rows if given.rows else 0.0
        outcome: Outcome = "warning" if unusual else "ok"
        if failing and share > self.tolerated:
            outcome = self.broken()
        said = note(
            "{count:,} of {rows:,} rows breaks it | {count:,} of {rows:,} rows break it",
            count=failing,
            rows=given.rows,
        )
        if unusual:
            said = note("{found}; {count:,} more lie outside the usual range", found=said, count=unusual)
        return Measured(
            outcome=outcome, value=share, limit=self.tolerated, failing=failing + unusual, said=said
        )
