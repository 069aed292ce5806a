"""What a profile holds: per column its facts, and the findings with the step that would mend each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as P

from core.contracts import ColumnType, Json
from core.params import Frozen
from core.wording import form

Meaning = Literal[
    "empty", "constant", "boolean", "number", "amount", "percent", "year", "latitude", "longitude",
    "coordinates", "date", "category", "country", "identifier", "e-mail", "phone", "web address", "postcode",
    "free text",
]  # fmt: skip
Severity = Literal["note", "warning", "serious"]
Value = int | float | str | None
MEASURED = ("number", "amount", "percent", "latitude", "longitude")  # meanings of numbers that are amounts
NAMED = ("category", "boolean", "country")  # meanings of values that stand for groups of rows
TOP = 10  # most frequent values that a profile keeps


class Count(Frozen):
    """A value, as text, and in how many rows it stands; None is no value of a text column."""

    value: str
    count: int


class Histogram(Frozen):
    """Rows between neighbouring edges, the last edge included; what lies outside is counted apart.

    Edges are numbers, or ISO dates for date columns. The range leaves far outliers out, so that
    one wrong value does not flatten the picture.
    """

    edges: tuple[Value, ...]
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0


class Look(Frozen):
    """What the values of a text column look like, in rows; exact unless the column is `sampled`."""

    rows: int = 0  # rows looked at, nulls left out
    blank: int = 0  # stand for a missing value: "", "n/a", "null"
    words: tuple[str, ...] = ()  # those texts, in small letters and without outer spaces
    padded: int = 0  # spaces at either end
    numeric: int = 0  # plain numbers: "12", "-3.5", "1e3"
    formatted: int = 0  # numbers with thousands separators, signs, percent or currency
    whole: int = 0  # of the plain numbers, those without a fraction
    comma: int = 0  # numbers whose decimal sign is a comma: 1,5
    coded: int = 0  # digits that are no number: "007", twenty digits
    iso: int = 0  # 2024-02-29, with or without a time
    timed: int = 0  # of those, with a time
    slashed: int = 0  # 31/12/2024 and its like
    day_first: int = 0  # of those, days that exist when the day is read first
    month_first: int = 0  # of those, days that exist when the month is read first
    email: int = 0
    link: int = 0
    truth: int = 0  # yes, no, true, false
    phone: int = 0
    digits: int = 0  # seven to fifteen digits and nothing else: they may count or name anything
    money: int = 0  # with its currency
    percent: int = 0  # with its sign
    point: int = 0  # latitude and longitude
    postal: int = 0  # may be a postcode
    lettered: int = 0  # of those, postcodes of letters and digits that are hardly anything else
    country: int = 0  # the name of a country
    code: int = 0  # a country's code of two or three letters
    spaced: int = 0  # has a space inside
    variants: int = 0  # values that differ from another one by case or outer spaces alone
    shortest: int | None = None
    longest: int | None = None
    sampled: bool = False


class ColumnProfile(Frozen):
    """One column: what it is, what is missing, how its values spread."""

    name: str
    type: ColumnType
    meaning: Meaning = "empty"
    rows: int
    missing: int
    distinct: int
    distinct_exact: bool = True
    minimum: Value = None
    maximum: Value = None
    mean: float | None = None
    sd: float | None = None
    quartiles: tuple[float, float, float] | None = None
    infinite: int = 0
    valid: int | None = None  # present values that are valid for the meaning, over all rows; None: no notion
    invalid: int | None = None
    chosen: bool = False  # a person has set the meaning
    personal: str | None = None  # the kind of personal data that it seems to hold: see core.personal
    cents: bool = False  # numbers whose name speaks of money and that have two decimals at most
    top: tuple[Count, ...] = ()
    top_exact: bool = True
    histogram: Histogram | None = None
    look: Look | None = None

    @property
    def present(self) -> int:
        return self.rows - self.missing

    @property
    def unique(self) -> bool:
        """Every value stands in one row only (as far as an approximate count can tell)."""
        return self.present > 1 and self.distinct >= self.present


class Finding(Frozen):
    """Something worth knowing, in plain words, with the step that would mend it where there is one."""

    kind: str
    columns: tuple[str, ...] = ()
    severity: Severity = "note"
    template: str
    values: dict[str, Json] = P(default_factory=dict)
    fix: dict[str, Json] | None = None
    sure: bool = False  # the fix is almost surely right: it may be applied without asking

    @property
    def message(self) -> str:
        return form(self.template, self.values).format(**self.values)


class Pair(Frozen):
    """Pearson's correlation of two number columns, over `rows` rows: all, or some chosen by chance."""

    first: str
    second: str
    correlation: float
    rows: int


class Profile(Frozen):
    """A table in numbers: its columns, its duplicate rows, its correlated pairs, its findings."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicates: int = 0
    duplicates_exact: bool = True
    pairs: tuple[Pair, ...] = ()
    findings: tuple[Finding, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        return next(column for column in self.columns if column.name == name)

    def to_json(self) -> dict[str, Any]:
        document = self.model_dump(mode="json")
        for row, finding in zip(document["findings"], self.findings, strict=True):
            row["message"] = finding.message
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Profile:
        findings = [
            {key: value for key, value in row.items() if key != "message"}
            for row in document.get("findings", [])
        ]
        return cls.model_validate({**document, "findings": findings})
