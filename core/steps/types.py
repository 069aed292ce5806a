"""The type of a column: text that means numbers, dates or yes and no, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.notation import conversions, patterns
from core.notation.conversions import Reading
from core.params import ColumnNames, Text
from core.steps.cells import with_cells
from core.steps.words import named
from core.wording import Note, note


class ChangeType(Step):
    """Give the chosen columns another type.

    What cannot be converted becomes missing; the step's effect counts such cells for each column.

    Numbers are read from text with signs (also behind, also brackets: "(42)" is -42), thousands
    separators (commas or points, apostrophes, spaces), percent, exponents, and, when wanted, with
    currency and unit. Numbers with a scale word ("3M", "5 thousand") are not converted, and whole
    numbers of more than 18 digits do not become integers: neither would be exact.

    Dates are read with a four-digit year first ("2024-12-31", "20241231", "2024年12月31日") or an
    English month name ("31 Dec 2024", "Dec 31, 2024") always, and as "31/12/2024" or "12/31/2024" in
    the order chosen; two-digit years are 1969 to 2068. A time may follow ("18:30", "6:30:15.5 PM",
    "18:30Z", "18:30+02:00"), and a zone is brought to UTC. Or one format may be given.

    Integers become true (1) and false (0), other integers missing. Numbers become text without a
    ".0", dates as in ISO 8601.
    """

    title = "Change type"
    group = "Columns"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns to convert.", min_length=1
    )
    to: ColumnType = P(title="New type", description="The type the columns shall have.")
    decimal: Literal["point", "comma"] = P(
        default="point",
        title="Decimal sign",
        description="point: 1,234.5 is read as 1234.5; comma: 1.234,5 is.",
    )
    percent: Literal["as a share", "as written"] = P(
        default="as a share", title="Percent", description="Whether 12% becomes 0.12 or 12."
    )
    units: bool = P(
        default=True,
        title="Ignore units",
        description="Read the number in 5 kg and € 5; when off, such cells become missing.",
    )
    fractions: Literal["round", "make missing"] = P(
        default="round",
        title="Fractions",
        description="What an integer column does with 2.5: rounds half away from zero, or has it missing.",
    )
    dates: patterns.DateOrder = P(
        default="year first", title="Date order", description="What 1/2/2024 means; when unsure, look first."
    )
    format: Annotated[str, Text(example="%d.%m.%Y %H:%M")] = P(
        default="",
        title="Date format",
        description="One exact format, instead of the order: %Y %y %m %b %d %H %I %M %S %f %p %z.",
    )
    true_words: str = P(
        default="true, yes, y, t, on, 1", title="Words for true", description="Separated by commas."
    )
    false_words: str = P(
        default="false, no, n, f, off, 0", title="Words for false", description="Separated by commas."
    )

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value:
            patterns.dates_of_format(value)
        return value

    @model_validator(mode="after")
    def _clear_words(self) -> ChangeType:
        both = set(conversions.words(self.true_words)) & set(conversions.words(self.false_words))
        if both:
            raise ValueError(f"must not have {min(both)!r} mean both true and false")
        if self.to == "boolean" and not (self.true_words.strip(", ") and self.false_words.strip(", ")):
            raise ValueError("must have words for true and for false")
        return self

    @classmethod
    def example(cls) -> ChangeType:
        return cls(columns=("amount",), to="number")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for column in self.columns:
            if self.to not in conversions.possible_from(kinds[column]):
                raise BadParameter(
                    "Change type: {column!r} is {kind}, which cannot become {to}.",
                    hint="From {kind} it can become: {others}.",
                    column=column,
                    kind=kinds[column],
                    to=self.to,
                    others=", ".join(conversions.possible_from(kinds[column])),
                )

    def _reading(self) -> Reading:
        moves = patterns.dates_of_format(self.format) if self.format else patterns.dates(self.dates)
        return Reading(
            comma=self.decimal == "comma",
            units=self.units,
            share=self.percent == "as a share",
            rounded=self.fractions == "round",
            moves=tuple(moves),
            true=conversions.words(self.true_words),
            false=conversions.words(self.false_words),
        )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds, reading = {column.name: column.type for column in columns}, self._reading()
        cells, plain = {}, {}
        for place, column in enumerate(dict.fromkeys(self.columns)):
            cell, kind = sql.name(column), kinds[column]
            ready = conversions.prepared(cell, kind, self.to, reading)
            if ready is not None:
                plain[_free(f"plain {place}", columns)] = ready
            cells[column] = conversions.in_sql(
                cell, sql.name(_free(f"plain {place}", columns)), kind, self.to, reading
            )
        query = with_cells(source, columns, cells)
        if plain:  # a relation of its own: each plain form is used several times and made once
            every = {column.name: sql.name(column.name) for column in columns}
            query.from_(sql.select(source, every | plain).subquery("read"), copy=False)
        return query

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds, reading, lines = {column.name: column.type for column in columns}, self._reading(), []
        for kind in dict.fromkeys(kinds[column] for column in self.columns):
            chosen = [column for column in dict.fromkeys(self.columns) if kinds[column] == kind]
            if kind != self.to:
                lines += [
                    conversions.in_pandas(kind, self.to, reading),
                    f"for column in {chosen!r}:",
                    "    df[column] = converted(df[column])",
                ]
        return "\n".join(lines) or "pass"

    def describe(self) -> Note:
        columns = named(self.columns)
        return note("Change {columns} to {type}", columns=columns, type=note(self.to))


def _free(name: str, columns: Schema) -> str:
    """The name, made longer until no column has it."""
    taken = {column.name.casefold() for column in columns}
    while name in taken:
        name += "_"
    return name
