"""What core says in words: a template and its values, so that every sentence can be translated."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic import Field, field_validator, model_validator

from core.errors import SightlineError
from core.params import Frozen

_NUMBER = re.compile(r"[\d,]+")  # one that was written out already
TABLE = "the table {table}"  # its value is a version's id


class Plain(string.Formatter):
    """Fills a template with values; a template asks for no attributes or items of its values."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(field_name, "{" + field_name + "}"), field_name

    def format_field(self, value: Any, format_spec: str) -> Any:
        """A number in full where its format would cut it to powers of ten: 119,512 rather than 1.195e+05."""
        made = super().format_field(value, format_spec)
        large = format_spec.endswith("g") and "e+" in made and abs(value) < 1e15
        return f"{value:,.0f}" if large else made


class Note(Frozen):
    """One sentence. The English text is `str(note)`; the screen translates the template.

    A value may be a note itself (a word or a part of the sentence that is translated on its own) or
    a list of texts and notes, which is shown with commas between them.
    """

    template: str
    values: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _finished(cls, given: Any) -> Any:
        """A plain text is a note without values: what was written down before notes had them."""
        return {"template": "{text}", "values": {"text": given}} if isinstance(given, str) else given

    @field_validator("values", mode="before")
    @classmethod
    def _nested(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Notes among the values come back from JSON as notes."""
        return {name: _restored(value) for name, value in values.items()}

    def __str__(self) -> str:
        shown = {name: _listed(value) for name, value in self.values.items()}
        return Plain().format(form(self.template, shown), **shown)

    def __hash__(self) -> int:  # what it says may hold lists: notes with one template share a bucket
        return hash(self.template)


def note(template: str, /, **values: Any) -> Note:
    """A sentence to be shown: note("{rows:,} blank lines were left out", rows=3)."""
    return Note(template=template, values=values)


def told(error: SightlineError) -> Note:
    """What an error says, to be kept and shown later in whichever language."""
    problem = note(error.template, **error.values)
    return (
        note("{problem} {hint}", problem=problem, hint=note(error.hint, **error.values))
        if error.hint
        else problem
    )


def table_note(id: str) -> Note:
    """Another table in a sentence; the screen says what it is called."""
    return Note(template=TABLE, values={"table": id})


def counted_rows(count: float) -> Note:
    """So many rows, as a value of a sentence that says more: "1 row", "2,000 rows"."""
    return note("{count:,} row | {count:,} rows", count=int(count))


def counted_values(count: float) -> Note:
    """So many values, as a value of a sentence that says more."""
    return note("{count:,} value | {count:,} values", count=int(count))


def table_size(rows: int, columns: int) -> Note:
    """How large a table is: "1 row × 3 columns", each count with its own form."""
    return note(
        "{rows} × {columns}",
        rows=counted_rows(rows),
        columns=note("{count:,} column | {count:,} columns", count=columns),
    )


def few(names: Sequence[str | Note], most: int = 5) -> Sequence[str | Note] | Note:
    """Names as a value of a note: all of them, or the first few and how many more there are."""
    if len(names) <= most:
        return names
    return note("{names} and {more} more", names=names[:most], more=len(names) - most)


def either(names: Sequence[str | Note]) -> str | Note:
    """Alternatives as a value of a note: "a number, a date or a text" has its words in every language."""
    return reduce(lambda one, other: note("{one} or {other}", one=one, other=other), names)


def form(template: str, values: Mapping[str, Any]) -> str:
    """Of "{count} row | {count} rows" the form that fits the count; a language may have one form.

    The number is `count`, or in a sentence without one the first of its values that is a number.
    """
    one, _, many = template.partition(" | ")
    return one if not many or _counts(template, values) in (1, "1") else many


def _counts(template: str, values: Mapping[str, Any]) -> Any:
    if "count" in values:
        return values["count"]
    names = [name for _, name, _, _ in Plain().parse(template) if name]
    shown: list[Any] = [values.get(name) for name in names]
    numbers: list[Any] = [value for value in shown if isinstance(value, int | float)]
    return next(iter(numbers or [text for text in shown if _NUMBER.fullmatch(str(text))]), None)


def _restored(value: Any) -> Any:
    if isinstance(value, dict) and {*value} == {"template", "values"}:
        return Note(**value)
    return [_restored(item) for item in value] if isinstance(value, list | tuple) else value


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
