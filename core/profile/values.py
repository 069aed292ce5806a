"""The values themselves: the most frequent ones, and what the values of a text column look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.meanings import LOOKED_FOR
from core.profile.each import stacked, stacks
from core.profile.facts import TOP, ColumnProfile, Count, Look
from core.profile.work import Work, batches, named, select

COUNTED_VALUES = 5_000  # up to this many distinct values, all of them are counted exactly
LONGEST = 200  # characters of a value that a profile keeps
MISSING_WORDS = ("", "n/a", "#n/a", "null", "nan", "na", "<na>", "#value!", "#null!", "-", "--", "?")

_SPACE = r"[\s\x{00A0}\x{3000}]"
_BARE = rf"regexp_replace(v, '^{_SPACE}+|{_SPACE}+$', '', 'g')"
_NUMBER = r"[+-]?([1-9][0-9]{0,14}|0)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?|[+-]?\.[0-9]+"
_FORMATTED = (
    r"[+-]?[$€£¥]?[ ]?[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[1-9][0-9]{0,14}|0)(\.[0-9]+)?[ ]?([%$€£¥])?"
    r"|\(([1-9][0-9]{0,2}(,[0-9]{3})+|[1-9][0-9]{0,14}|0)(\.[0-9]+)?\)"
)
_COMMA = r"[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]+"
_ISO = r"[0-9]{4}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?)?"
_SLASHED = r"[0-3]?[0-9][/.][0-3]?[0-9][/.][0-9]{4}"


def _looked_for(pattern: str, lettered: bool, longest: int) -> str:
    """Rows whose bare value matches; what cannot match by its length or first letter is not tried."""
    test = sql.text(sql.template("regexp_full_match(b, :pattern)", pattern=pattern))
    return f"sum(n) FILTER (WHERE length(b) <= {longest} AND {'' if lettered else 'NOT f AND '}{test})"


# each counts rows: `v` is a value, `b` the value without outer spaces, `n` its rows
_TESTS = {
    "rows": "sum(n)",
    "padded": "sum(n) FILTER (WHERE b <> v)",
    "numeric": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_NUMBER}'))",
    "formatted": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_FORMATTED}') "
    f"AND NOT regexp_full_match(b, '{_NUMBER}'))",
    "whole": "sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '[+-]?([1-9][0-9]{0,14}|0)'))",
    "comma": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_COMMA}') "
    "AND NOT regexp_full_match(b, '[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+'))",
    "coded": "sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '0[0-9]+|[0-9]{16,}'))",
    "iso": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_ISO}') "
    "AND try_cast(b AS TIMESTAMP) IS NOT NULL)",
    "timed": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_ISO}') AND length(b) > 10)",
    "slashed": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_SLASHED}'))",
    "day_first": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_SLASHED}') "
    "AND try_strptime(replace(b, '.', '/'), '%d/%m/%Y') IS NOT NULL)",
    "month_first": f"sum(n) FILTER (WHERE NOT f AND regexp_full_match(b, '{_SLASHED}') "
    "AND try_strptime(replace(b, '.', '/'), '%m/%d/%Y') IS NOT NULL)",
    "email": r"sum(n) FILTER (WHERE contains(b, '@') AND regexp_full_match(b, '[^@\s]+@[^@\s]+\.[^@\s.]+'))",
    "link": r"sum(n) FILTER (WHERE f AND regexp_full_match(b, '(https?|ftp)://\S+|www\.\S+'))",
    "truth": "sum(n) FILTER (WHERE lower(b) IN ('yes', 'no', 'true', 'false', 'y', 'n', 't', 'f'))",
    **{key: _looked_for(*wanted) for key, wanted in LOOKED_FOR.items()},
    "spaced": r"sum(n) FILTER (WHERE regexp_matches(b, '\S\s+\S'))",
    "shortest": "min(length(v))",
    "longest": "max(length(v))",
}


def looks(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """Top values of every column, and a look at every text column: {column: {field: value}}.

    A column with few distinct values is counted whole. Of the others in a large table some rows
    are looked at, chosen by chance, and the counts say that they are not exact.
    """
    known = {column.name: column for column in found}
    columns = [column for column in work.table.columns if _wanted(work, known[column.name])]
    result: dict[str, dict[str, Any]] = {}
    for exact, text in ((True, False), (True, True), (False, True)):
        some = [
            column
            for column in columns
            if exactly(work, known[column.name]) == exact and (column.type == "text") == text
        ]
        for batch in stacks(work, some) if work.stacked else batches(some, 20):
            for name, row in _summed(work, batch, exact, text).items():
                result[name] = _found(row, exact, text)
            work.progress(0.7 + 0.15 * len(result) / len(columns), "Looking at the values")
    return result


def _wanted(work: Work, facts: ColumnProfile) -> bool:
    """Texts are always looked at; other columns unless their values are counted or nearly all differ."""
    if not facts.present or facts.type == "text":
        return facts.present > 0
    scattered = facts.type in ("number", "integer") and facts.distinct > max(50, 0.5 * facts.present)
    return not facts.top and not scattered and exactly(work, facts)


def exactly(work: Work, facts: ColumnProfile) -> bool:
    """Whether all values of a column are counted, or only those of some rows."""
    return work.stacked or facts.distinct <= COUNTED_VALUES


def _found(row: dict[str, Any], exact: bool, text: bool) -> dict[str, Any]:
    top = tuple(Count(value=str(item["v"]), count=int(item["n"])) for item in row["top"] or ())
    found: dict[str, Any] = {"top": top, "top_exact": exact}
    if exact:
        found |= {"distinct": row["distinct"], "distinct_exact": True}
    if text:
        look: dict[str, Any] = {key: row[key] or 0 for key in _TESTS}
        blank = _blank(look, row)
        look |= {"blank": sum(blank.values()), "words": tuple(blank), "variants": row["variants"] or 0}
        found["look"] = Look(**look, sampled=not exact)
    return found


def _summed(work: Work, columns: Sequence[Column], exact: bool, text: bool) -> dict[str, dict[str, Any]]:
    """The value counts of each column, summed up in the engine to one row each."""
    tests = _TESTS if text else {}
    top = (
        "list_slice(list({'v': left(v, :longest), 'n': n} ORDER BY n DESC, v)"
        " FILTER (WHERE n > 1 OR few), 1, :top)"
    )
    asked: list[exp.Expr] = [exp.column("c"), named(sql.template("count(*)"), "distinct")]
    asked.append(named(sql.template(top, longest=LONGEST, top=TOP), "top"))
    asked += [named(sql.template(f"CAST({text} AS BIGINT)"), key) for key, text in tests.items()]
    if tests:
        asked.append(named(_sum_by_word(), "blanks"))
        asked.append(named(sql.template("CAST(sum(n) FILTER (WHERE twins) AS BIGINT)"), "variants"))
    counted = _stacked_counts(work, columns) if work.stacked else _counts(work, columns, exact)
    query = select(asked, _looked(counted, bool(tests))).group_by(exp.column("c"), copy=False)
    return {columns[int(row["c"])].name: row for row in work.ask(query)}


def _value(work: Work, column: Column) -> Any:
    name = sql.name(column.name)
    if column.type == "number" and column.name in work.units:
        return sql.template("CASE WHEN NOT isnan(:x) THEN :x END", x=name)  # not a number is no value
    return name


def _stacked_counts(work: Work, columns: Sequence[Column]) -> exp.Query:
    """Column, value and its rows, of columns put one below the other."""
    values = stacked(work, columns, lambda column: _value(work, column))
    asked = [
        exp.column("c"),
        named(sql.template("CAST(x AS VARCHAR)"), "v"),
        named(sql.template("count(*)"), "n"),
    ]
    query: exp.Query = select(asked, values).where("x IS NOT NULL", copy=False).group_by("c", "x", copy=False)
    return query


def _counts(work: Work, columns: Sequence[Column], exact: bool) -> exp.Query:
    """The same of a large table, where a column is grouped as it lies."""
    parts: list[exp.Query] = []
    for index, column in enumerate(columns):
        x = _value(work, column)
        value = named(sql.template("CAST(:x AS VARCHAR)", x=x), "v")
        asked = [named(sql.literal(index), "c"), value, named(sql.template("count(*)"), "n")]
        present = sql.template("NOT :x IS NULL", x=x)
        rows = work.all_rows([column.name]) if exact else work.some_rows([column.name])
        part = select(asked, rows).where(present, copy=False)
        parts.append(part.group_by(x.copy(), copy=False))
    return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False, copy=False)


def _sum_by_word() -> exp.Expr:
    """{word that stands for a missing value: its rows}, as a struct with a field a word."""
    words = [
        f"'w{index}': CAST(sum(n) FILTER (WHERE lower(b) = '{word}') AS BIGINT)"
        for index, word in enumerate(MISSING_WORDS)
    ]
    node: exp.Expr = sql.template("{" + ", ".join(words) + "}")
    return node


def _looked(union: exp.Query, texts: bool) -> exp.Subquery:
    """The value counts with what the tests need: the bare value, and whether another one is like it."""
    few = named(sql.template("count(*) OVER (PARTITION BY c) <= 1000"), "few")
    if not texts:
        return exp.select("c", "v", "n", few).from_(union.subquery("u", copy=False), copy=False).subquery("l")
    bare = named(sql.template(_BARE), "b")
    # a text that begins with a letter is no number and no date: most tests end there
    first = exp.select("c", "v", "n", bare).from_(union.subquery("u", copy=False), copy=False).subquery("u2")
    twins = named(sql.template("count(*) OVER (PARTITION BY c, lower(b)) > 1 AND b <> ''"), "twins")
    letter = named(sql.template(r"regexp_matches(b, '^\p{L}')"), "f")
    return exp.select("c", "v", "n", "b", few, letter, twins).from_(first).subquery("l")


def _blank(look: dict[str, Any], row: dict[str, Any]) -> dict[str, int]:
    """The words that stand for a missing value, and their rows.

    "NA" and "-" are values of their own among codes of two letters (Namibia), and signs.
    """
    counted = dict(zip(MISSING_WORDS, (row["blanks"] or {}).values(), strict=False))
    if look["longest"] is not None and look["longest"] <= 2:
        for word in ("na", "-", "--", "?"):
            counted[word] = 0
    return {word: count for word, count in counted.items() if count}
