"""Rows that seem to be one record entered twice: the same but for case, spaces, signs and a few letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlglot import exp

from core import sql
from core.profile import mend
from core.profile.facts import ColumnProfile, Finding
from core.profile.work import Work, named, select

ROWS = 100_000  # looked at: as many as the step that drops such rows looks at
COLUMNS = 20
FEWEST = 3  # columns, and of them one must tell records apart
TELLING = 0.5  # of a column's values must differ for that
WIDE = 10  # columns from which two may differ, and not one alone
BLOCK = 40  # rows that share half of their columns: more, and these say nothing
NEXT = 4  # neighbours within a block that a row is compared with
PAIRS = 5_000  # whose cells are read
NEAR = 0.75  # of the letters are the same in cells that may be one misspelt
SHORTEST = 4  # characters of such cells
SELDOM = 3  # rows: two values that both stand more often are two values
_FOLDED = r"hash(lower(regexp_replace(:x, '[^\p{L}\p{N}]+', '', 'g')))"


def alike(work: Work, columns: Sequence[ColumnProfile]) -> list[Finding]:
    """How many rows are nearly an earlier one; the finding's step lets a person review the pairs.

    Two rows are compared when they agree, once folded, in half or a third of their columns. They are
    nearly the same when they agree in all columns but one (of ten or more, two), and there one is
    missing or a rare text is a few letters away. Columns in which each row has a value of its own do not
    count, and one that tells records apart must agree.
    """
    chosen = [column for column in columns if _compared(column)][:COLUMNS]
    # a number that only happens to be rare tells nobody apart, a text or a moment does
    telling = np.array([column.distinct >= TELLING * column.present for column in chosen], dtype=bool)
    if work.rows < 2 or len(chosen) < FEWEST or not telling.any():
        return []
    names = [column.name for column in chosen]
    rows, whole, cells = _hashed(work, chosen)
    first, second = _candidates(cells, _parts(chosen))
    differ = cells[first] != cells[second]
    few = differ.sum(axis=1) <= (2 if len(chosen) >= WIDE else 1)
    kept = few & (whole[first] != whole[second]) & (telling & ~differ).any(axis=1)
    first, second, differ = first[kept][:PAIRS], second[kept][:PAIRS], differ[kept][:PAIRS]
    if not len(first):
        return []
    near = _near(work, chosen, rows, cells, (first, second), differ)
    again = len(set(np.maximum(first, second)[near].tolist()))
    if not again:
        return []
    return [Finding(
        kind="similar_rows", severity="warning",
        template="{count:,} row is nearly the same as another one: they differ by capitals, spaces, signs "
        "or a few letters. | {count:,} rows are nearly the same as another one: they differ by capitals, "
        "spaces, signs or a few letters.",
        values={"count": again}, fix=mend.drop_similar(names),
    )]  # fmt: skip


def _compared(column: ColumnProfile) -> bool:
    """Whether a column may tell that two rows are one: not the number that each row was given."""
    if column.meaning in ("empty", "constant", "identifier"):
        return False
    return not (column.type == "integer" and column.distinct >= 0.98 * column.rows)


def _parts(columns: Sequence[ColumnProfile]) -> list[list[int]]:
    """The columns in two parts (three of many), each with its share of those that say most.

    Rows that differ in one column (two) agree in the whole of one part at least.
    """
    order = sorted(range(len(columns)), key=lambda place: -columns[place].distinct)
    parts = 3 if len(columns) >= WIDE else 2
    return [order[start::parts] for start in range(parts)]


def _hashed(work: Work, columns: Sequence[ColumnProfile]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The places of the first rows, a number for each row as it stands, and one for each folded cell."""
    nodes = [named(sql.name(sql.ROW), "r")]
    names = [sql.name(column.name) for column in columns]
    nodes.append(named(exp.Anonymous(this="hash", expressions=[*names]), "w"))
    for place, column in enumerate(columns):
        text = _FOLDED if column.type == "text" else "hash(:x)"
        # 0 is a missing cell, and the hash of 0, too
        text = f"CASE WHEN :x IS NULL THEN CAST(0 AS UBIGINT) ELSE {text} | CAST(1 AS UBIGINT) END"
        nodes.append(named(sql.template(text, x=sql.name(column.name)), f"h{place}"))
    first = sql.template(":row < :most", row=sql.name(sql.ROW), most=ROWS)
    rows = work.all_rows([column.name for column in columns])
    found = work.engine.rows(select(nodes, rows).where(first, copy=False))
    arrays = [np.asarray(column) for column in found.columns]
    return arrays[0], arrays[1], np.stack(arrays[2:], axis=1)


def _candidates(cells: np.ndarray, parts: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Places of rows that agree in the whole of one part of their columns, each couple once."""
    found, count = [np.zeros(0, dtype=np.int64)], len(cells)
    for part in parts:
        key = np.zeros(count, dtype=np.uint64)
        for place in part:
            key = key * np.uint64(0x9E3779B97F4A7C15) + cells[:, place]
        order = np.argsort(key, kind="stable")
        _, sizes = np.unique(key[order], return_counts=True)
        size = np.repeat(sizes, sizes)
        for away in range(1, NEXT + 1):
            same = (key[order[:-away]] == key[order[away:]]) & (size[away:] <= BLOCK)
            found.append(order[:-away][same] * count + order[away:][same])
    codes = np.unique(np.concatenate(found))
    return codes // count, codes % count


def _near(
    work: Work, columns: Sequence[ColumnProfile], rows: np.ndarray, cells: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray], differ: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Which pairs have nothing but near texts, or a missing cell, where they differ."""
    near = np.ones(len(differ), dtype=bool)
    first, second = pairs
    for place, column in enumerate(columns):
        at = np.flatnonzero(differ[:, place] & near)
        own = cells[:, place]
        a, b = own[first[at]], own[second[at]]
        both = (a != 0) & (b != 0)
        _, places, counts = np.unique(own, return_inverse=True, return_counts=True)
        seldom = np.minimum(counts[places[first[at]]], counts[places[second[at]]]) <= SELDOM
        fits = ~both
        ask = np.flatnonzero(both & seldom) if column.type == "text" else np.zeros(0, dtype=np.int64)
        if len(ask):
            texts = _texts(work, column.name, rows[np.concatenate([first[at[ask]], second[at[ask]]])])
            for one in ask.tolist():
                fits[one] = _misspelt(texts[int(rows[first[at[one]]])], texts[int(rows[second[at[one]]])])
        near[at[~fits]] = False
    return near


def _texts(work: Work, name: str, rows: np.ndarray) -> dict[int, str]:
    wanted = sql.name(sql.ROW).isin(*[sql.literal(int(row)) for row in np.unique(rows)])
    nodes = [named(sql.name(sql.ROW), "r"), named(sql.template("left(:x, 200)", x=sql.name(name)), "v")]
    found: list[dict[str, Any]] = work.ask(select(nodes, work.all_rows([name])).where(wanted, copy=False))
    return {int(row["r"]): row["v"] for row in found}


def _misspelt(one: str, other: str) -> bool:
    """A few letters apart, and no digit: two numbers of houses are two houses."""
    from rapidfuzz.distance import OSA

    a, b = one.casefold(), other.casefold()
    if min(len(a), len(b)) < SHORTEST or [c for c in a if c.isdigit()] != [c for c in b if c.isdigit()]:
        return False
    return OSA.normalized_similarity(a, b) >= NEAR
