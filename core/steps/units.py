"""Amounts with units, brought to one unit: "5 kg", "11 lb" and "12.0 oz" as kilograms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.errors import BadParameter
from core.notation.measures import MEASURES, Unit, alike, conversion
from core.params import ColumnName, Number
from core.steps.naming import NewName, target, with_result
from core.steps.words import quoted
from core.wording import Note, note

_SP = r"[\s\p{Z}]*"
_POINT = r"[-+−–]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?"
_COMMA = r"[-+−–]?(?:\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d+(?:,\d*)?|,\d+)(?:e[-+]?\d{1,3})?"
Move = tuple[str, str]


class ConvertUnits(Step):
    """Bring amounts to one unit: lengths, areas, weights, volumes, temperatures, speeds, durations.

    In a text, the number and its unit are read ("5 kg", "11 lbs.", "12,5cm"), also in two parts
    ("5 ft 11 in", "6'2\\"", "3 lb 4 oz"). A column of numbers is in the unit that is chosen for numbers
    without one. What cannot be read, or measures something else, becomes missing. A word that two
    systems share is the US one: a pint is 0.473 litres, a ton 2,000 pounds; "fl oz" is a volume, and
    "oz" is one too where a volume is wanted.
    """

    title = "Convert units"
    group = "Numbers"

    column: Annotated[str, ColumnName("text", "integer", "number")] = P(
        title="Column", description="The amounts: texts with units, or numbers."
    )
    to: Unit = P(default="kg", title="To", description="The unit that all amounts shall have.")
    plain: Unit | None = P(
        default=None,
        title="Numbers without a unit are",
        description="The unit of plain numbers; without one, they become missing.",
    )
    decimal: Literal["point", "comma"] = P(
        default="point",
        title="Decimal sign",
        description="point: 1,234.5 is read as 1234.5; comma: 1.234,5 is.",
    )
    rest: Literal["make missing", "ignore"] = P(
        default="make missing",
        title="Words after the unit",
        description='What happens to "12 oz Silo Can": the cell becomes missing, or the words are ignored.',
    )
    digits: Annotated[int | None, Number(0, 10)] = P(
        default=None,
        title="Decimals",
        description="Round to so many decimals; left empty, nothing is rounded.",
        ge=0,
        le=12,
    )
    name: NewName = P(
        default="",
        title="New column",
        description="What the column with the amounts is called; left empty, they replace the old ones.",
        max_length=1_000,
    )

    @model_validator(mode="after")
    def _same_quantity(self) -> ConvertUnits:
        if self.plain is not None and MEASURES[self.plain].quantity != MEASURES[self.to].quantity:
            raise ValueError(
                f"must have numbers without a unit measure {MEASURES[self.to].quantity}, as {self.to} does"
            )
        return self

    @classmethod
    def example(cls) -> ConvertUnits:
        return cls(column="amount", to="lb", plain="kg", name="pounds")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = next(column.type for column in columns if column.name == self.column)
        if kind != "text" and self.plain is None:
            raise BadParameter(
                "Convert units: {column!r} is a column of numbers, which say nothing of their unit.",
                hint='Choose it under "Numbers without a unit are".',
                column=self.column,
            )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kind = next(column.type for column in columns if column.name == self.column)
        cell: exp.Expr = sql.name(self.column)
        if kind != "text":
            node = self._amount(exp.cast(cell, "DOUBLE"), *self._terms()[0])
        else:
            case = exp.Case()
            for pattern, moves in self._readings():
                parts = [self._amount(self._number(pattern, group), *terms) for group, terms in moves]
                total = parts[0] if len(parts) == 1 else sql.template(":a + :b", a=parts[0], b=parts[1])
                fits = sql.template("regexp_matches(:x, :p)", x=cell, p=pattern)
                case = case.when(fits, total)
            node = case
        if self.digits is not None:
            node = sql.template("round(:x, :n)", x=node, n=self.digits)
        node = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=node) if kind == "text" else node
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def _terms(self) -> list[tuple[float, float]]:
        assert self.plain is not None
        return [conversion(self.plain, self.to)]

    def _amount(self, number: exp.Expr, scale: float, shift: float) -> exp.Expr:
        node: exp.Expr = sql.template(":x * :a + :b", x=number, a=scale, b=shift)
        return node

    def _number(self, pattern: str, group: int) -> exp.Expr:
        cell: exp.Expr = sql.template(
            "regexp_extract(:x, :p, :g)", x=sql.name(self.column), p=pattern, g=group
        )
        for move, put in self._moves():
            cell = sql.template("regexp_replace(:x, :p, :put, 'g')", x=cell, p=move, put=put)
        node: exp.Expr = sql.template("TRY_CAST(:x AS DOUBLE)", x=cell)
        return node

    def _moves(self) -> list[Move]:
        """What brings a number to the form in which it is cast."""
        if self.decimal == "comma":
            return [(r"\.", ""), (",", "."), ("[−–]", "-"), (r"^\+", ""), (r"\.$|\.(e)", r"\1")]
        return [(",", ""), ("[−–]", "-"), (r"^\+", ""), (r"\.$|\.(e)", r"\1")]

    def _readings(self) -> list[tuple[str, list[tuple[int, tuple[float, float]]]]]:
        """Patterns of whole cells, each with its numbers' groups and what they are multiplied by."""
        digits = _COMMA if self.decimal == "comma" else _POINT
        end = rf"{_SP}$" if self.rest == "make missing" else r"(?:[^\p{L}\p{N}][\s\S]*)?$"
        start, readings = rf"(?i)^{_SP}({digits}){_SP}", []
        if self.plain is not None:
            readings.append((rf"{start}{_SP}$", [(1, conversion(self.plain, self.to))]))
        known = self._spellings()
        for unit, words in known.items():
            readings.append((rf"{start}(?:{words}){end}", [(1, conversion(unit, self.to))]))
        for one, other in (
            ("ft", "in"),
            ("lb", "oz"),
            ("stone", "lb"),
            ("hour", "minute"),
            ("minute", "second"),
        ):
            if one in known and other in known:
                second = rf"(?:{known[one]})[\s\p{{Z}},]*({digits}){_SP}(?:{known[other]})"
                scales = [(1, conversion(one, self.to)), (2, conversion(other, self.to))]
                readings.append((f"{start}{second}{end}", scales))
        return readings

    def _spellings(self) -> dict[Unit, str]:
        """How each unit of the quantity is written, as a pattern; the longest spelling first."""
        found: dict[Unit, str] = {}
        for unit, measure in alike(self.to).items():
            words = list(measure.spellings)
            if unit == "fl oz (US)":  # an ounce of a volume is a fluid one
                words += MEASURES["oz"].spellings
            patterns = (re.escape(word).replace(r"\ ", r"[\s\p{Z}.]+") for word in words)
            found[unit] = "(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + r")\.?"
        return found

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kind = next(column.type for column in columns if column.name == self.column)
        lines = [f"cells = pa.array(df[{self.column!r}])"]
        if kind != "text":
            scale, shift = self._terms()[0]
            lines.append(
                f"amounts = pc.add(pc.multiply(pc.cast(cells, 'float64', safe=False), {scale!r}), {shift!r})"
            )
        else:
            lines += self._text_code()
        if self.digits is not None:
            lines.append(f"amounts = pc.round(amounts, {self.digits}, 'half_towards_infinity')")
        if kind == "text":
            lines.append(
                "amounts = pc.if_else(pc.is_finite(amounts), amounts, pa.scalar(None, pa.float64()))"
            )
        place = target(columns, self.column, self.name)
        lines.append(f"df[{place!r}] = pd.Series(pd.arrays.ArrowExtensionArray(amounts), index=df.index)")
        return "\n".join(lines)

    def _text_code(self) -> list[str]:
        lines = [
            "def number(pattern, group):",
            "    digits = pc.replace_substring_regex(cells, pattern, f'\\\\{group}')",
            "    digits = pc.if_else(pc.match_substring_regex(cells, pattern), digits, None)",
            f"    for move, put in {self._moves()!r}:",
            "        digits = pc.replace_substring_regex(digits, move, put)",
            "    return pc.cast(digits, 'float64')",
            "",
            "amounts = pa.nulls(len(cells), pa.float64())",
        ]
        for pattern, moves in reversed(self._readings()):  # the first that fits has the last word
            parts = [
                f"pc.add(pc.multiply(number(pattern, {group}), {scale!r}), {shift!r})"
                for group, (scale, shift) in moves
            ]
            total = parts[0] if len(parts) == 1 else f"pc.add({parts[0]}, {parts[1]})"
            lines += [f"pattern = {pattern!r}", f"amounts = pc.coalesce({total}, amounts)"]
        return lines

    def describe(self) -> Note:
        values = {"column": quoted(self.column), "unit": note(self.to)}
        if self.name:
            return note("Convert {column} to {unit} as {name}", name=quoted(self.name), **values)
        return note("Convert {column} to {unit}", **values)
