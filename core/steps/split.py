"""One text column made several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnName, Number, Text
from core.steps import expressions
from core.steps.extract import ENDS
from core.steps.words import quoted
from core.wording import Note, note

MOST = 1_000_000_000  # parts of a text: more than any has


class SplitColumn(Step):
    """Split a text into several columns: at a delimiter, at a pattern, or after given characters.

    The new columns are called like the text and their number: "name 1", "name 2". Spaces around
    the parts are left out, and parts that are not there, or empty, are missing. What is left after
    the last part stays in it, with its delimiters, or is left out; after a pattern it is left out.
    """

    title = "Split a column"
    group = "Text"

    column: Annotated[str, ColumnName("text")] = P(title="Column", description="The text column to split.")
    by: Literal["delimiter", "pattern", "positions"] = P(
        default="delimiter",
        title="Split at",
        description="A delimiter, as it stands; what a regular expression finds; or numbers of characters.",
    )
    at: Annotated[str, Text(example=",")] = P(
        title="Delimiter, pattern or positions",
        description="The delimiter (a space is one too), the pattern, or the positions: 3, 5 cuts after the "
        "third and the fifth character.",
        min_length=1,
        max_length=expressions.LONGEST,
    )
    parts: Annotated[int, Number(2, 20)] = P(
        default=2,
        title="Columns",
        description="How many columns are made; positions make one more than there are positions.",
        ge=2,
        le=100,
    )
    rest: Literal["in the last part", "left out"] = P(
        default="in the last part",
        title="What is left",
        description="Where a text has more parts than columns.",
    )
    drop: bool = P(default=False, title="Drop the column", description="Leave out the column that was split.")

    @model_validator(mode="after")
    def _sound(self) -> SplitColumn:
        if self.by == "pattern":
            expressions.groups(self.at)
        if self.by == "positions":
            self._cuts()
        return self

    def _cuts(self) -> list[int]:
        pieces = [piece.strip() for piece in self.at.replace("，", ",").split(",") if piece.strip()]
        if not pieces or not all(piece.isascii() and piece.isdigit() and len(piece) < 7 for piece in pieces):
            raise ValueError("must have positions such as 3, 5")
        cuts = [int(piece) for piece in pieces]
        if cuts != sorted(set(cuts)) or cuts[0] == 0 or len(cuts) > 99:
            raise ValueError("must have at most 99 positions of 1 or more, each larger than the one before")
        return cuts

    @classmethod
    def example(cls) -> SplitColumn:
        return cls(column="day_text", at="/", parts=3)

    def names(self) -> list[str]:
        """The columns it makes."""
        count = len(self._cuts()) + 1 if self.by == "positions" else self.parts
        return [f"{self.column} {number}" for number in range(1, count + 1)]

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kept = [column.name for column in columns if not (self.drop and column.name == self.column)]
        # a list, not a dict: two columns of one name must be found, not overwritten
        chosen = [exp.alias_(sql.name(name), name, quoted=True) for name in kept]
        for place, name in enumerate(self.names()):
            trimmed = sql.template(
                "NULLIF(regexp_replace(:part, :ends, '', 'g'), '')", part=self._part(place), ends=ENDS
            )
            chosen.append(exp.alias_(trimmed, name, quoted=True))
        return exp.select(*chosen, sql.name(sql.ROW)).from_(source)

    def _part(self, place: int) -> exp.Expr:
        cell, last = sql.name(self.column), place == len(self.names()) - 1
        if self.by == "positions":
            cuts = [0, *self._cuts()]
            start, length = cuts[place] + 1, None if last else cuts[place + 1] - cuts[place]
            if last and self.rest == "in the last part":
                cut: exp.Expr = sql.template("substr(:x, :start)", x=cell, start=start)
            else:
                cut = sql.template("substr(:x, :start, :n)", x=cell, start=start, n=length or self._step())
            return cut
        split = "string_split(:x, :at)" if self.by == "delimiter" else "regexp_split_to_array(:x, :at)"
        if last and self._keeps_rest():
            node: exp.Expr = sql.template(
                f"array_to_string(list_slice({split}, :n, :end), :at)",
                x=cell,
                at=self.at,
                n=place + 1,
                end=MOST,
            )
        else:
            node = sql.template(f"list_extract({split}, :n)", x=cell, at=self.at, n=place + 1)
        return node

    def _step(self) -> int:
        """Characters of a last part that leaves the rest out: as many as the part before it has."""
        cuts = [0, *self._cuts()]
        return cuts[-1] - cuts[-2]

    def _keeps_rest(self) -> bool:
        return self.rest == "in the last part" and self.by == "delimiter"

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = [f"texts = pa.array(df[{self.column!r}])"]
        if self.by == "delimiter":
            lines.append(f"parts = pc.split_pattern(texts, {self.at!r}).to_pylist()")
        elif self.by == "pattern":
            lines.append(f"parts = pc.split_pattern_regex(texts, {self.at!r}).to_pylist()")
        else:
            lines.append("parts = texts.to_pylist()")
        glue = self.at if self.by == "delimiter" else ""
        lines += [
            "def part(start, end):",
            f"    cells = [None if cell is None else {glue!r}.join(cell[start:end]) for cell in parts]",
            f"    cells = pc.replace_substring_regex(pa.array(cells, pa.string()), {ENDS!r}, '')",
            "    cells = pc.if_else(pc.equal(cells, ''), pa.scalar(None, pa.string()), cells)",
            "    return pd.Series(pd.arrays.ArrowExtensionArray(cells), index=df.index)",
            "",
        ]
        for place, name in enumerate(self.names()):
            start, end = self._slice(place)
            lines.append(f"df[{name!r}] = part({start}, {end})")
        if self.drop:
            lines.append(f"df = df.drop(columns=[{self.column!r}])")
        return "\n".join(lines)

    def _slice(self, place: int) -> tuple[int, int | None]:
        last = place == len(self.names()) - 1
        if self.by == "positions":
            cuts = [0, *self._cuts()]
            open_end = None if self.rest == "in the last part" else cuts[place] + self._step()
            return cuts[place], open_end if last else cuts[place + 1]
        return place, None if last and self._keeps_rest() else place + 1

    def describe(self) -> Note:
        values = {"column": quoted(self.column), "at": quoted(self.at), "count": len(self.names())}
        if self.by == "delimiter":
            return note("Split {column} at {at} into {count} columns", **values)
        if self.by == "pattern":
            return note("Split {column} at the pattern {at} into {count} columns", **values)
        return note(
            "Split {column} after characters {at} into {count} column | Split {column} after "
            "characters {at} into {count} columns",
            **values,
        )
