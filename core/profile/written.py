"""How the cells of text columns are written: the different values and their rows, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from core import sql
from core.profile.facts import ColumnProfile
from core.profile.work import Work, named, select

COLUMNS = 60  # text columns whose values are looked at one by one
VALUES = 5_000  # different values of one column; of more, the most frequent
LONGEST = 200  # characters
SHORT = 40

# stand for a missing value wherever the other values are of another kind
PLACEHOLDERS = frozenset(
    ("", "n/a", "#n/a", "null", "nan", "na", "<na>", "#value!", "#null!", "-", "--", "---", "?", "??", ".",
     "none", "nil", "unknown", "missing", "not available", "not applicable", "n.a.", "n.a", "tbd", "tba",
     "undefined", "(null)", "(blank)", "no data", "not known", "未知", "无", "暂无", "缺失")
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A text column's values without outer spaces, and their rows; the most frequent first."""

    name: str
    counts: dict[str, int]
    whole: bool  # these are all values, of all rows
    named: bool  # its values name groups of rows, and no row stands for itself

    def rows(self) -> int:
        return sum(self.counts.values())

    def without(self, words: frozenset[str]) -> dict[str, int]:
        return {value: rows for value, rows in self.counts.items() if value.casefold() not in words}

    def after(self, changes: Mapping[str, str | None]) -> Written:
        """The column once some values are others, or missing."""
        counts: dict[str, int] = {}
        for value, rows in self.counts.items():
            now = changes.get(value, value)
            if now is not None:
                counts[now] = counts.get(now, 0) + rows
        ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        return Written(self.name, ordered, self.whole, self.named)


def written(work: Work, found: Sequence[ColumnProfile]) -> list[Written]:
    """The values of the text columns that hold any, up to sixty columns."""
    texts = [(column, column.look) for column in found if column.look is not None]
    # numbers and dates in many ways of writing are taken for free text, but are short
    chosen = [c for c, look in texts if c.meaning != "free text" or (look.longest or 0) <= SHORT]
    chosen = [column for column in chosen if work.stacked or column.distinct <= VALUES]
    return [_values(work, column) for column in chosen[:COLUMNS]]


def _values(work: Work, column: ColumnProfile) -> Written:
    name = sql.name(column.name)
    # at most as many characters as one more than the longest: such a value is then left out
    value = named(sql.template("left(:x, :most)", x=name, most=LONGEST + 1), "v")
    rows = work.some_rows([column.name]) if work.places else work.all_rows([column.name])
    query = select([value, named(sql.template("count(*)"), "n")], rows)
    query = query.where(sql.template(":x IS NOT NULL", x=name), copy=False).group_by("v", copy=False)
    query = query.order_by(exp.column("n").desc(), exp.column("v"), copy=False).limit(VALUES + 1, copy=False)
    counts: dict[str, int] = {}
    found = work.ask(query)
    for row in found[:VALUES]:
        bare = row["v"].strip()
        if len(bare) <= LONGEST:
            counts[bare] = counts.get(bare, 0) + int(row["n"])
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    whole = len(found) <= VALUES and not work.places
    repeated = 2 * column.distinct <= column.present
    return Written(column.name, ordered, whole, named=column.meaning != "identifier" and repeated)
