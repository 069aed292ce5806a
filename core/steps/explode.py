"""Lists inside a text made rows: one for each item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnName, Text
from core.steps.extract import ENDS
from core.steps.lookup import is_text
from core.steps.naming import NewName
from core.steps.words import quoted
from core.wording import Note, note

_PLACE = "place"  # a name inside the query, made different from all columns


class ExplodeList(Step):
    """Give each item of a list in a text a row of its own; the other columns are repeated.

    A list is written as JSON (`["a", "b"]`) or with a delimiter (`a; b`). Spaces around delimited items
    are left out, and so are empty ones. Items of a JSON list that are lists or objects stay JSON. A text
    that is no JSON list is one item.
    """

    title = "Explode a list"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # numbered with a window

    column: Annotated[str, ColumnName("text")] = P(title="Column", description="The text column with lists.")
    form: Literal["delimited", "JSON"] = P(
        default="delimited", title="Written as", description="With a delimiter, or as a JSON list."
    )
    delimiter: Annotated[str, Text(example=";")] = P(
        default=";",
        title="Delimiter",
        description="What stands between two items; JSON lists need none.",
        max_length=100,
    )
    number: NewName = P(
        default="",
        title="Column of numbers",
        description="What a column is called that counts the items of each list from 1; none when empty.",
        max_length=1_000,
    )
    empty: Literal["keep the row", "leave out"] = P(
        default="keep the row",
        title="Without items",
        description="Whether a row whose list is empty or missing stays, with a missing cell.",
    )

    @model_validator(mode="after")
    def _sound(self) -> ExplodeList:
        if self.form == "delimited" and (not self.delimiter or not is_text(self.delimiter)):
            raise ValueError("must have a delimiter")
        return self

    @classmethod
    def example(cls) -> ExplodeList:
        return cls(column="day_text", delimiter="/", number="part")

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        place = _PLACE
        while place.casefold() in {column.name.casefold() for column in columns}:
            place += "_"
        items = self._items(sql.name(self.column))
        if self.empty == "keep the row":
            items = sql.template("CASE WHEN len(:items) > 0 THEN :items ELSE [NULL] END", items=items)
        listed: dict[str, exp.Expr] = {column.name: sql.name(column.name) for column in columns}
        inner = sql.select(source, {**listed, self.column: items})
        cell = sql.name(self.column)
        single = sql.select("listed", {
            **listed,
            self.column: sql.template("unnest(:x)", x=cell),
            place: sql.template("unnest(range(len(:x)))", x=cell),
        })  # fmt: skip
        single.set("from_", exp.From(this=inner.subquery("listed")))
        chosen = [exp.alias_(node, name, quoted=True) for name, node in listed.items()]
        if self.number:
            counted = sql.template(":place + 1", place=sql.name(place))
            chosen.append(exp.alias_(counted, self.number, quoted=True))
        row = sql.template(
            "row_number() OVER (ORDER BY :row, :place) - 1", row=sql.name(sql.ROW), place=sql.name(place)
        )
        return exp.select(*chosen, exp.alias_(row, sql.ROW, quoted=True)).from_(single.subquery("single"))

    def _items(self, cell: exp.Expr) -> exp.Expr:
        if self.form == "JSON":
            node: exp.Expr = sql.template(
                "CASE WHEN :x IS NULL THEN [] WHEN json_valid(:x) AND json_type(CASE WHEN json_valid(:x) "
                "THEN :x END) = 'ARRAY' THEN json_extract_string(CASE WHEN json_valid(:x) THEN :x END, "
                "'$[*]') ELSE [:x] END",
                x=cell,
            )
            return node
        trimmed = sql.template(
            "list_transform(string_split(:x, :at), lambda item: regexp_replace(item, :ends, '', 'g'))",
            x=cell, at=self.delimiter, ends=ENDS,
        )  # fmt: skip
        filtered: exp.Expr = sql.template(
            "COALESCE(list_filter(:items, lambda item: item <> ''), [])", items=trimmed
        )
        return filtered

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = [f"texts = pa.array(df[{self.column!r}]).to_pylist()"]
        if self.form == "JSON":
            lines += [
                "def items(text):",
                "    if text is None:",
                "        return []",
                "    try:",
                "        found = json.loads(text)",
                "    except ValueError:",
                "        return [text]",
                "    if not isinstance(found, list):",
                "        return [text]",
                "    return [item if item is None or isinstance(item, str) else",
                '            json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in found]',
                "lists = [items(text) for text in texts]",
            ]
        else:
            lines += [
                f"parts = pc.split_pattern(pa.array(df[{self.column!r}]), {self.delimiter!r})",
                f"cells = pc.replace_substring_regex(pc.list_flatten(parts), {ENDS!r}, '').to_pylist()",
                "counts = pc.fill_null(pc.list_value_length(parts), 0).to_pylist()",
                "ends = np.cumsum(counts, dtype=np.int64).tolist()",
                "lists = [[cell for cell in cells[end - count : end] if cell]",
                "         for end, count in zip(ends, counts)]",
            ]
        if self.empty == "keep the row":
            lines.append("lists = [found or [None] for found in lists]")
        lines += [
            "df = df.take(np.repeat(np.arange(len(df)), [len(found) for found in lists]))",
            "df = df.reset_index(drop=True)",
            "cells = pa.array([item for found in lists for item in found], pa.string())",
            f"df[{self.column!r}] = pd.Series(pd.arrays.ArrowExtensionArray(cells), index=df.index)",
        ]
        if self.number:
            lines += [
                "numbers = [place for found in lists for place in range(1, len(found) + 1)]",
                f"df[{self.number!r}] = pd.Series(numbers, index=df.index, dtype='int64[pyarrow]')",
            ]
        return "\n".join(lines)

    def describe(self) -> Note:
        if self.form == "JSON":
            return note("Give each item of the JSON lists in {column} a row", column=quoted(self.column))
        return note(
            "Give each item of {column} a row, split at {delimiter}",
            column=quoted(self.column), delimiter=quoted(self.delimiter),
        )  # fmt: skip
