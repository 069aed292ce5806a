r"""Text written anew by a regular expression: `(\d+)/(\d+)` as `\2-\1`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnNames, Text
from core.steps import expressions
from core.steps.cells import with_cells
from core.steps.expressions import Pattern
from core.steps.words import named, quoted
from core.wording import Note, note


class ReplacePattern(Step):
    r"""Replace what a pattern finds, putting its parts in another order if wished.

    The pattern is a regular expression as RE2 reads it. In the replacement, `\1` to `\9` stand for
    what its parts in brackets found and `\0` for all it found; a `\` itself is written `\\`.
    """

    title = "Replace by pattern"
    group = "Text"

    columns: Annotated[tuple[str, ...], ColumnNames("text")] = P(
        title="Columns", description="The text columns to change.", min_length=1
    )
    pattern: Annotated[Pattern, Text(example=r"(\d+)/(\d+)/(\d+)")] = P(
        title="Pattern",
        description="A regular expression in RE2's way: no look-around, no back-references.",
        min_length=1,
        max_length=expressions.LONGEST,
    )
    put: Annotated[str, Text(example=r"\3-\2-\1")] = P(
        default="",
        title="Replace with",
        description=r"What stands there instead; \1 is what the first part in brackets found.",
        max_length=expressions.LONGEST,
    )
    times: Literal["all", "first"] = P(
        default="all", title="Replace", description="All that is found in a text, or the first alone."
    )
    otherwise: Literal["stay", "become missing"] = P(
        default="stay", title="Other texts", description="What texts do in which nothing is found."
    )

    @field_validator("put")
    @classmethod
    def _plain(cls, value: str) -> str:
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("must be a text without control characters")
        return value

    @model_validator(mode="after")
    def _fits(self) -> ReplacePattern:
        if wrong := expressions.rewriting(self.pattern, self.put):
            raise ValueError(f"must have a replacement that fits its pattern: {wrong}")
        return self

    @classmethod
    def example(cls) -> ReplacePattern:
        return cls(columns=("day_text",), pattern=r"^(\d{2})/(\d{2})/(\d{4})$", put=r"\3-\2-\1")

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        replaced = (
            "regexp_replace(:x, :p, :put, 'g')" if self.times == "all" else "regexp_replace(:x, :p, :put)"
        )
        if self.otherwise == "become missing":
            replaced = f"CASE WHEN regexp_matches(:x, :p) THEN {replaced} END"
        cells = {
            column: sql.template(replaced, x=sql.name(column), p=self.pattern, put=self.put)
            for column in self.columns
        }
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        most = "" if self.times == "all" else ", max_replacements=1"
        lines = []
        for column in dict.fromkeys(self.columns):
            lines += [
                f"texts = pa.array(df[{column!r}])",
                f"changed = pc.replace_substring_regex(texts, {self.pattern!r}, {self.put!r}{most})",
            ]
            if self.otherwise == "become missing":
                fits = f"pc.match_substring_regex(texts, {self.pattern!r})"
                lines.append(f"changed = pc.if_else({fits}, changed, pa.scalar(None, pa.string()))")
            lines.append(
                f"df[{column!r}] = pd.Series(pd.arrays.ArrowExtensionArray(changed), index=df.index)"
            )
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Replace the pattern {pattern} by {put} in {columns}",
            pattern=quoted(self.pattern), put=quoted(self.put), columns=named(self.columns),
        )  # fmt: skip
