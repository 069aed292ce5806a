"""How well a polluted file was read: the measures of the Pollock benchmark (Vitagliano et al., VLDB 2023).

Ten measures, each from 0 to 1, are summed to a score of at most 10 for a file:

- success: something was read at all;
- precision, recall and F1 of the header: the names of columns, as a multiset;
- precision, recall and F1 of the records: whole rows as tuples, as a multiset, in any order;
- precision, recall and F1 of the cells: single cells, as a multiset, in any order.

The truth is always the clean table that was polluted: what an ideal reader would recover, whether or not
a reader can. Cells are compared as text; a missing value is the empty text, and line ends inside a cell are
alike. Of a file that holds several tables, all tables together are the truth and all that were read are
compared to it. For a file without a header the names that a reader makes up are not counted as names, and
no name is expected. Of an empty file there is nothing to read: an empty table and a refusal are both right.

A collection's score is the mean over its files: `simple` counts each file once; `weighted` by how often
such a pollution was met in the paper's survey of 3,712 files of open data, shared among the files of a kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.pollution.clean import Clean

MEASURES = (
    "success",
    *(f"{level} {measure}" for level in ("header", "record", "cell") for measure in ("P", "R", "F1")),
)


@dataclass(frozen=True)
class Score:
    """The ten measures of one file."""

    values: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.values)


def score(truth: Sequence[Clean], found: Sequence[Clean] | None) -> Score:
    """Compare what was read with what should have been; `found` None where reading failed."""
    if found is None:
        return Score((1.0,) * 10 if not truth else (0.0,) * 10)
    names = [_compare(_names(truth), _names(found))]
    records = _compare(_records(truth), _records(found))
    cells = _compare(
        Counter(cell for row in _records(truth).elements() for cell in row),
        Counter(cell for row in _records(found).elements() for cell in row),
    )
    return Score((1.0, *names[0], *records, *cells))


def _names(tables: Iterable[Clean]) -> Counter[str]:
    return Counter(_plain(name) for table in tables for name in table.header or ())


def _records(tables: Iterable[Clean]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(_plain, row)) for table in tables for row in table.rows)


def _plain(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _compare(truth: Counter[Any], found: Counter[Any]) -> tuple[float, float, float]:
    same = sum((truth & found).values())
    wanted, given = sum(truth.values()), sum(found.values())
    precision = same / given if given else float(not wanted)
    recall = same / wanted if wanted else float(not given)
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0
