"""Text as people type it: stray spaces, mixed case, many spellings of one thing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnNames, Frozen
from core.steps.cells import with_cells
from core.steps.values import code, typed
from core.steps.words import listed, named, quoted
from core.wording import Note, note

# white space of any script, and the two invisible characters that web pages and files leave behind
SPACE = r"[\s\v\p{Z}\x{200B}\x{FEFF}]"
# a capital letter follows these when every word gets one; not the apostrophe of "isn't"
WORD_STARTS = ' \t\n\r\u00a0\u3000-/(."&'


class TrimText(Step):
    """Remove spaces around text, and make one space of several within it.

    Spaces of every kind count: no-break and full-width ones, tabs, line ends, zero-width marks.
    """

    title = "Trim spaces"
    group = "Text"

    columns: Annotated[tuple[str, ...], ColumnNames("text")] = P(
        title="Columns", description="The text columns to trim.", min_length=1
    )
    collapse: bool = P(
        default=True, title="One space within", description="Make one space of several inside a text."
    )
    empty_is_missing: bool = P(
        default=False,
        title="Empty is missing",
        description="Make a text missing when nothing is left of it.",
    )

    @classmethod
    def example(cls) -> TrimText:
        return cls(columns=("name", "region"), empty_is_missing=True)

    def _patterns(self) -> list[tuple[str, str]]:
        ends = (f"^{SPACE}+|{SPACE}+$", "")
        return [ends, (f"{SPACE}+", " ")] if self.collapse else [ends]

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        cells = {}
        for column in self.columns:
            cell: exp.Expr = sql.name(column)
            for pattern, put in self._patterns():
                cell = sql.template(
                    "regexp_replace(:x, :pattern, :put, 'g')", x=cell, pattern=pattern, put=put
                )
            cells[column] = sql.template("NULLIF(:x, '')", x=cell) if self.empty_is_missing else cell
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = []
        for column in dict.fromkeys(self.columns):
            chain = "".join(f".str.replace({p!r}, {put!r}, regex=True)" for p, put in self._patterns())
            lines.append(f"df[{column!r}] = df[{column!r}]{chain}")
            if self.empty_is_missing:
                lines.append(f'df[{column!r}] = df[{column!r}].mask((df[{column!r}] == "").fillna(False))')
        return "\n".join(lines)

    def describe(self) -> Note:
        return note("Trim spaces in {columns}", columns=named(self.columns))


class ChangeCase(Step):
    """Write text in small letters, in capitals, or with a capital at the start of each word.

    Each letter is mapped by itself, as Unicode's simple mapping says, so that a text keeps its
    length: the capitals of "straße" are not "STRASSE".
    """

    title = "Change case"
    group = "Text"

    columns: Annotated[tuple[str, ...], ColumnNames("text")] = P(
        title="Columns", description="The text columns to change.", min_length=1
    )
    case: Literal["lower", "upper", "title"] = P(
        default="lower", title="Case", description="lower: small letters; upper: CAPITALS; title: Each Word."
    )

    @classmethod
    def example(cls) -> ChangeCase:
        return cls(columns=("region", "name"), case="title")

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        return with_cells(source, columns, {column: self._cell(sql.name(column)) for column in self.columns})

    def _cell(self, cell: exp.Expr) -> exp.Expr:
        forms = {"lower": "lower(:x)", "upper": "upper(:x)"}
        if self.case == "title":
            words = (
                "array_to_string(list_transform(regexp_extract_all(:x, :words),"
                " lambda word: upper(word[1]) || lower(word[2:])), '')"
            )
            among = "".join(f"\\x{{{ord(char):x}}}" for char in WORD_STARTS)
            result: exp.Expr = sql.template(words, x=cell, words=f"[^{among}]+|[{among}]+")
        else:
            result = sql.template(forms[self.case], x=cell)
        return result

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        if self.case != "title":
            return "\n".join(f"df[{c!r}] = df[{c!r}].str.{self.case}()" for c in dict.fromkeys(self.columns))
        lines = [
            "def titled(small, big):",
            f"    starts = {WORD_STARTS!r}",
            "    return \"\".join(b if i == 0 or small[i - 1] in starts else s"
            " for i, (s, b) in enumerate(zip(small, big)))",
            "",
        ]  # fmt: skip
        for column in dict.fromkeys(self.columns):
            lines += [
                f"pairs = zip(df[{column!r}].str.lower(), df[{column!r}].str.upper())",
                f"df[{column!r}] = pd.Series("
                "[None if pd.isna(small) else titled(small, big) for small, big in pairs],"
                f" index=df.index, dtype=df[{column!r}].dtype)",
            ]
        return "\n".join(lines)

    def describe(self) -> Note:
        words = {
            "lower": note("small letters"),
            "upper": note("capitals"),
            "title": note("a capital for each word"),
        }
        columns = named(self.columns)
        return note("Write {columns} in {case}", columns=columns, case=words[self.case])


FEW = 8  # replacements that are written as cases


class Replacement(Frozen):
    """A value and what stands in its place."""

    find: str = P(title="Find", description="The value to replace, as it is shown in the table.")
    put: str = P(default="", title="Replace with", description="What stands there instead.")
    missing: bool = P(
        default=False, title="Make missing", description="Make the cell missing instead of putting a value."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Replacement:
        if self.missing and self.put:
            raise ValueError("must either put a value or make the cell missing, not both")
        return self


class ReplaceValues(Step):
    """Replace some values by others, or make them missing.

    As whole cells, values of any type are replaced, all at once: a cell is replaced at most once.
    As parts of text, the pairs are worked through in their order.
    """

    title = "Replace values"
    group = "Text"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns in which values are replaced.", min_length=1
    )
    values: tuple[Replacement, ...] = P(
        title="Replacements", description="What is replaced, and by what.", min_length=1
    )
    match: Literal["whole cell", "part of the text"] = P(
        default="whole cell",
        title="Find as",
        description="The whole cell must be the value, or the value may stand anywhere in a text.",
    )
    ignore_case: bool = P(
        default=False, title="Ignore case", description="Small and capital letters in text count as the same."
    )

    @model_validator(mode="after")
    def _sound(self) -> ReplaceValues:
        finds = [row.find.casefold() if self.ignore_case else row.find for row in self.values]
        if len(set(finds)) < len(finds):
            raise ValueError("must list each value to find once")
        if self.match == "part of the text" and not all(finds):
            raise ValueError("must not look for an empty text within a text")
        if self.match == "part of the text" and any(row.missing for row in self.values):
            raise ValueError("must not make a part of a text missing; find the whole cell instead")
        return self

    @classmethod
    def example(cls) -> ReplaceValues:
        rows = (Replacement(find="north", put="N"), Replacement(find="West", missing=True))
        return cls(columns=("region",), values=rows, ignore_case=True)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for column in self.columns:
            if self.match == "part of the text" and kinds[column] != "text":
                raise BadParameter(
                    "Replace values: parts can be replaced in text only; {column!r} is {kind}.",
                    hint="Replace whole cells, or change the column to text first.",
                    column=column,
                    kind=kinds[column],
                )
            if self.match == "whole cell":
                self._pairs(kinds[column])

    def _pairs(self, kind: ColumnType) -> list[tuple[Any, Any]]:
        """What is found and what is put, as values of a column of this type (None: missing)."""
        return [(typed(r.find, kind), None if r.missing else typed(r.put, kind)) for r in self.values]

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        part = self.match == "part of the text"
        cells = {c: self._parts(c) if part else self._whole(c, kinds[c]) for c in self.columns}
        return with_cells(source, columns, cells)

    def _whole(self, column: str, kind: ColumnType) -> exp.Expr:
        case = exp.Case(default=sql.name(column))
        folded = self.ignore_case and kind == "text"
        pairs = self._pairs(kind)
        if kind == "text" and not folded and len(pairs) > FEW:
            return _looked_up(sql.name(column), pairs)
        for find, put in pairs:
            same = "lower(:x) = lower(:find)" if folded else ":x = :find"
            case = case.when(sql.template(same, x=sql.name(column), find=find), sql.literal(put))
        return case

    def _parts(self, column: str) -> exp.Expr:
        cell: exp.Expr = sql.name(column)
        for row in self.values:
            if self.ignore_case:
                pattern, put = _any_case(row.find), row.put.replace("\\", "\\\\")
                cell = sql.template("regexp_replace(:x, :p, :put, 'g')", x=cell, p=pattern, put=put)
            else:
                cell = sql.template("replace(:x, :find, :put)", x=cell, find=row.find, put=row.put)
        return cell

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = []
        for column in dict.fromkeys(self.columns):
            if self.match == "part of the text":
                lines.append(f"df[{column!r}] = df[{column!r}]" + "".join(map(self._part_code, self.values)))
            else:
                lines += self._whole_code(column, kinds[column])
        return "\n".join(lines)

    def _part_code(self, row: Replacement) -> str:
        if self.ignore_case:
            put = row.put.replace("\\", "\\\\")
            return f".str.replace({_any_case(row.find)!r}, {put!r}, regex=True)"
        return f".str.replace({row.find!r}, {row.put!r}, regex=False)"

    def _whole_code(self, column: str, kind: ColumnType) -> list[str]:
        import pyarrow as pa
        import pyarrow.compute as pc

        folded = self.ignore_case and kind == "text"
        lines = [f"cells = df[{column!r}]", f"found = cells{'.str.lower()' if folded else ''}"]
        for find, put in reversed(self._pairs(kind)):  # the first that fits has the last word
            sought = pc.utf8_lower(pa.scalar(find)).as_py() if folded else find
            value = "pd.NA" if put is None else code(put)
            lines.append(f"cells = cells.mask((found == {code(sought)}).fillna(False), {value})")
        return [*lines, f"df[{column!r}] = cells"]

    def describe(self) -> Note:
        pairs = [
            note("{old} by {new}", old=quoted(r.find), new=note("missing") if r.missing else quoted(r.put))
            for r in self.values
        ]
        columns = named(self.columns)
        return note("Replace {pairs} in {columns}", pairs=listed(pairs), columns=columns)


def _looked_up(cell: exp.Expr, pairs: list[tuple[str, str | None]]) -> exp.Expr:
    """The cell's new value out of a map: a case for each of many would name the cell as often."""
    kept = {find: put for find, put in pairs if put is not None}
    gone = [find for find, put in pairs if put is None]
    lists = {
        name: sql.template("from_json(:texts, :shape)", texts=json.dumps(list(texts)), shape='["VARCHAR"]')
        for name, texts in (("finds", kept), ("puts", kept.values()), ("gone", gone))
    }
    node: exp.Expr = cell
    if kept:
        node = sql.template("coalesce(map_extract_value(map(:finds, :puts), :x), :x)", x=cell, **lists)
    if gone:
        node = sql.template("CASE WHEN NOT coalesce(list_contains(:gone, :x), FALSE) THEN :node END",
                            gone=lists["gone"], x=cell, node=node)  # fmt: skip
    return node


def _any_case(find: str) -> str:
    """The text as a regular expression that matches it in small and capital letters."""
    return "(?i)" + re.escape(find)
