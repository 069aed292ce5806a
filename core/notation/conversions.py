"""From each of the six column types to another, as SQL and as pandas code that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from core import sql
from core.contracts import ColumnType
from core.notation import patterns
from core.notation.patterns import Move

_POSSIBLE: dict[ColumnType, tuple[ColumnType, ...]] = {
    "text": ("integer", "number", "boolean", "date", "datetime"),
    "integer": ("number", "text", "boolean", "date", "datetime"),
    "number": ("integer", "text", "boolean"),
    "boolean": ("integer", "number", "text"),
    "date": ("text", "datetime"),
    "datetime": ("text", "date"),
}
_LIMIT = 2.0**63  # a number this large or larger is no 64-bit integer
_WHOLE = 1e15  # below it a whole number is written without ".0" and without an exponent
_SPACE = r"^[\s\p{Z}]+|[\s\p{Z}]+$"


@dataclass(frozen=True)
class Reading:
    """How text is read."""

    comma: bool
    units: bool
    share: bool
    rounded: bool
    moves: tuple[Move, ...]
    true: tuple[str, ...]
    false: tuple[str, ...]


def possible_from(kind: ColumnType) -> tuple[ColumnType, ...]:
    """The types that a column of this type can have: its own, and those it can become."""
    return (kind, *_POSSIBLE[kind])


def words(text: str) -> tuple[str, ...]:
    """Words separated by commas, in small letters as the engine writes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return tuple(
        pc.utf8_lower(pa.scalar(word.strip())).as_py() for word in text.replace("，", ",").split(",")
        if word.strip()
    )  # fmt: skip


def prepared(cell: exp.Expr, kind: ColumnType, to: ColumnType, reading: Reading) -> exp.Expr | None:
    """The text in one plain form, from which `in_sql` reads; None when there is nothing to prepare."""
    if kind == "text" and to in ("integer", "number"):
        return _digits(cell, reading)
    if kind in ("text", "integer") and to in ("date", "datetime"):
        written = exp.cast(cell, "VARCHAR") if kind == "integer" else cell
        named = _filled(
            "CASE WHEN :letters THEN :named ELSE :x END",
            letters=_fits(written, patterns.LETTERS),
            named=_moved(written, patterns.NAMES),
            x=written,
        )
        return _moved(named, reading.moves)
    return None


def in_sql(cell: exp.Expr, plain: exp.Expr, kind: ColumnType, to: ColumnType, reading: Reading) -> exp.Expr:
    """The cell as the other type, NULL where it cannot be; `plain` is the cell as `prepared`."""
    if kind == to:
        return cell
    if to in ("date", "datetime") and kind in ("text", "integer"):
        return _stamp(plain, to)
    if to == "boolean":
        return (
            _boolean(cell, reading)
            if kind == "text"
            else _filled("CASE WHEN :x = 1 THEN TRUE WHEN :x = 0 THEN FALSE END", x=cell)
        )
    if kind == "text":
        return _number(cell, plain, to, reading)
    if kind == "number" and to == "integer":
        return _whole(cell, reading.rounded)
    if kind == "number" and to == "text":
        return _filled(
            "CASE WHEN :x = trunc(:x) AND abs(:x) < :limit"
            " THEN CAST(CAST(:x AS BIGINT) AS VARCHAR) ELSE CAST(:x AS VARCHAR) END",
            x=cell,
            limit=_WHOLE,
        )
    if kind == "datetime" and to == "text":
        return _moved(_filled("strftime(:x, '%Y-%m-%d %H:%M:%S.%f')", x=cell), [(r"\.000000$", "")])
    return exp.cast(cell, sql.STORAGE[to])


def _filled(text: str, **nodes: object) -> exp.Expr:
    node: exp.Expr = sql.template(text, **nodes)
    return node


def _moved(cell: exp.Expr, moves: Sequence[Move]) -> exp.Expr:
    for pattern, put in moves:
        cell = _filled("regexp_replace(:x, :pattern, :put, 'g')", x=cell, pattern=pattern, put=put)
    return cell


def _fits(cell: exp.Expr, pattern: str) -> exp.Expr:
    return _filled("regexp_matches(:x, :pattern)", x=cell, pattern=pattern)


def _whole(number: exp.Expr, rounded: bool) -> exp.Expr:
    test = "abs(:x) < :limit" if rounded else "abs(:x) < :limit AND :x = trunc(:x)"
    return _filled(f"CASE WHEN {test} THEN CAST(round(:x) AS BIGINT) END", x=number, limit=_LIMIT)


