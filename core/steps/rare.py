"""Values that hardly occur, put together under one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import StrictStr, field_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Step, Table, wrong_constant
from core.params import ColumnNames, Frozen, Number
from core.steps import lookup
from core.steps.cells import with_cells
from core.steps.words import named, quoted
from core.wording import Note, note

MOST = 1_000  # values that are kept for one column


class Kept(Frozen):
    """The values of each column that stay, the most frequent first."""

    kept: dict[str, list[StrictStr]] = P(default_factory=dict)


class GroupRare(Step):
    """Put values that hardly occur together under one name, such as "Other".

    The values that stay are learned once: the most frequent ones, of equally frequent ones those that
    come first by their characters. On new rows every other value, also one never seen, gets the common
    name. Missing values stay missing.
    """

    title = "Group rare values"
    group = "Values"
    Learned = Kept

    columns: Annotated[tuple[str, ...], ColumnNames("text")] = P(
        title="Columns", description="The text columns to look at.", min_length=1
    )
    least: Annotated[int, Number(1, 1_000, log=True)] = P(
        default=10,
        title="Fewest rows",
        description="A value in fewer rows is rare.",
        ge=1,
        le=1_000_000_000,
    )
    share: Annotated[float, Number(0, 20, step=0.1, unit="%")] = P(
        default=0.0,
        title="Smallest share",
        description="A value in a smaller part of the rows that have one is rare, too.",
        ge=0,
        le=100,
    )
    most: Annotated[int, Number(1, MOST, log=True)] = P(
        default=50, title="Values that stay", description="At most so many values stay.", ge=1, le=MOST
    )
    name: str = P(
        default="Other",
        title="Common name",
        description="What rare values become.",
        min_length=1,
        max_length=1_000,
    )

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if "\0" in value or not lookup.is_text(value):
            raise ValueError("must be a text without control characters")
        return value

    @classmethod
    def example(cls) -> GroupRare:
        return cls(columns=("region",), least=3)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        kept = {}
        for column in dict.fromkeys(self.columns):
            cell = sql.name(column)
            counts = exp.select(
                exp.alias_(cell, "v"),
                exp.alias_(sql.template("count(*)"), "n"),
                exp.alias_(sql.template("sum(count(*)) OVER ()"), "rows"),
            )
            counts = counts.from_(table.query.subquery("t")).where(sql.template(":x IS NOT NULL", x=cell))
            counts = counts.group_by(cell.copy())
            often = sql.template(
                "n >= :least AND n >= :share * rows", least=self.least, share=self.share / 100
            )
            query = exp.select("v").from_(counts.subquery("counted")).where(often)
            rows = engine.rows(query.order_by(exp.column("n").desc(), "v").limit(self.most))
            kept[column] = rows.column("v").to_pylist()
        return {"kept": kept}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        for column in self.columns:
            values = learned.get("kept", {}).get(column)
            if values is None:
                raise wrong_constant(f"kept.{column}", "it is missing", learned.get("kept"))
            if len(values) > MOST or not all(map(lookup.is_text, values)):
                raise wrong_constant(f"kept.{column}", f"it must be at most {MOST} texts", values)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        cells = {}
        for column in self.columns:
            cell, kept = sql.name(column), learned["kept"][column]
            rare: exp.Expr = sql.template(":x IS NOT NULL", x=cell)
            if kept:
                rare = exp.In(this=cell.copy(), expressions=[sql.literal(value) for value in kept]).not_()
            cells[column] = sql.template("CASE WHEN :rare THEN :name ELSE :x END",
                                         rare=exp.paren(rare), name=self.name, x=cell)  # fmt: skip
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = []
        for column in dict.fromkeys(self.columns):
            lines += [
                f"stays = df[{column!r}].isin({learned['kept'][column]!r}) | df[{column!r}].isna()",
                f"df[{column!r}] = df[{column!r}].where(stays, {self.name!r})",
            ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Group rare values of {columns} as {name}", columns=named(self.columns), name=quoted(self.name)
        )
