"""Numbers that stand for a missing value: 999 among lengths, -1 among ages, 0 among weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from core import sql
from core.profile import mend
from core.profile.facts import ColumnProfile, Finding
from core.profile.meaning import named_as_identifier
from core.profile.work import Work, named, select

# what people and programs write for "not known"; a value of its own where it lies among the others
CODES = (
    -1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999, 9999999, 99.9, 99.99, 999.9, 999.99,
    9999.99, -99.9, -99.99, -999.9, -999.99, 32767, -32768, 65535, 2147483647, -2147483648, 1e20, 1e30, 1e38,
    -3.4028234663852886e38,
)  # fmt: skip
NAMES = frozenset(
    ("identifier", "phone", "postcode", "boolean", "constant", "empty")
)  # meanings of no amounts
LEAST = 3  # rows that must have it
MOST = 0.4  # of the rows: more, and it is what the column is about
ROWS = 20  # with another value
KINDS = 10  # other values: fewer are grades or codes, of which 99 may be one
FAR = 1.0  # times the range of the other values away from them
NEAR = 0.5  # the same, for what is asked about
APART = 0.1  # the same, for a negative one where no other value is
SPIKE = 3  # times as often as other values are on the average, for one that is nearer
RATINGS = 5.0  # the same among few values
ZEROS = 0.05  # of the rows may be a zero that is doubted: more, and it is a value like others


@dataclass(frozen=True)
class _Rest:
    """The other values of a column."""

    rows: int
    low: float
    high: float
    kinds: int

    def away(self, code: float) -> float:
        """How far a value lies from the nearest of them, in ranges of theirs; negative within."""
        gap = max(self.low - code, code - self.high)
        return gap / ((self.high - self.low) or max(abs(self.high), 1.0))


def sentinels(work: Work, columns: Sequence[ColumnProfile]) -> list[Finding]:
    """For each column of amounts the codes that stand for a missing value there, with their rows.

    A code is one of the numbers that are commonly used so, repeated, and far from all other values, as if
    it were no measurement; -1 where nothing else is negative; 0 far below the rest, which is asked about.
    Only columns whose lowest or highest value may be such a number are looked at.
    """
    found: list[Finding] = []
    for column in columns:
        if _suspect(column):
            found += _findings(column, *_counted(work, column))
    return found


def _suspect(column: ColumnProfile) -> bool:
    low, high = column.minimum, column.maximum
    if column.type not in ("integer", "number") or column.meaning in NAMES:
        return False
    if not isinstance(low, int | float) or not isinstance(high, int | float) or column.present < ROWS:
        return False
    if named_as_identifier(column.name):
        return False
    return low in CODES or high in CODES or (low == 0 and _alone(column))


def _alone(column: ColumnProfile) -> bool:
    """Whether nothing lies just above the lowest value."""
    bars = column.histogram
    return bars is not None and (bars.below > 0 or (len(bars.counts) > 1 and bars.counts[1] == 0))


def _counted(work: Work, column: ColumnProfile) -> tuple[dict[float, int], _Rest | None]:
    """The rows of each code, and what the other values are, in one pass."""
    name = sql.name(column.name)
    codes: tuple[float, ...] = (*CODES, 0)
    if column.type == "integer":
        codes = tuple(int(code) for code in codes if code == int(code) and abs(code) < 2**63)
    code = sql.template("CASE WHEN :among THEN :x END", among=name.isin(*map(sql.literal, codes)), x=name)
    asked = [named(code, "code"), named(sql.template("count(*)"), "n")]
    ends = {"low": "min(:x)", "high": "max(:x)", "kinds": "approx_count_distinct(:x)"}
    asked += [named(sql.template(text, x=name), key) for key, text in ends.items()]
    there = ":x IS NOT NULL" if column.type == "integer" else ":x IS NOT NULL AND isfinite(:x)"
    query = select(asked, work.all_rows([column.name])).where(sql.template(there, x=name), copy=False)
    counts: dict[float, int] = {}
    rest: _Rest | None = None
    for row in work.ask(query.group_by(exp.column("code"), copy=False)):
        if row["code"] is None:
            rest = _Rest(int(row["n"]), float(row["low"]), float(row["high"]), int(row["kinds"]))
        else:
            counts[row["code"]] = int(row["n"])
    return counts, rest


def _findings(column: ColumnProfile, counts: dict[float, int], rest: _Rest | None) -> Iterator[Finding]:
    if rest is None or rest.rows < ROWS:
        return
    judged = {code: _judged(code, rows, rest) for code, rows in counts.items()}
    total = sum(rows for code, rows in counts.items() if judged[code] is not None)
    if total > MOST * column.present:
        return
    for sure in (True, False):
        codes = sorted(code for code, sound in judged.items() if sound is sure)
        if codes:
            yield _finding(column, codes, sum(counts[code] for code in codes), sure)


def _judged(code: float, rows: int, rest: _Rest) -> bool | None:
    """True: surely no value; False: perhaps none; None: a value like others."""
    away, few = rest.away(code), rest.kinds < KINDS
    if rows < LEAST or away <= 0:
        return None
    if code == 0:
        below = rest.low > 0 and away >= NEAR and not few
        return False if below and rows <= ZEROS * rest.rows else None
    if few:
        return False if away >= RATINGS and abs(code) > 9 else None
    if away >= FAR and abs(code) > 9:
        return True
    if code < 0 <= rest.low:
        # next to the others it must be a spike: ends thin out
        return False if away >= APART or rows * rest.kinds >= SPIKE * rest.rows else None
    return False if away >= NEAR else None


def _finding(column: ColumnProfile, codes: Sequence[float], rows: int, sure: bool) -> Finding:
    shown: list[Any] = [_written(code) for code in codes]
    return Finding(
        kind="sentinel", columns=(column.name,), severity="warning" if sure else "note", sure=sure,
        template="{count:,} value of {column!r} is {values}, far from all others: it seems to stand for a "
        "missing one. | {count:,} values of {column!r} are {values}, far from all others: they seem to "
        "stand for missing ones.",
        values={"column": column.name, "count": rows, "values": ", ".join(shown)},
        fix=mend.replaced(column.name, dict.fromkeys(shown)),
    )  # fmt: skip


def _written(code: float) -> str:
    return str(int(code)) if code == int(code) and abs(code) < 1e15 else repr(code)
