"""What a finding is: a sentence with its number, the chart that shows it, and how sure it is."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as P

from core.contracts import Chart, Json
from core.params import Frozen
from core.selection import Selection
from core.wording import Note

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

    def drawn(self, name: str = MARK) -> Chart | None:
        """The chart, where there is one; the column that tells the marked rows is called `name`."""
        return None if self.chart is None else named(self.chart, name)

    def marked(self) -> Selection | None:
        return None if self.selection is None else Selection.from_json(self.selection)


class Findings(Frozen):
    """What a search found: `more` counts, by kind, what was left out for being weaker than all that is told.

    `rows` are the table's, `used` those that were looked at: all, or some evenly spread over all.
    """

    findings: tuple[Finding, ...]
    looks: int
    q: float
    rows: int
    used: int
    more: dict[str, int] = P(default_factory=dict)
    left_out: int = 0  # columns beyond those that are compared

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
