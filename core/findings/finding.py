"""What a finding is: a sentence with its number, the chart that shows it, and how sure it is."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as P

from core.contracts import Chart, Json
from core.params import Frozen
from core.selection import Selection
from core.wording import Note, note

Kind = Literal[
    "reversal",
    "relation",
    "difference",
    "association",
    "outlying group",
    "break",
    "season",
    "skew",
    "missing",
]
TESTED: dict[str, Note] = {
    "reversal": note(
        "the correlation of ranks over all rows and that within the groups; of both the larger p"
    ),
    "relation": note("the correlation of ranks (M. Kendall, 1948)"),
    "difference": note("whether ranks differ between the groups (W. Kruskal and W. Wallis, 1952)"),
    "association": note("Pearson's chi-squared test of the counts"),
    "outlying group": note(
        "the ranks of this group against all others (H. Mann and D. Whitney, 1947), times the groups"
    ),
    "break": note(
        "two courses against one (G. Chow, 1960), times the places where it could break, "
        "less what neighbouring steps have in common"
    ),
    "season": note("whether ranks differ between the days or months once the trend is taken off"),
    "skew": note("the skewness against that of a normal course (R. D'Agostino, 1970)"),
    "missing": note("rows with and without a value, by their ranks or their counts"),
}
MARK = "__marked__"  # in a chart: the column that says whether a row is among the marked ones


class Finding(Frozen):
    """Something the table shows beyond chance.

    `effect` goes from 0 to 1 and orders findings of all kinds; `value` is the measure called `measure`.
    `p` is of this look alone, `adjusted` among all the looks. A chart with the column `MARK` is drawn on
    a table in which that column tells the rows of `selection`.
    """

    kind: Kind
    columns: tuple[str, ...]
    told: Note
    chart: dict[str, Json] | None
    effect: float
    measure: Note
    value: float
    p: float
    rows: int
    adjusted: float = 1.0
    selection: dict[str, Json] | None = None
    low: float | None = None  # the interval of the value, at the level of the whole search
    high: float | None = None
    also: tuple[str, ...] = ()  # columns that say nearly the same as one of these: it holds for them too

    def tested(self) -> Note:
        """How it was tested, in words."""
        return TESTED[self.kind]

    def drawn(self, name: str = MARK) -> Chart | None:
        """The chart, where there is one; the column that tells the marked rows is called `name`."""
        return None if self.chart is None else named(self.chart, name)

    def marked(self) -> Selection | None:
        return None if self.selection is None else Selection.from_json(self.selection)


class Findings(Frozen):
    """What a search found: `more` counts, by kind, what was left out for being weaker than all that is told.

    `rows` are the table's, `used` those that were looked at: all, or some evenly spread over all.
    `level` is that of the intervals, adjusted for what was picked. `derived` says which columns follow
    from others, `known` how many relations between such were left out; `same` counts what was said
    already of a column that says nearly the same. `skipped` are columns that only name rows.
    """

    findings: tuple[Finding, ...]
    looks: int
    q: float
    rows: int
    used: int
    more: dict[str, int] = P(default_factory=dict)
    left_out: int = 0  # columns beyond those that are compared
    level: float = 0.95
    derived: tuple[Note, ...] = ()
    known: int = 0
    same: int = 0
    skipped: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, document: Json) -> Findings:
        return cls.model_validate(document)


def named(chart: dict[str, Json], name: str) -> Chart:
    """A chart whose column of marked rows is called `name`."""
    told = {key: name if value == MARK else value for key, value in chart.items()}
    made: Chart = Chart.from_json(told)
    return made
