"""Which tables of an upload can be read as one, files or sheets of one shape, and why others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from core.contracts import Source
from core.sources.archive import is_archive
from core.sources.offered import Offer
from core.sources.one_shape import alike
from core.sources.picked import pattern_for
from core.sources.sheets_together import SheetsTogether
from core.sources.spreadsheet import Spreadsheet
from core.sources.together import FilesTogether
from core.wording import Note, few, note

_GROUPS = 8  # of one upload that are offered
Names = Sequence[str] | None  # of the columns of an offer, where it can be read


@dataclass(frozen=True)
class Group:
    """Tables that can be read as one."""

    path: Path  # the file that `source` reads: the archive, or the workbook
    source: Source
    members: tuple[str, ...]  # files or sheets
    others: tuple[tuple[str, Note], ...]  # what of the same upload is not in it, and why

    @property
    def of_sheets(self) -> bool:
        return isinstance(self.source, SheetsTogether)


def groups(path: Path, found: Sequence[Offer], columns: Sequence[Names]) -> list[Group]:
    """The groups of files or sheets of one shape in an upload, the largest first.

    `found` is what `offers` gives for it, and `columns` are the names of the columns of each.
    """
    given = list(zip(found, columns, strict=True))
    result: list[Group] = []
    if is_archive(path):
        result = _of(given, path, lambda one: one.file, lambda p: FilesTogether(pattern=p), largest=False)
    for place, sheets in groupby(given, lambda pair: pair[0].path):
        listed = list(sheets)
        if any(one.sheet and isinstance(one.source, Spreadsheet) for one, _ in listed):
            result += _of(
                listed, place, lambda one: one.sheet, lambda p: SheetsTogether(sheets=p), largest=True
            )
    return sorted(result, key=lambda group: -len(group.members))[:_GROUPS]


def _of(
    given: Sequence[tuple[Offer, Names]], path: Path, called: Callable[[Offer], str],
    source: Callable[[str], Source], *, largest: bool,
) -> list[Group]:  # fmt: skip
    """Groups of things that hold one table each; with `largest` the first table of several counts."""
    tables = Counter(called(one) for one, _ in given)
    every = list({called(one): None for one, _ in given if not one.empty})  # those can stay unnamed
    known: dict[str, Sequence[str]] = {}
    for one, names in given:
        if names and (largest or tables[called(one)] == 1):
            known.setdefault(called(one), names)
    rest = list(known)
    result = []
    while same := [rest[i] for i in alike([known[name] for name in rest])]:
        rest = [name for name in rest if name not in same]
        pattern = pattern_for(same, every)
        if pattern is not None:
            why = _others(given, called, known, set(same))
            result.append(Group(path, source(pattern), tuple(same), why))
    return result


def _others(
    given: Sequence[tuple[Offer, Names]], called: Callable[[Offer], str], known: dict[str, Sequence[str]],
    same: set[str],
) -> tuple[tuple[str, Note], ...]:  # fmt: skip
    """Why each of the others is not in the group."""
    shared = {name.casefold() for one in same for name in known[one]}
    why: dict[str, Note] = {}
    for one, names in given:
        name = called(one)
        if name in same or name in why:
            continue
        if one.problem is not None:
            why[name] = one.problem
        elif name not in known:
            why[name] = note("It holds several tables.") if names else note("It cannot be read.")
        else:
            own = [column for column in known[name] if column.casefold() not in shared]
            why[name] = (
                note("It has other columns: {names}.", names=few(own))
                if own
                else note("It has only {count} of their columns.", count=len(known[name]))
            )
    return tuple(why.items())
