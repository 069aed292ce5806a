"""Types for columns of text: a column has a type when ALL its values are of it, else it stays text.

The rows are read as text in internal columns c0, c1, ... A `Form` is one way to read a text as a
typed value and to tell whether nothing is lost by it ("007" is no integer). Which forms fit is
first asked of a sample; then one pass casts, checks every value and writes. Only when a later
value proves the sample wrong does a second pass ask the whole input.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from core import sql
from core.contracts import Column, ColumnType, Schema, Watch
from core.errors import BadInput
from core.sources.running import copied

if TYPE_CHECKING:
    import pyarrow as pa

DateOrder = Literal["unclear", "day first", "month first"]
_STORAGE: dict[ColumnType, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
UNFIT = "sightline: a value does not fit"
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
_SPELLED: dict[str, tuple[str, list[str]]] = {
    "day first": ("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}", [f"%d{mark}%m{mark}%Y" for mark in "/.-"]),
    "month first": ("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}", [f"%m{mark}%d{mark}%Y" for mark in "/.-"]),
    "month by name": (
        "([0-9]{1,2}[ -][A-Za-z]{3,9}[ -]|[A-Za-z]{3,9} [0-9]{1,2}, )[0-9]{4}",
        ["%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"],
    ),
    "year first": ("[0-9]{4}[.年][0-9]{1,2}[.月][0-9]{1,2}日?", ["%Y.%m.%d", "%Y年%m月%d日"]),
}
_ISO = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_TIME = "[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_ZONE = " ?(Z|z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)"


@dataclass(frozen=True)
class Form:
    """A way to read a text: `value` casts {c}, `fits` says of {c} and its value {v} that nothing is lost."""

    name: str
    type: ColumnType
    value: str
    fits: str
    quick: str = ""  # true only where `fits` is, and cheaper: nearly all values are settled by it

    def cast(self, column: str) -> str:
        return self.value.format(c=column)

    def checked(self, column: str, value: str) -> str:
        """The value, or an error where the text has not this form."""
        quick = self.quick.format(c=column, v=value)
        failure = f"error('{UNFIT}')::{_STORAGE[self.type]}"
        return (
            f"CASE {f'WHEN {quick} THEN {value} ' if quick else ''}"
            f"WHEN {self.good(column, value)} THEN {value} ELSE {failure} END"
        )

    def good(self, column: str, value: str) -> str:
        """True where the text is missing, blank or exactly this form."""
        fits = self.fits.format(c=column, v=value)
        return (
            f"({column} IS NULL OR CASE WHEN {value} IS NULL THEN trim({column}) = '' "
            f"ELSE coalesce({fits}, false) END)"
        )


TEXT = Form("text", "text", "{c}", "true")


def _quoted(text: str) -> str:
    return sql.literal(text).sql(dialect="duckdb").replace("{", "{{").replace("}", "}}")


def _pattern(text: str) -> str:
    return f"regexp_full_match({{c}}, {_quoted(text)})"


def _numbers(decimal: str, thousands: str) -> list[Form]:
    point = r"\." if decimal == "." else decimal
    plain = "{c}"
    if thousands:
        plain = f"replace({plain}, {_quoted(thousands)}, '')"
    whole = plain
    if decimal != ".":
        plain = f"replace({plain}, {_quoted(decimal)}, '.')"
    if thousands:
        mark = "[.]" if thousands == "." else thousands
        digits = f"([0-9]|[1-9][0-9]*|[1-9][0-9]{{0,2}}({mark}[0-9]{{3}})+)"
        is_integer = _pattern(rf"\s*-?{digits}\s*") + " AND abs({v}) < 1000000000000000"
        is_number = _pattern(rf"\s*-?{digits}?({point}[0-9]+)?([eE][+-][0-9]+)?\s*") + " AND abs({v}) < 1e15"
    else:
        is_integer = (
            "{v} BETWEEN -999999999999999 AND 999999999999999 AND "
            "CASE WHEN {v}::VARCHAR = {c} THEN true ELSE {v}::VARCHAR = trim({c}) END"
        )
        is_number = (
            "NOT ({c} >= '00' AND {c} < '0:') AND NOT ({c} >= '-00' AND {c} < '-0:') "
            "AND NOT ({c} >= '+' AND {c} < ',') AND NOT contains({c}, '_') AND NOT isnan({v}) "
            "AND CASE WHEN abs({v}) < 1e15 THEN true "
            r"WHEN isinf({v}) THEN regexp_full_match(lower({c}), '\s*-?inf(inity)?\s*') "
            "ELSE contains(lower({c}), 'e') END "
            # 1E5 is as often an article's code as a number; who writes numbers so writes 1e5, 1.0E5, 1E+05
            r"AND CASE WHEN contains({c}, 'E') "
            r"THEN NOT regexp_matches({c}, '^\s*-?[0-9]+E[0-9]') ELSE true END"
        )
        if decimal != ".":
            is_number += " AND NOT contains({c}, '.')"
    plainly_integer = "{v}::VARCHAR = {c} AND {v} BETWEEN -999999999999999 AND 999999999999999"
    # comparing texts is the cheapest test of what a number begins with, and its size says with what
    after = chr(ord(decimal) + 1)
    plainly_number = (
        "abs({v}) < 1e15 AND CASE WHEN {v} >= 1 THEN {c} >= '1' AND {c} < ':' "
        "WHEN {v} <= -1 THEN {c} >= '-1' AND {c} < '-:' "
        f"ELSE ({{c}} >= '0{decimal}' AND {{c}} < '0{after}') "
        f"OR ({{c}} >= '-0{decimal}' AND {{c}} < '-0{after}') OR {{c}} = '0' END "
        "AND NOT contains({c}, '_') AND NOT contains({c}, 'E')"
    )
    if thousands:
        plainly_integer = plainly_number = ""
    elif decimal != ".":
        plainly_number += " AND NOT contains({c}, '.')"
    return [
        Form("integer", "integer", f"TRY_CAST({whole} AS BIGINT)", is_integer, plainly_integer),
        Form("number", "number", f"TRY_CAST({plain} AS DOUBLE)", is_number, plainly_number),
    ]


def _dates(order: DateOrder) -> list[Form]:
    years = "{v} >= TIMESTAMP '1000-01-01' AND {v} < TIMESTAMP '10000-01-01'"
    days = "{v} >= DATE '1000-01-01' AND {v} < DATE '10000-01-01'"
    moment = "TRY_CAST({c} AS TIMESTAMP)"
    result = [
        Form("date", "date", "TRY_CAST({c} AS DATE)", day := f"{days} AND strlen({{c}}) <= 10", day),
        Form(
            "datetime",
            "datetime",
            moment,
            f"{years} AND {_pattern(f'{_ISO}({_TIME})?')}",
            f"{years} AND {{c}} LIKE '____-__-_____:__:__'",
        ),
        Form(
            "datetime with zone",
            "datetime",
            "(TRY_CAST({c} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')",
            f"{years} AND {_pattern(f'{_ISO}{_TIME}{_ZONE}')}",
        ),
    ]
    for name, (look, formats) in _SPELLED.items():
        if order != "unclear" and name in ("day first", "month first") and name != order:
            continue
        listed = ", ".join(_quoted(one) for one in formats)
        timed = ", ".join(_quoted(one + clock) for one in formats for clock in _CLOCKS)
        # a failing strptime is a hundred times slower than a pattern that shows it would fail
        only = f"CASE WHEN {_pattern(look)} THEN CAST(try_strptime({{c}}, [{listed}]) AS DATE) END"
        time = f"CASE WHEN {_pattern(f'{look}( [0-9].*)?')} THEN try_strptime({{c}}, [{timed}]) END"
        result.append(Form(f"date, {name}", "date", only, days))
        result.append(Form(f"datetime, {name}", "datetime", time, years))
    return result


def forms(decimal: str = ".", thousands: str = "", order: DateOrder = "unclear") -> list[Form]:
    """The ways to read a column, the most particular first; text, which always fits, is not among them."""
    truth = (
        "CASE WHEN {c} IN ('true', 'True', 'TRUE') THEN true "
        "WHEN {c} IN ('false', 'False', 'FALSE') THEN false END"
    )
    return [
        Form("boolean", "boolean", truth, "true", "{v} IS NOT NULL"),
        *_numbers(decimal, thousands),
        *_dates(order),
    ]


def asked(type_: ColumnType, decimal: str = ".", thousands: str = "", order: DateOrder = "unclear") -> Form:
    """The form of a type that a person chose: what such a value may look like is taken more widely."""
    plain = f"replace(trim({{c}}), {_quoted(thousands)}, '')" if thousands else "trim({c})"
    if type_ == "integer":
        return Form("asked", type_, f"TRY_CAST({plain} AS BIGINT)",
                    f"regexp_full_match({plain}, '[+-]?[0-9]+')")  # fmt: skip
    if type_ == "number":
        value = f"TRY_CAST(replace({plain}, {_quoted(decimal)}, '.') AS DOUBLE)"
        return Form("asked", type_, value, "NOT isnan({v}) AND NOT contains({c}, '_')")
    if type_ == "boolean":
        value = (
            "CASE WHEN lower(trim({c})) IN ('true','t','yes','y','1') THEN true "
            "WHEN lower(trim({c})) IN ('false','f','no','n','0') THEN false END"
        )
        return Form("asked", type_, value, "true")
    if type_ in ("date", "datetime"):
        ways = [form for form in _dates(order) if order != "unclear" or "first" not in form.name
                or "year" in form.name]  # fmt: skip
        cases = " ".join(
            f"WHEN ({form.value}) IS NOT NULL AND ({form.fits.replace('{v}', '(' + form.value + ')')}) "
            f"THEN CAST(({form.value}) AS {_STORAGE[type_]})"
            for form in ways
            if type_ == "datetime" or form.type == "date"
        )
        return Form("asked", type_, f"CASE {cases} END", "true")
    return TEXT


def connect(scratch: Path, reads: Sequence[Path] = ()) -> Any:
    """DuckDB that reaches nothing but `scratch` and the files in `reads`, and cannot be told otherwise."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "python_scan_all_frames": False,
            "enable_external_file_cache": False,
            "preserve_insertion_order": True,
            "memory_limit": os.environ.get("SIGHTLINE_READ_MEMORY", "1500MB"),
            "temp_directory": str(scratch / "spill"),
        },
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = [{_path(scratch)}]")
    connection.execute(f"SET allowed_paths = [{', '.join(map(_path, reads))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _path(place: Path) -> str:
    return sql.literal(str(place)).sql(dialect="duckdb")


def fitting(
    connection: Any, sample: pa.Table, ways: Sequence[Form], missing: Sequence[str]
) -> list[list[Form]]:
    """For each column of a sample of text, the forms that all its values have; None of them: text.

    A column without values in the sample fits every form.
    """
    import pyarrow as pa

    count = sample.num_columns
    tall = pa.table(
        {
            "i": pa.concat_arrays(
                [pa.repeat(pa.scalar(i, pa.int32()), sample.num_rows) for i in range(count)]
            ),
            "c": pa.concat_arrays([sample.column(i).combine_chunks() for i in range(count)]),
        }
    )
    values = ", ".join(f"{form.cast('c')} AS v{n}" for n, form in enumerate(ways))
    good = ", ".join(f"bool_and({form.good('c', f'v{n}')})" for n, form in enumerate(ways))
    nulls = ", ".join(sql.literal(text).sql(dialect="duckdb") for text in ("", *missing))
    statement = (
        f"SELECT i, {good} FROM (SELECT i, c, {values} FROM "
        f"(SELECT DISTINCT i, CASE WHEN c IN ({nulls}) THEN NULL ELSE c END AS c FROM sample)) "
        "GROUP BY i ORDER BY i"
    )
    with closing(connection.cursor()) as cursor:
        cursor.register("sample", tall)
        rows = cursor.execute(statement).fetchall()
        cursor.unregister("sample")
    if not rows:
        return [list(ways) for _ in range(count)]
    return [[form for form, fits in zip(ways, row[1:], strict=True) if fits] for row in rows]


def settled(
    connection: Any, relation: str, candidates: Mapping[int, Sequence[Form]]
) -> dict[int, list[Form]]:
    """Of each column's candidate forms, those that every value in the whole input has.

    A column of the result with no value at all has an empty list.
    """
    result: dict[int, list[Form]] = {}
    asking = [(i, form) for i, many in candidates.items() for form in many]
    step = 400  # expressions in one pass: beyond it planning costs more than another pass
    for start in range(0, len(asking), step):
        some = asking[start : start + step]
        columns = sorted({i for i, _ in some})
        values = ", ".join(f"{form.cast(f'c{i}')} AS v{n}" for n, (i, form) in enumerate(some))
        kept = ", ".join(f"c{i}" for i in columns)
        good = ", ".join(f"bool_and({form.good(f'c{i}', f'v{n}')})" for n, (i, form) in enumerate(some))
        held = ", ".join(f"count(nullif(trim(c{i}), ''))" for i in columns)
        statement = f"SELECT {good}, {held} FROM (SELECT {kept}, {values} FROM {relation})"
        with closing(connection.cursor()) as cursor:
            row = cursor.execute(statement).fetchone()
        filled = dict(zip(columns, row[len(some) :], strict=True))
        for (i, form), fits in zip(some, row, strict=False):
            result.setdefault(i, [])
            if fits and filled[i]:
                result[i].append(form)
    return result


def chosen(fits: Sequence[Form]) -> tuple[Form | None, bool]:
    """The form to use among those that fit, and whether day and month could be either way round."""
    if not fits:
        return TEXT, False
    names = {form.name for form in fits}
    for kind in ("date", "datetime"):
        if {f"{kind}, day first", f"{kind}, month first"} <= names and fits[0].name.startswith(kind):
            return TEXT, True
    return fits[0], False


def unfit(error: duckdb.Error) -> bool:
    """True when a query ended because a value did not have its column's form."""
    return UNFIT in str(error)


def write(
    connection: Any,
    relation: str,
    columns: Schema,
    use: Sequence[Form],
    scratch: Path,
    place: Path,
    watch: Watch,
    *,
    reading: Path,
    drop_unfit: bool = False,
) -> int:
    """Cast the text columns c0, c1, ... of `relation` and write them as Parquet; returns the rows.

    Raises duckdb.Error (see `unfit`) at the first value that has not its column's form, or leaves
    out such rows when `drop_unfit`.
    """
    inner, outer, tests = [], [], []
    for i, (column, form) in enumerate(zip(columns, use, strict=True)):
        alias = sql.name(column.name).sql(dialect="duckdb")
        inner.append(f"c{i}")
        if form.type == "text":
            outer.append(f"c{i} AS {alias}")
            continue
        inner.append(f"{form.cast(f'c{i}')} AS v{i}")
        test = form.good(f"c{i}", f"v{i}")
        if drop_unfit:
            tests.append(test)
            outer.append(f"v{i} AS {alias}")
        else:
            # checked in the same pass that writes: a wrong guess costs a second pass, a right one nothing
            outer.append(f"{form.checked(f'c{i}', f'v{i}')} AS {alias}")
    query = f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {relation})"
    if tests:
        query += f" WHERE {' AND '.join(tests)}"
    return copied(connection, query, scratch, place, len(columns), watch, reading=reading)


def storage(type_: ColumnType) -> str:
    """DuckDB's type for a column type."""
    return _STORAGE[type_]


def schema(names: Sequence[str], use: Sequence[Form]) -> Schema:
    return tuple(Column(name=name, type=form.type) for name, form in zip(names, use, strict=True))


def no_columns(path: Path) -> BadInput:
    return BadInput("{name} holds no columns.", name=path.name)
