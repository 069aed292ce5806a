"""Rows that are one thing entered several times with small differences: all but one of them are dropped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.notation import conversions
from core.params import ColumnNames, Frozen, Number
from core.similar.pairs import Record
from core.steps import lookup
from core.steps.words import named
from core.wording import Note, note

MOST = 20_000  # decisions that one step holds
COLUMNS = 20
LONGEST = 1_000_000  # characters of one row
# how a number or a date is written as text needs none of what can be said of reading
_PLAIN = conversions.Reading(False, True, True, True, (), (), ())


class SamePair(Frozen):
    """What was decided of two rows, each given by the texts of the compared columns as a JSON list."""

    one: str = P(
        title="One row", description="The texts of its columns, as a JSON list.", max_length=1_000_000
    )
    other: str = P(
        title="Other row", description="The texts of its columns, as a JSON list.", max_length=1_000_000
    )
    same: bool = P(default=True, title="Same", description="Whether the two rows are the same thing.")

    @field_validator("one", "other")
    @classmethod
    def _listed(cls, value: str) -> str:
        try:
            cells = json.loads(value)
        except (ValueError, RecursionError):
            cells = None
        if not isinstance(cells, list) or not all(cell is None or lookup.is_text(cell) for cell in cells):
            raise ValueError("must be a JSON list of texts")
        return value


def written(record: Record) -> str:
    """A record as a decision holds it."""
    return json.dumps(list(record), ensure_ascii=False)


def read(record: str) -> Record:
    """The record that `written` wrote."""
    return tuple(json.loads(record))


class DropSimilarRows(Step):
    """Keep one of the rows that are the same thing entered several times with small differences.

    Pairs of similar rows are shown with how similar they are (the mean over the columns; different digits
    count against it), and a person says which are the same; what was decided, also that two are not, is
    kept in the step by what stands in the compared columns. Rows that are the same as a third are the
    same as one another. The first 100,000 different rows are looked at; of many, each is compared with
    its neighbours in several orders, so that some pairs may not be found. On new rows the same decisions
    are used, and no new pairs are looked for.
    """

    title = "Drop similar rows"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # found with a window

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns",
        description="The columns to compare: those that say which thing a row is of.",
        min_length=1,
        max_length=COLUMNS,
    )
    similarity: Annotated[float, Number(0.7, 1, 0.01)] = P(
        default=0.9,
        title="Least similarity",
        description="Which pairs are shown: from 0, nothing alike, to 1, the same.",
        ge=0.5,
        le=1,
    )
    exact: bool = P(
        default=True,
        title="The same to the letter",
        description="Also drop rows whose compared columns are exactly the same, unless all are missing.",
    )
    keep: Literal["first", "last", "fullest"] = P(
        default="first",
        title="Keep",
        description="Which of the rows that are the same stays; fullest: the one with the fewest missing "
        "cells, of several the first.",
    )
    pairs: tuple[SamePair, ...] = P(
        default=(),
        title="Decisions",
        description="Which pairs of rows are the same, and which are not.",
        max_length=MOST,
    )

    @field_validator("columns")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @model_validator(mode="after")
    def _fits(self) -> DropSimilarRows:
        if any(
            len(read(side)) != len(self.columns) for pair in self.pairs for side in (pair.one, pair.other)
        ):
            raise ValueError("must have decisions about the columns that are compared")
        return self

    @classmethod
    def example(cls) -> DropSimilarRows:
        decided = SamePair(one='[" Ann"]', other='["ann"]', same=True)
        return cls(columns=("name",), keep="fullest", pairs=(decided,))

    def cells(self, columns: Schema, table: str | None = None) -> dict[str, exp.Expr]:
        """The compared columns as texts."""
        kinds = {column.name: column.type for column in columns}
        cells = {name: sql.name(name, table) for name in self.columns}
        return {
            name: conversions.in_sql(cell, cell, kinds[name], "text", _PLAIN) for name, cell in cells.items()
        }

    def groups(self) -> dict[Record, int]:
        """The records that were confirmed to be the same as others, each with the number of its group."""
        leader: dict[Record, Record] = {}

        def lead(record: Record) -> Record:
            while leader.setdefault(record, record) != record:
                leader[record] = leader[leader[record]]
                record = leader[record]
            return record

        for pair in self.pairs:
            if pair.same:
                one, other = lead(read(pair.one)), lead(read(pair.other))
                leader[other] = one
        numbers: dict[Record, int] = {}
        return {record: numbers.setdefault(lead(record), len(numbers)) for record in list(leader)}

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        # the rows that stay are found apart, so that each row of the result is seen to be one of the source
        kept = sql.name(sql.ROW).isin(query=self._kept(source, columns))
        return sql.select(source, {column.name: sql.name(column.name) for column in columns}).where(kept)

    def _kept(self, source: str, columns: Schema) -> exp.Select:
        """The places of the rows that stay: one of each group, and those that are in none."""
        cells, groups = list(self.cells(columns, "s").values()), self.groups()
        query = exp.select(sql.name(sql.ROW, "s"))
        query = query.from_(exp.alias_(exp.to_table(source), "s", table=True))
        lists = {f"k{place}": ([record[place] for record in groups], "text") for place in range(len(cells))}
        known = lookup.relation("m", {**lists, "g": (list(groups.values()), "integer")})  # type: ignore[dict-item]
        same = [
            sql.template(
                ":x IS NOT DISTINCT FROM :k", x=cell, k=exp.column(f"k{place}", table="m", quoted=True)
            )
            for place, cell in enumerate(cells)
        ]
        query = query.join(known, on=exp.and_(*same), join_type="left")
        group, row = exp.column("g", table="m", quoted=True), sql.name(sql.ROW, "s")
        alone = (
            exp.and_(*(sql.template(":x IS NULL", x=cell) for cell in cells)) if self.exact else exp.true()
        )
        parts = [
            group,
            *(sql.template("CASE WHEN :g IS NULL THEN :x END", g=group, x=cell) for cell in cells),
            sql.template(
                "CASE WHEN :g IS NULL AND :alone THEN :row END", g=group, alone=exp.paren(alone), row=row
            ),
        ]
        place = exp.Window(this=exp.RowNumber(), partition_by=parts, order=self._order(columns, row))
        return query.qualify(sql.template(":place = 1", place=place))

    def _order(self, columns: Schema, row: exp.Column) -> exp.Order:
        keys = [exp.Ordered(this=row, desc=self.keep == "last")]
        if self.keep == "fullest":
            there = [
                sql.template("CASE WHEN :x IS NULL THEN 0 ELSE 1 END", x=sql.name(column.name, "s"))
                for column in columns
            ]
            total: exp.Expr = there[0]
            for one in there[1:]:
                total = exp.Add(this=total, expression=one)
            keys.insert(0, exp.Ordered(this=total, desc=True))
        return exp.Order(expressions=keys)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = ["texts = []"]
        for name in self.columns:
            cells = f"df[{name!r}]"
            if kinds[name] != "text":
                lines.append(conversions.in_pandas(kinds[name], "text", _PLAIN))
                cells = f"converted({cells})"
            lines.append(f"texts.append(pa.array({cells}).to_pylist())")
        alone = "any(cell is not None for cell in row)" if self.exact else "False"
        better = {"first": "", "last": " or True", "fullest": " or full[place] > full[best[key]]"}[self.keep]
        return "\n".join(
            [
                *lines,
                f"known = {self.groups()!r}",
                "full, best = df.notna().sum(axis=1).tolist(), {}",
                "for place, row in enumerate(zip(*texts)):",
                f"    key = known.get(row, row if {alone} else (place, None, None))",
                f"    if key not in best{better}:",
                "        best[key] = place",
                "df = df.iloc[sorted(best.values())]",
            ]
        )

    def describe(self) -> Note:
        kept = {"first": note("first"), "last": note("last"), "fullest": note("fullest")}
        same = sum(pair.same for pair in self.pairs)
        return note(
            "Keep the {keep} of similar rows by {columns}; {count:,} pair confirmed | "
            "Keep the {keep} of similar rows by {columns}; {count:,} pairs confirmed",
            keep=kept[self.keep], columns=named(self.columns), count=same,
        )  # fmt: skip
