"""The values themselves: the most frequent ones, and what the values of a text column look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.profile.facts import ColumnProfile, Count, Look
from core.profile.summary import COUNTED_VALUES, EXACT_ROWS, Work, batches, named, select

TOP = 10
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
    "spaced": r"sum(n) FILTER (WHERE regexp_matches(b, '\S\s+\S'))",
    "shortest": "min(length(v))",
    "longest": "max(length(v))",
}


def looks(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """Top values of every column, and a look at every text column: {column: {field: value}}.

    A column with few distinct values is counted whole. Of the others a large table's rows are
    looked at evenly spread, and the counts say that they are not exact.
    """
    known = {column.name: column for column in found}
    result: dict[str, dict[str, Any]] = {}
    columns = [column for column in work.table.columns if known[column.name].present]
    texts = [column for column in columns if column.type == "text"]
    others = [
        column
        for column in columns
        if column.type != "text"
        and (exactly(work, known[column.name]) and not _scattered(known[column.name]))
    ]
    for batch in batches(texts, 40):
        for name, row in _asked(work, batch, known, _TESTS).items():
            exact = exactly(work, known[name])
            look: dict[str, Any] = {key: row[key] or 0 for key in _TESTS}
            blank = _blank(look, row)
            look |= {
                "blank": sum(blank.values()),
                "words": tuple(blank),
                "variants": row["variants"] or 0,
                "sampled": not exact,
            }
            result[name] = {"look": Look(**look), **_top(row, exact)}
        work.watch.progress(0.7 + 0.1 * len(result) / len(columns), "Looking at texts")
    for batch in batches(others, 40):
        for name, row in _asked(work, batch, known, {}).items():
            result[name] = _top(row, exactly(work, known[name]))
            if known[name].type == "boolean":
                result[name]["distinct"] = row["distinct"]
    return result


def _scattered(facts: ColumnProfile) -> bool:
    """Nearly every value stands alone: the most frequent ones of such numbers say nothing."""
    return facts.type in ("number", "integer") and facts.distinct > max(50, 0.5 * facts.present)


def exactly(work: Work, facts: ColumnProfile) -> bool:
    """Whether all values of a column are counted, or only those of the rows evenly spread."""
    return work.rows <= EXACT_ROWS or facts.type == "boolean" or facts.distinct <= COUNTED_VALUES


def _asked(
    work: Work, batch: Sequence[Column], known: dict[str, ColumnProfile], tests: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """The value counts of each column of the batch, summed up in the engine to one row each."""
    whole = [column for column in batch if exactly(work, known[column.name])]
    partly = [column for column in batch if column not in whole]
    result: dict[str, dict[str, Any]] = {}
    for columns, some in ((whole, False), (partly, True)):
        if columns:
            names = [column.name for column in columns]
            rows = work.some_rows(names) if some else work.all_rows(names)
            result |= _summed(work, columns, rows, tests)
    return result


def _summed(
    work: Work, columns: Sequence[Column], rows: exp.Subquery, tests: dict[str, str]
) -> dict[str, dict[str, Any]]:
    counted = [
        named(sql.template("histogram(:x)", x=sql.name(column.name)), f"h{index}")
        for index, column in enumerate(columns)
    ]
    parts = []
    for index in range(len(columns)):
        entries = {"k": "unnest(map_keys(:h))", "n": "unnest(map_values(:h))"}
        pairs = [named(sql.template(text, h=exp.column(f"h{index}")), key) for key, text in entries.items()]
        value = named(sql.template("CAST(k AS VARCHAR)"), "v")
        unnested = select(pairs, "h").subquery("e", copy=False)
        parts.append(
            select([named(sql.literal(index), "c"), value, exp.column("n")], unnested)
        )  # fmt: skip
    union: exp.Query = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False, copy=False)
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
    query = select(asked, _looked(union, bool(tests))).group_by(exp.column("c"), copy=False)
    query = query.with_("h", as_=select(counted, rows), materialized=True, copy=False)
    return {columns[int(row["c"])].name: row for row in work.ask(query)}


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


def _top(row: dict[str, Any], exact: bool) -> dict[str, Any]:
    top = tuple(Count(value=str(item["v"]), count=int(item["n"])) for item in row["top"] or ())
    return {"top": top, "top_exact": exact}
