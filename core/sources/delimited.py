"""Tables in text: CSV, TSV and whatever else puts a mark between cells."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from core.contracts import Account, ColumnType, Source, Watch
from core.errors import BadParameter
from core.params import ColumnName, Frozen, Text
from core.sources import choices
from core.sources.dialect import splitter
from core.sources.forms import Form, form_for, known
from core.sources.quoting import Quote
from core.sources.reading import Reading
from core.sources.records import TAB, Splitter

_THOUSANDS = {"none": "", "space": " ", "apostrophe": "'"}


class ColumnOfType(Frozen):
    """A column and the type its values have."""

    column: Annotated[str, ColumnName()] = Field(title="Column", description="The column to read so.")
    type: ColumnType = Field(title="Type", description="Rows whose value is not of this type are refused.")


class DelimitedFile(Source):
    """Rows of a text file with a mark between the cells, such as CSV or TSV."""

    title: ClassVar[str] = "Text file (CSV, TSV, ...)"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".data", ".asc")

    encoding: choices.Encoding = "utf-8"
    mixed: choices.Mixed = False
    twice: choices.Twice = False
    delimiter: Annotated[str, Text(example=";")] = Field(
        default=",",
        title="Delimiter",
        description="What stands between two cells: one or more characters, or the word tab, "
        "spaces (one or more of them) or none (each line is one cell).",
        max_length=10,
        min_length=1,
    )
    quote: Quote = Field(
        default='"',
        title="Quote",
        description="What stands around a cell that holds delimiters or line ends.",
    )
    escape: Literal["doubled", "backslash", "unmarked"] = Field(
        default="doubled",
        title="A quote inside quotes is",
        description="Written twice, or with a backslash before it, or unmarked, like any other letter.",
    )
    wrapped: bool = Field(
        default=False,
        title="Whole lines quoted",
        description="A line that is one cell in double quotes is the row that this cell holds.",
    )
    header: choices.Header = True
    more_names: int = Field(
        default=0,
        ge=0,
        le=5,
        title="Further rows of names",
        description='Rows below the first that belong to the names, such as units: "weight / kg".',
    )
    skip: choices.Skip = 0
    decimal: choices.Decimal = "."
    thousands: choices.Thousands = "none"
    date_order: choices.DateOrder = "unclear"
    missing: choices.Missing = choices.MISSING
    pad: bool = Field(
        default=False,
        title="Fill up short rows",
        description="Rows with too few cells get missing values at their end instead of being refused.",
    )
    types: tuple[ColumnOfType, ...] = Field(
        default=(), title="Types", description="Columns whose type is given instead of found."
    )

    @field_validator("delimiter")
    @classmethod
    def _usable(cls, value: str) -> str:
        value = {"\t": TAB, "\\t": TAB}.get(value, value)
        if any(character in value for character in "\r\n\0\"'") and value not in ("'",):
            raise ValueError("must not hold a quote or a line end")
        return value

    @model_validator(mode="after")
    def _different(self) -> DelimitedFile:
        if self.decimal == self.thousands:
            raise ValueError("needs a thousands mark that is not the decimal sign")
        if self.wrapped and (self.quote != '"' or self.escape != "doubled"):
            raise ValueError("needs double quotes, written twice, in lines that are quoted as a whole")
        return self

    def missing_texts(self) -> tuple[str, ...]:
        return tuple(text for part in self.missing.split(",") if (text := part.strip()))

    def splitter(self) -> Splitter:
        return splitter(self.to_json())

    def forms(self) -> list[Form]:
        """The ways in which a column of this file may be read."""
        return known(self.decimal, self._thousands(), self.date_order)

    def asked(self, names: Sequence[str]) -> dict[int, Form]:
        """The forms that were chosen for some of the columns."""
        place = {name.casefold(): i for i, name in enumerate(names)}
        result = {}
        for wish in self.types:
            if wish.column.casefold() not in place:
                raise BadParameter(
                    "The types name a column {column!r}, which the file does not have.",
                    hint="Its columns are: {known}.",
                    column=wish.column,
                    known=", ".join(names[:20]),
                )
            form = form_for(wish.type, self.decimal, self._thousands(), self.date_order)
            result[place[wish.column.casefold()]] = form
        return result

    def _thousands(self) -> str:
        return _THOUSANDS.get(self.thousands, self.thousands)

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix="reading-") as scratch:
            return Reading(self, file, place, refused, Path(scratch), watch).account()
