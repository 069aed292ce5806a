"""Times of day as people write them, brought to one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.notation.times import COLON, HALVED, Form
from core.params import ColumnName
from core.steps.naming import NewName, target, with_result
from core.steps.words import quoted
from core.wording import Note, note

_NUMBERS = {"h": 1, "m": 2, "s": 3}
_SECONDS = "CASE WHEN :s = '' THEN '' ELSE ':' || :s END"
_FORMS: dict[Form, str] = {
    "24 hours": f"lpad(CAST(:hour AS VARCHAR), 2, '0') || ':' || :m || {_SECONDS}",
    "12 hours": f"CAST((:hour + 11) % 12 + 1 AS VARCHAR) || ':' || :m || {_SECONDS}"
    " || CASE WHEN :hour < 12 THEN ' a.m.' ELSE ' p.m.' END",
    "minutes": "CAST(:hour * 60 + CAST(:m AS BIGINT) AS DOUBLE)"
    " + CASE WHEN :s = '' THEN 0 ELSE CAST(:s AS DOUBLE) / 60 END",
}


class ReadTimes(Step):
    """Write the times of day in a text in one form: "7:10 a.m.", "07:10" and "7.10 AM" alike.

    The first time in each text is taken, with or without a date around it. Hours above 23, or
    above 12 with a.m. or p.m., are no times. Seconds stay where there are any.
    """

    title = "Read times"
    group = "Dates"

    column: Annotated[str, ColumnName("text")] = P(title="Column", description="The texts with times.")
    form: Form = P(
        default="24 hours",
        title="Write as",
        description="24 hours: 19:10. 12 hours: 7:10 p.m. minutes: 1150, the minutes since midnight.",
    )
    around: Literal["ignore", "no time"] = P(
        default="ignore",
        title="Other words around",
        description='Whether "Dec 2, 7:10 a.m." counts as a time.',
    )
    otherwise: Literal["stay", "become missing"] = P(
        default="become missing",
        title="Other texts",
        description="What texts do in which there is no time; as minutes, they always become missing.",
    )
    name: NewName = P(
        default="",
        title="New column",
        description="What the column with the times is called; left empty, they replace the texts.",
        max_length=1_000,
    )

    @classmethod
    def example(cls) -> ReadTimes:
        return cls(column="day_text", otherwise="stay", form="12 hours", name="time")

    def _patterns(self) -> list[str]:
        found = [COLON, HALVED]
        if self.around == "no time":
            found = [
                p.replace(r"(?:^|[^0-9:.：])", r"^[\s\p{Z}]*").replace(r"(?:^|[^0-9:.])", r"^[\s\p{Z}]*")
                .replace(r"(?:[^0-9:：]|$)", r"[\s\p{Z}]*$").replace(r"(?:[^0-9]|$)", r"[\s\p{Z}]*$")
                for p in found
            ]  # fmt: skip
        return found

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        case = exp.Case()
        for pattern in self._patterns():
            fits = sql.template("regexp_matches(:x, :p)", x=sql.name(self.column), p=pattern)
            case = case.when(fits, self._time(pattern))
        node: exp.Expr = case
        if self.otherwise == "stay" and self.form != "minutes":
            node = sql.template("coalesce(:time, :x)", time=node, x=sql.name(self.column))
        return with_result(source, columns, target(columns, self.column, self.name), node)

    def _time(self, pattern: str) -> exp.Expr:
        part = {
            key: sql.template("regexp_extract(:x, :p, :g)", x=sql.name(self.column), p=pattern, g=group)
            for key, group in _NUMBERS.items()
        }
        half = sql.template("lower(regexp_extract(:x, :p, 4))", x=sql.name(self.column), p=pattern)
        written = sql.template("CAST(:h AS BIGINT)", h=part["h"])
        hour = sql.template(
            "CASE WHEN :half = '' THEN CASE WHEN :h < 24 THEN :h END"
            " WHEN :h BETWEEN 1 AND 12 THEN :h % 12 + CASE WHEN :half = 'p' THEN 12 ELSE 0 END END",
            half=half, h=written,
        )  # fmt: skip
        minute = sql.template("CASE WHEN :m = '' THEN '00' ELSE :m END", m=part["m"])
        node: exp.Expr = sql.template(_FORMS[self.form], hour=hour, m=minute, s=part["s"])
        return node

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kind = "pa.float64()" if self.form == "minutes" else "pa.string()"
        shown = {
            "24 hours": "f'{hour:02}:{m}' + (f':{s}' if s else '')",
            "12 hours": "f'{(hour + 11) % 12 + 1}:{m}' + (f':{s}' if s else '')"
            " + (' a.m.' if hour < 12 else ' p.m.')",
            "minutes": "float(hour * 60 + int(m)) + (float(s) / 60 if s else 0)",
        }[self.form]
        stays = self.otherwise == "stay" and self.form != "minutes"
        return "\n".join(
            [
                f"texts = pa.array(df[{self.column!r}])",
                "def parts(pattern):",
                "    whole = '^[\\\\d\\\\D]*?(?:' + pattern + ')[\\\\d\\\\D]*$'",
                "    found = pc.replace_substring_regex(texts, whole, '\\\\1 \\\\2 \\\\3 \\\\4')",
                "    return pc.if_else(pc.match_substring_regex(texts, pattern), found, None).to_pylist()",
                "",
                "def time(found):",
                "    h, m, s, half = found.split(' ')",
                "    hour, m = int(h), m or '00'",
                "    if half and not 1 <= hour <= 12 or hour > 23:",
                "        return None",
                "    hour = hour % 12 + (12 if half in 'pP' else 0) if half else hour",
                f"    return {shown}",
                "",
                f"first, second = [parts(pattern) for pattern in {self._patterns()!r}]",
                "found = [one or other for one, other in zip(first, second, strict=True)]",
                f"times = pa.array([cell and time(cell) for cell in found], {kind})",
                *(["times = pc.coalesce(times, texts)"] if stays else []),
                f"df[{target(columns, self.column, self.name)!r}] = "
                "pd.Series(pd.arrays.ArrowExtensionArray(times), index=df.index)",
            ]
        )

    def describe(self) -> Note:
        return note("Write the times in {column} as {form}", column=quoted(self.column), form=note(self.form))
