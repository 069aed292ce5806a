"""What is in a table: its columns in numbers, what they mean, and what is worth mending.

found = profile(table, engine)
found.column("price").quartiles
[finding.message for finding in found.findings]
suggested(found)                 # steps that are almost surely right, as JSON
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts import Engine, Json, Silent, Table, Watch
from core.profile import mend
from core.profile.alike import alike
from core.profile.doubts import doubts
from core.profile.facts import ColumnProfile, Count, Finding, Histogram, Look, Meaning, Pair, Profile
from core.profile.meaning import meaning_of
from core.profile.personal import personal
from core.profile.quality import findings
from core.profile.relations import duplicates, pairs, unique
from core.profile.sentinels import sentinels
from core.profile.spread import spreads
from core.profile.summary import basics
from core.profile.validity import cents, validity
from core.profile.values import looks
from core.profile.work import begin

__all__ = [
    "ColumnProfile", "Count", "Finding", "Histogram", "Look", "Meaning", "Pair", "Profile",
    "profile", "suggested",
]  # fmt: skip


def profile(table: Table, engine: Engine, watch: Watch | None = None) -> Profile:
    """Look at every column of a table in a few aggregating queries; no row comes into Python.

    Raises Cancelled when the watch says so, between two queries.
    """
    work = begin(table, engine, watch or Silent())
    columns = basics(work)
    for look in (spreads, looks):
        columns = _with(columns, look(work, columns))
    work.progress(0.85, "Comparing rows and columns")
    uniques = unique(work, columns)
    columns = _with(columns, cents(work, columns))
    columns = [
        column.model_copy(update={"meaning": meaning_of(column, column.name in uniques)})
        for column in columns
    ]
    columns = _with(columns, validity(work, columns))
    columns = _with(columns, personal(work, columns))
    repeated, exact = duplicates(work, columns, uniques)
    related = pairs(work, columns)
    work.progress(0.9, "Looking for values that stand out")
    closer = [*alike(work, columns), *sentinels(work, columns), *doubts(work, columns)]
    work.progress(1.0, "")
    return Profile(
        rows=work.rows,
        columns=tuple(columns),
        duplicates=repeated,
        duplicates_exact=exact,
        pairs=related,
        findings=findings(columns, repeated, exact, related, closer),
    )


def _with(columns: Sequence[ColumnProfile], found: Mapping[str, dict[str, Any]]) -> list[ColumnProfile]:
    """The columns with what was found out about each."""
    return [column.model_copy(update=found.get(column.name)) for column in columns]


def suggested(found: Profile) -> list[dict[str, Json]]:
    """The steps that are almost surely right, as JSON, in the order in which they should run.

    Texts are trimmed first, what stands for missing values emptied and values written in one way; then rows
    are made to agree, types changed, and at last empty columns and repeated rows dropped. Whatever a
    person might see otherwise is left out.
    """
    order = ["spaces", "disguised_missing", "sentinel", "clocks", "forms", "ranges", "variants", "appended",
             "misspelt", "together", "disagree", "text_type", "all_missing", "duplicates"]  # fmt: skip
    sure = [finding for finding in found.findings if finding.sure and finding.kind in order]
    steps: list[dict[str, Json]] = []
    for kind in order:
        for finding in (finding for finding in sure if finding.kind == kind and finding.fix):
            mend.put(steps, dict(finding.fix or {}))
    return steps
