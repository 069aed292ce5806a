"""What is worth knowing about a table, found without being asked: each with its number and its chart.

    told = findings(table, engine)
    str(told.findings[0].told)       # "price and carat rise together: Spearman's correlation 0.963, ..."
    told.looks, told.q               # how many looks at the table, and the share of false ones accepted

Nothing here guesses: every look is a test that can be repeated, and the more looks there are, the
more each must show. All p values of one search, of whatever kind, are judged together (Y. Benjamini
and Y. Hochberg, 1995): of what is told, a share of `q` at most is expected to be chance. Where
nothing is to be found, a search that finds something at all is as rare as that. A look whose effect
is too small to matter counts among the looks, with a p value of 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.contracts import Engine, Silent, Table, Watch
from core.findings.absent import absent
from core.findings.cells import Cells, read
from core.findings.derived import derived
from core.findings.finding import Finding, Findings
from core.findings.looks import Looks
from core.findings.outlying import outlying
from core.findings.relations import relations
from core.findings.series import series
from core.findings.shape import shape
from core.findings.simpson import simpson
from core.findings.told import to_tell
from core.watching import Part, go_on

__all__ = ["Finding", "Findings", "Q", "findings", "found"]

Q = 0.05
KEPT = 40  # findings of each kind, the strongest
_LOOKS = (
    (relations, "Comparing columns"),
    (outlying, "Comparing groups"),
    (simpson, "Comparing within groups"),
    (series, "Looking through time"),
    (shape, "Looking at shapes"),
    (absent, "Looking at what is missing"),
)


def findings(
    table: Table,
    engine: Engine,
    meanings: Mapping[str, str] | None = None,
    watch: Watch | None = None,
    q: float = Q,
) -> Findings:
    """Everything worth knowing about a table, the strongest first. Cancelled where a person stops it.

    `meanings` are what columns mean, where a profile knows: identifiers are compared with nothing.
    """
    follow = watch or Silent()
    go_on(follow, 0.0, "Reading the rows")
    cells = read(table, engine, meanings or {})
    return found(cells, q, Part(follow, 0.1, 1.0))


def found(cells: Cells, q: float = Q, watch: Watch | None = None) -> Findings:
    """The findings of rows that were read."""
    follow, looks = watch or Silent(), Looks()
    for number, (look, message) in enumerate(_LOOKS):
        go_on(follow, number / len(_LOOKS), message)
        look(cells, looks, Part(follow, number / len(_LOOKS), (number + 1) / len(_LOOKS)))
    known = derived(cells)
    some, level = to_tell(looks.found(q), known, KEPT, looks.count, q)
    return Findings(
        findings=some.findings, looks=looks.count, q=q, rows=cells.rows, used=cells.used, more=some.more,
        left_out=cells.left_out, level=level, derived=tuple(known.told), known=some.known, same=some.same,
        skipped=cells.skipped,
    )  # fmt: skip
