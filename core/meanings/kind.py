"""One meaning: how it is called, and which values of a column that has it are valid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from core import sql
from core.contracts import Column, ColumnType
from core.meanings.patterns import SPACE

Part = Literal["valid", "invalid", "empty"]
TYPES: tuple[ColumnType, ...] = ("text", "integer", "number", "boolean", "date", "datetime")


@dataclass(frozen=True)
class Kind:
    """What values of a meaning look like.

    `pattern` is for texts (RE2, the whole text without outer spaces), and for whole numbers too where
    `whole` says so: postcodes may be stored as numbers. `low` and `high` limit numbers. A meaning
    without any of these has no notion of what is valid: every text may be a category.
    """

    name: str
    types: tuple[ColumnType, ...] = ("text",)
    pattern: str = ""
    whole: bool = False
    low: float | None = None
    high: float | None = None
    hint: str = ""  # of a column's name, which supports what the values say and never decides alone

    def hinted(self, name: str) -> bool:
        """Whether the column's name speaks for this meaning."""
        return bool(self.hint and re.search(self.hint, spoken(name)))

    def judges(self, column: Column) -> bool:
        """Whether values of this column can be told valid from invalid."""
        return column.type in self.types and (bool(self.pattern) or self.low is not None)

    def always(self, column: Column) -> bool:
        """Whether no value of this column can be invalid: its storage type sees to that."""
        matched = self.pattern and self.whole
        return column.type == "boolean" or (column.type == "integer" and self.low is None and not matched)

    def test(self, column: Column) -> Any:
        """SQL that is true of a valid value, false of an invalid one, null of a missing one."""
        x = sql.name(column.name)
        if self._matched(column):
            whole = f"{SPACE}(?:{self.pattern}){SPACE}"
            text = x if column.type == "text" else sql.template("CAST(:x AS VARCHAR)", x=x)
            return sql.template("regexp_full_match(:x, :pattern)", x=text, pattern=whole)
        if self.low is not None and column.type in ("integer", "number"):
            return sql.template("(:x BETWEEN :low AND :high)", x=x, low=self.low, high=self.high)
        if column.type in ("number", "date", "datetime"):
            return sql.template("isfinite(:x)", x=x)
        return sql.template(":x = :x", x=x)

    def code(self, column: Column) -> str:
        """pandas code of the same: a Boolean series."""
        x = f"df[{column.name!r}]"
        if self._matched(column):
            whole = rf"\A{SPACE}(?:{self.pattern}){SPACE}\z"
            texts = f"pa.array({x})" if column.type == "text" else f"pa.array({x}).cast(pa.string())"
            found = f"pc.match_substring_regex({texts}, {whole!r})"
            return f'pd.Series({found}, index=df.index, dtype="bool[pyarrow]")'
        if self.low is not None and column.type in ("integer", "number"):
            return f"{x}.between({self.low!r}, {self.high!r})"
        if column.type == "number":
            return f'pd.Series(pc.is_finite(pa.array({x})), index=df.index, dtype="bool[pyarrow]")'
        return f"({x} == {x})"

    def _matched(self, column: Column) -> bool:
        return bool(self.pattern) and (column.type == "text" or (column.type == "integer" and self.whole))


def empty(column: Column) -> Any:
    """SQL that is true where the column holds nothing."""
    text = "(:x IS NULL OR isnan(:x))" if column.type == "number" else "(:x IS NULL)"
    return sql.template(text, x=sql.name(column.name))


def spoken(name: str) -> str:
    """A column's name in small letters, its words apart: "ShipZipCode" -> "ship zip code"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", apart).strip().casefold()