def _boolean(cell: exp.Expr, reading: Reading) -> exp.Expr:
    word = _filled("lower(:x)", x=_moved(cell, [(_SPACE, "")]))
    case = exp.Case()
    for listed, value in ((reading.true, True), (reading.false, False)):
        chosen = exp.In(this=word.copy(), expressions=[sql.literal(w) for w in listed])
        case = case.when(chosen, sql.literal(value))
    return case


def _stamp(plain: exp.Expr, to: ColumnType) -> exp.Expr:
    whole = _moved(plain, [patterns.HALF_DAY])
    stamp = _filled(
        "CASE WHEN :fits THEN TRY_CAST(:x AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END + CASE WHEN :pm"
        " THEN INTERVAL '12' HOUR WHEN :am THEN INTERVAL '-12' HOUR ELSE INTERVAL '0' HOUR END",
        fits=_fits(whole, patterns.STAMP),
        x=whole,
        pm=_fits(plain, patterns.AFTERNOON),
        am=_fits(plain, patterns.MIDNIGHT),
    )
    return exp.cast(stamp, sql.STORAGE[to])


def _digits(cell: exp.Expr, reading: Reading) -> exp.Expr:
    """A number in digits: sign, digits, point, exponent; NULL when the text is no number."""
    pattern = patterns.number(reading.comma, reading.units)
    moves = [*patterns.DIGITS, *patterns.separators(reading.comma), patterns.LEADING_ZEROS]
    return _filled(
        "CASE WHEN :fits AND :balanced AND NOT :scaled"
        " THEN CASE WHEN :minus THEN '-' ELSE '' END || :digits END",
        fits=_fits(cell, pattern),
        balanced=_fits(cell, patterns.BALANCED),
        scaled=_fits(cell, patterns.SCALED),
        minus=_fits(cell, patterns.NEGATIVE),
        digits=_moved(cell, moves),
    )


def _number(cell: exp.Expr, digits: exp.Expr, to: ColumnType, reading: Reading) -> exp.Expr:
    percent = _fits(cell, patterns.PERCENT) if reading.share else exp.false()
    number = _filled(
        "CASE WHEN isfinite(TRY_CAST(:digits AS DOUBLE))"
        " THEN TRY_CAST(:digits AS DOUBLE) / CASE WHEN :percent THEN 100 ELSE 1 END END",
        digits=digits,
        percent=percent,
    )
    if to == "number":
        return number
    return _filled(
        "CASE WHEN :long THEN NULL WHEN :plain AND NOT :percent THEN TRY_CAST(:digits AS BIGINT)"
        " ELSE :whole END",
        long=_fits(digits, patterns.LONG_INTEGER),
        plain=_fits(digits, patterns.PLAIN_INTEGER),
        percent=percent,
        digits=digits,
        whole=_whole(number, reading.rounded),
    )


def in_pandas(kind: ColumnType, to: ColumnType, reading: Reading) -> str:
    """A function `converted(cells)` from one series to another of the new type."""
    head = ["def converted(cells):"]
    if kind == "integer" and to in ("date", "datetime"):
        kind, head = "text", [*head, '    cells = cells.astype("string[pyarrow]")']
    if kind == "text" and to in ("date", "datetime"):
        return "\n".join(head + _dates_code(to, reading))
    body = ["values = pa.array(cells)", *_code(kind, to, reading)]
    last = "return pd.Series(pd.arrays.ArrowExtensionArray(values), index=cells.index)"
    return "\n".join([*head, *("    " + line for line in [*body, last])])


def _code(kind: ColumnType, to: ColumnType, reading: Reading) -> list[str]:
    """Lines that turn the Arrow array `values` into the new type."""
    if kind == "text":
        return _boolean_code(reading) if to == "boolean" else _number_code(to, reading)
    if to == "boolean":
        return [
            "values = pc.if_else(pc.equal(values, 1), True, pc.if_else(pc.equal(values, 0), False, None))"
        ]
    if to == "integer" and kind == "number":
        return _whole_code(reading.rounded)
    if to == "text" and kind == "number":
        plain = f"abs(v) < {_WHOLE} and v == int(v)"
        texts = f"[None if v is None else str(int(v)) if {plain} else repr(v) for v in values.to_pylist()]"
        return [f"values = pa.array({texts}, pa.string())"]
    if to == "text" and kind == "datetime":
        texts = '[None if v is None else v.isoformat(" ") for v in values.to_pylist()]'
        return [f"values = pa.array({texts}, pa.string())"]
    if kind == "boolean" and to == "number":
        return ["values = pc.cast(pc.cast(values, pa.int64()), pa.float64())"]
    types = {
        "integer": "pa.int64()",
        "number": "pa.float64()",
        "text": "pa.string()",
        "date": "pa.date32()",
        "datetime": 'pa.timestamp("us")',
    }
    return [f"values = pc.cast(values, {types[to]}, safe=False)"]


