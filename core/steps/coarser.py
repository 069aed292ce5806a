"""Values made coarser, so that they tell less: bands, months, the start of a postcode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnNames, Number
from core.steps.cells import with_cells
from core.steps.words import named
from core.wording import Note, note

Coarse = Literal["band", "decimals", "first characters", "month", "year"]
_TAKES: dict[str, tuple[ColumnType, ...]] = {
    "band": ("integer", "number"),
    "decimals": ("number",),
    "first characters": ("text",),
    "month": ("date", "datetime"),
    "year": ("date", "datetime"),
}


class Generalise(Step):
    """Make values coarser, so that they tell less of a person: bands, months, the start of a postcode.

    band: the lower end of the band that a number lies in. decimals: a number, such as a place on Earth,
    rounded; two decimals of a degree are about a kilometre. first characters: the start of a text, as of
    a postcode. month and year: their first day. Values that few rows share can still name a person.
    """

    title = "Generalise"
    group = "Personal data"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns to make coarser.", min_length=1
    )
    to: Coarse = P(
        default="band",
        title="To",
        description="Numbers to bands or fewer decimals, texts to their start, dates to months or years.",
    )
    width: Annotated[float, Number(1, 1000)] = P(
        default=10.0, gt=0, title="Width of a band", description="For bands; whole for whole numbers."
    )
    keep: Annotated[int, Number(0, 10)] = P(
        default=2, ge=0, le=15, title="Keep", description="Decimals, or characters at the start."
    )

    @classmethod
    def example(cls) -> Generalise:
        return cls(columns=("price", "quantity"), width=5.0)

    @model_validator(mode="after")
    def _possible(self) -> Generalise:
        if not math.isfinite(self.width) or not 1e-9 <= self.width <= 1e15:
            raise ValueError("needs a band between 0.000000001 and 1,000,000,000,000,000 wide")
        if self.to == "first characters" and not self.keep:
            raise ValueError("needs at least one character to keep")
        return self

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for name in self.columns:
            if kinds[name] not in _TAKES[self.to]:
                raise BadParameter(
                    "{needs}: {column!r} is of type {kind}, which cannot be made coarser by {method}.",
                    needs=self.title, column=name, kind=kinds[name], method=self.to,
                )  # fmt: skip
            if self.to == "band" and kinds[name] == "integer" and self.width % 1:
                raise BadParameter(
                    "{needs}: {column!r} holds whole numbers: the width of a band must be whole too.",
                    needs=self.title, column=name,
                )  # fmt: skip

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        return with_cells(source, columns, {name: self._cell(name, kinds[name]) for name in self.columns})

    def _cell(self, name: str, kind: ColumnType) -> exp.Expr:
        x, storage = sql.name(name), sql.STORAGE[kind]
        cell: exp.Expr
        if self.to == "band" and kind == "integer":
            # the rest of a division has the sign of what is divided: twice, so that it never is negative
            rest = sql.template("((:x % :w) + :w) % :w", x=x, w=int(self.width))
            cell = sql.template("CAST(:x - :rest AS BIGINT)", x=x, rest=exp.paren(rest))
        elif self.to == "band":
            cell = sql.template("floor(:x / :w) * :w", x=x, w=self.width)
        elif self.to == "decimals":
            cell = sql.template("floor(:x * :p + 0.5e0) / :p", x=x, p=10.0**self.keep)
        elif self.to == "first characters":
            cell = sql.template("left(:x, :n)", x=x, n=self.keep)
        else:
            cell = sql.template(f"CAST(date_trunc('{self.to}', :x) AS {storage})", x=x)
        return cell

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = []
        for name in dict.fromkeys(self.columns):
            values = self._values(f"pa.array(df[{name!r}])", kinds[name])
            lines.append(f"df[{name!r}] = pd.Series({values}, index=df.index, dtype=df[{name!r}].dtype)")
        return "\n".join(lines)

    def _values(self, x: str, kind: ColumnType) -> str:
        if self.to == "band" and kind == "integer":
            w = int(self.width)
            return f"[None if v is None else v - v % {w} for v in {x}.to_pylist()]"
        if self.to == "band":
            return f"pc.multiply(pc.floor(pc.divide({x}, {self.width!r})), {self.width!r})"
        if self.to == "decimals":
            p = 10.0**self.keep
            return f"pc.divide(pc.floor(pc.add(pc.multiply({x}, {p!r}), 0.5)), {p!r})"
        if self.to == "first characters":
            return f"pc.utf8_slice_codeunits({x}, 0, {self.keep})"
        return f'pc.floor_temporal({x}, unit="{self.to}")'

    def describe(self) -> Note:
        columns = named(self.columns)
        if self.to == "band":
            return note("Put {columns} into bands of {width:,.6g}", columns=columns, width=self.width)
        if self.to == "decimals":
            return note(
                "Round {columns} to {count} decimal | Round {columns} to {count} decimals",
                columns=columns, count=self.keep,
            )  # fmt: skip
        if self.to == "first characters":
            return note(
                "Keep the first character of {columns} | Keep the first {count} characters of {columns}",
                columns=columns, count=self.keep,
            )  # fmt: skip
        return note("Keep of {columns} the {what} alone", columns=columns, what=note(self.to))
