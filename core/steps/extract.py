"""A part of a text as a column: by a pattern, between two texts, between delimiters, by its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnName, Text
from core.steps import expressions
from core.steps.expressions import Pattern, found, found_code, literally
from core.steps.naming import NewName, target, with_result
from core.steps.words import quoted
from core.wording import Note, note

KINDS: dict[str, str] = {
    "number": r"[-+−]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)",
    "digits": r"\d+",
    "letters": r"\p{L}+",
    "word": r"[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*",
    "text without spaces": r"[^\s\p{Z}]+",
    "capital letters": r"\p{Lu}+",
    "text in brackets": r"[\(\[\{（【]([^\(\)\[\]\{\}（）【】]+)[\)\]\}）】]",
    "e-mail": r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    "web address": r"(?i:https?://|ftp://|www\.)[^\s\p{Z}\"'<>]*[^\s\p{Z}\"'<>.,;:!?)\]}]",
    "time": r"(?i)\b[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\.?)?",
    "date": r"\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))\b",
}
Kind = Literal[
    "number", "digits", "letters", "word", "text without spaces", "capital letters", "text in brackets",
    "e-mail", "web address", "time", "date", "own pattern",
]  # fmt: skip


class ExtractStep(Step):
    """What the steps of this file share: the text they read and the column they write."""

    group = "Text"

    column: Annotated[str, ColumnName("text")] = P(title="Column", description="The text column to read.")
    name: NewName = P(
        default="",
        title="New column",
        description="What the column with the part is called; left empty, the part replaces the text.",
        max_length=1_000,
    )

    def _goes(self) -> Note | str:
        return quoted(self.name) if self.name else note("the same column")


def _which() -> int:
    chosen: int = P(
        default=1,
        title="Which one",
        description="1 is the first that is found, 2 the second; -1 is the last.",
        ge=-100,
        le=100,
    )
    return chosen


def _not_zero(value: int) -> int:
    if value == 0:
        raise ValueError("must be 1, 2, 3... from the start, or -1, -2... from the end")
    return value


class ExtractPattern(ExtractStep):
    """Take a number, a word, an e-mail address or what a pattern finds out of a text.

    Where nothing is found the cell is missing. A pattern of one's own is a regular expression as
    RE2 reads it; when it has a part in brackets, that part is taken, otherwise all it finds.
    """

    title = "Extract by pattern"

    what: Kind = P(default="number", title="What", description="What is looked for in the text.")
    pattern: Annotated[Pattern, Text(example=r"(\d{4})-\d{2}")] = P(
        default="",
        title="Own pattern",
        description="A regular expression in RE2's way: no look-around, no back-references.",
        max_length=expressions.LONGEST,
    )
    which: int = _which()

    _sound = field_validator("which")(_not_zero)

    @model_validator(mode="after")
    def _given(self) -> ExtractPattern:
        if self.what == "own pattern" and not self.pattern:
            raise ValueError("must have a pattern to look for")
        return self

    @classmethod
    def example(cls) -> ExtractPattern:
        return cls(column="amount", name="number", what="number")

    def _looked_for(self) -> tuple[str, int]:
        pattern = self.pattern if self.what == "own pattern" else KINDS[self.what]
        return pattern, min(expressions.groups(pattern), 1)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        pattern, group = self._looked_for()
        node = found(sql.name(self.column), pattern, group, self.which)
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        pattern, group = self._looked_for()
        return found_code(self.column, target(columns, self.column, self.name), pattern, group, self.which)

    def describe(self) -> Note:
        what = quoted(self.pattern) if self.what == "own pattern" else note(self.what)
        number = {1: note("the first"), -1: note("the last")}.get(
            self.which, note("number {number}", number=self.which)
        )
        return note(
            "Extract {what} ({number}) from {column} into {name}",
            what=what, number=number, column=quoted(self.column), name=self._goes(),
        )  # fmt: skip


class ExtractBetween(ExtractStep):
    """Take what stands between two texts.

    The shortest such part is taken, from the first place where the beginning is found. Where one
    of the two is not there, or nothing stands between them, the cell is missing.
    """

    title = "Extract between"

    after: str = P(
        default="",
        title="After",
        description="The text that stands before the part; left empty, the part begins the text.",
        max_length=500,
    )
    before: str = P(
        default="",
        title="Before",
        description="The text that stands behind the part; left empty, the part goes to the end.",
        max_length=500,
    )
    which: int = _which()

    _sound = field_validator("which")(_not_zero)

    @model_validator(mode="after")
    def _some(self) -> ExtractBetween:
        if not self.after and not self.before:
            raise ValueError("must have a text before the part or behind it")
        expressions.groups(self._pattern())
        return self

    @classmethod
    def example(cls) -> ExtractBetween:
        return cls(column="day_text", name="month", after="/", before="/")

    def _pattern(self) -> str:
        start = literally(self.after) if self.after else "^"
        return f"{start}([\\s\\S]*?){literally(self.before)}" if self.before else f"{start}([\\s\\S]*)$"

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        node = found(sql.name(self.column), self._pattern(), 1, self.which)
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        place = target(columns, self.column, self.name)
        return found_code(self.column, place, self._pattern(), 1, self.which)

    def describe(self) -> Note:
        values = {"column": quoted(self.column), "name": self._goes()}
        if not self.before:
            return note(
                "Extract what follows {after} in {column} into {name}", after=quoted(self.after), **values
            )
        if not self.after:
            return note(
                "Extract what comes before {before} in {column} into {name}",
                before=quoted(self.before), **values,
            )  # fmt: skip
        return note(
            "Extract what stands between {after} and {before} in {column} into {name}",
            after=quoted(self.after), before=quoted(self.before), **values,
        )  # fmt: skip


class ExtractPart(ExtractStep):
    """Take one of the parts that a delimiter separates: the second of "a, b, c".

    Spaces around the part are left out. Where there are not so many parts, or the part is empty,
    the cell is missing; a text without the delimiter has one part.
    """

    title = "Extract a part"

    delimiter: str = P(
        default=",", title="Delimiter", description="What separates the parts.", min_length=1, max_length=100
    )
    which: int = _which()

    _sound = field_validator("which")(_not_zero)

    @classmethod
    def example(cls) -> ExtractPart:
        return cls(column="day_text", name="day of month", delimiter="/")

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        node = sql.template(
            "NULLIF(regexp_replace(list_extract(string_split(:x, :d), :n), :ends, '', 'g'), '')",
            x=sql.name(self.column), d=self.delimiter, n=self.which, ends=ENDS,
        )  # fmt: skip
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        at = self.which - 1 if self.which > 0 else self.which
        return "\n".join(
            [
                f"parts = pc.split_pattern(pa.array(df[{self.column!r}]), {self.delimiter!r}).to_pylist()",
                f"parts = [c[{at}] if c and len(c) >= {abs(self.which)} else None for c in parts]",
                f"parts = pc.replace_substring_regex(pa.array(parts, pa.string()), {ENDS!r}, '')",
                "parts = pc.if_else(pc.equal(parts, ''), pa.scalar(None, pa.string()), parts)",
                f"df[{target(columns, self.column, self.name)!r}] = "
                "pd.Series(pd.arrays.ArrowExtensionArray(parts), index=df.index)",
            ]
        )

    def describe(self) -> Note:
        return note(
            "Extract part {number} of {column}, separated by {delimiter}, into {name}",
            number=self.which, column=quoted(self.column), delimiter=quoted(self.delimiter),
            name=self._goes(),
        )  # fmt: skip


class ExtractPosition(ExtractStep):
    """Take characters by their place: three characters from the second on.

    A text that ends before the place gives a missing cell. Characters are Unicode code points.
    """

    title = "Extract by position"

    start: int = P(
        default=1,
        title="From",
        description="1 is the first character; -1 is the last, -4 the fourth from the end.",
        ge=-1_000_000,
        le=1_000_000,
    )
    length: int = P(
        default=1, title="Characters", description="How many; 0 takes all to the end.", ge=0, le=1_000_000
    )

    _sound = field_validator("start")(_not_zero)

    @classmethod
    def example(cls) -> ExtractPosition:
        return cls(column="name", name="initial", start=1, length=1)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        first: exp.Expr = sql.literal(self.start)
        if self.start < 0:
            first = sql.template("length(:x) + :start + 1", x=sql.name(self.column), start=self.start)
        cut = "substr(:x, :first, :n)" if self.length else "substr(:x, :first)"
        node = sql.template(
            f"CASE WHEN length(:x) >= :least THEN NULLIF({cut}, '') END",
            x=sql.name(self.column), first=first, n=self.length, least=abs(self.start),
        )  # fmt: skip
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        start = self.start - 1 if self.start > 0 else self.start
        stop = start + self.length if self.length and (start >= 0 or start + self.length < 0) else None
        return "\n".join(
            [
                f"texts = df[{self.column!r}]",
                f"short = (texts.str.len() < {abs(self.start)}).fillna(False)",
                f"df[{target(columns, self.column, self.name)!r}] = "
                f"texts.str.slice({start}, {stop}).mask(short, pd.NA)",
            ]
        )

    def describe(self) -> Note:
        values = {"start": self.start, "column": quoted(self.column), "name": self._goes()}
        if not self.length:
            return note("Extract {column} from character {start} to the end into {name}", **values)
        return note(
            "Extract {count} character of {column} from character {start} into {name} | "
            "Extract {count} characters of {column} from character {start} into {name}",
            count=self.length, **values,
        )  # fmt: skip


# white space of any script at the ends of a text
ENDS = r"^[\s\v\p{Z}\x{200B}\x{FEFF}]+|[\s\v\p{Z}\x{200B}\x{FEFF}]+$"