def _boolean_code(reading: Reading) -> list[str]:
    return [
        f'words = pc.utf8_lower(pc.replace_substring_regex(values, {_SPACE!r}, ""))',
        f"yes = pc.is_in(words, pa.array({list(reading.true)!r}, pa.string()))",
        f"no = pc.is_in(words, pa.array({list(reading.false)!r}, pa.string()))",
        "values = pc.if_else(yes, True, pc.if_else(no, False, pa.scalar(None, pa.bool_())))",
    ]


def _whole_code(rounded: bool) -> list[str]:
    test = f"pc.less(pc.abs(values), {_LIMIT!r})"
    if not rounded:
        test = f"pc.and_({test}, pc.equal(values, pc.trunc(values)))"
    return [
        f"values = pc.if_else({test}, values, None)",
        'values = pc.cast(pc.round(values, round_mode="half_towards_infinity"), pa.int64())',
    ]


def _number_code(to: ColumnType, reading: Reading) -> list[str]:
    pattern = patterns.number(reading.comma, reading.units)
    moves = [*patterns.DIGITS, *patterns.separators(reading.comma), patterns.LEADING_ZEROS]
    lines = [
        f"valid = pc.match_substring_regex(values, {pattern!r})",
        f"valid = pc.and_(valid, pc.match_substring_regex(values, {patterns.BALANCED!r}))",
        f"valid = pc.and_(valid, pc.invert(pc.match_substring_regex(values, {patterns.SCALED!r})))",
        f'sign = pc.if_else(pc.match_substring_regex(values, {patterns.NEGATIVE!r}), "-", "")',
        f"percent = pc.match_substring_regex(values, {patterns.PERCENT!r})" if reading.share else "",
        *_moves_code("values", moves),
        'digits = pc.if_else(valid, pc.binary_join_element_wise(sign, values, ""), None)',
        "values = pc.cast(digits, pa.float64())",
        "values = pc.if_else(percent, pc.divide(values, 100.0), values)" if reading.share else "",
        "values = pc.if_else(pc.is_finite(values), values, None)",
    ]
    if to == "integer":
        plain = f"pc.match_substring_regex(digits, {patterns.PLAIN_INTEGER!r})"
        plain = f"pc.and_({plain}, pc.invert(percent))" if reading.share else plain
        lines += [
            f"plain = {plain}",
            "exact = pc.cast(pc.if_else(plain, digits, None), pa.int64())",
            f"long = pc.match_substring_regex(digits, {patterns.LONG_INTEGER!r})",
            "values = pc.if_else(pc.or_(plain, long), None, values)",
            *_whole_code(reading.rounded),
            "values = pc.coalesce(exact, values)",
        ]
    return [line for line in lines if line]


def _moves_code(name: str, moves: Sequence[Move]) -> list[str]:
    return [f"{name} = pc.replace_substring_regex({name}, {p!r}, {put!r})" for p, put in moves]


def _dates_code(to: ColumnType, reading: Reading) -> list[str]:
    pattern, put = patterns.HALF_DAY
    kind = '"date32[day][pyarrow]"' if to == "date" else '"timestamp[us][pyarrow]"'
    lines = [
        "values = pa.array(cells)",
        *_moves_code("values", [*patterns.NAMES, *reading.moves]),
        f"pm = pc.match_substring_regex(values, {patterns.AFTERNOON!r})",
        f"am = pc.match_substring_regex(values, {patterns.MIDNIGHT!r})",
        "hours = pc.if_else(pm, 12, pc.if_else(am, -12, 0)).to_pylist()",
        f"values = pc.replace_substring_regex(values, {pattern!r}, {put!r})",
        f"fits = pc.match_substring_regex(values, {patterns.STAMP!r})",
        "texts = pd.Series(pc.if_else(fits, values, None).to_pylist(), index=cells.index, dtype=object)",
        'times = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")',
        'times = times.dt.tz_localize(None).astype("datetime64[us]")',
        'times += pd.to_timedelta(pd.Series(hours, index=cells.index, dtype="float64"), unit="h")',
        f'return times.astype("timestamp[us][pyarrow]").astype({kind})',
    ]
    return ["    " + line for line in lines]
