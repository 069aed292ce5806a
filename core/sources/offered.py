"""The tables that an upload holds: files of an archive, tables of a workbook or page, lists of an object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.contracts import Silent, Source, Watch
from core.errors import SightlineError
from core.sources.archive import Part, is_archive, left_out, unpack
from core.sources.delimited import DelimitedFile
from core.sources.files import inspect
from core.sources.folder import HIDDEN
from core.sources.json_file import JsonFile
from core.sources.json_rows import lists_of_rows
from core.sources.markup import MarkupTable, tables_in
from core.sources.scratch import scratch_beside
from core.sources.spreadsheet import EmptySheet, Spreadsheet, in_sheet
from core.sources.text_tables import stretches
from core.sources.workbook import Workbook
from core.wording import Note, note, told

_MOST = 20  # tables of one page, or lists of one object, that are offered


@dataclass(frozen=True)
class Offer:
    """One table that an upload holds: where its bytes lie and how they would be read, or why not."""

    name: str
    path: Path
    source: Source | None
    problem: Note | None = None
    notes: tuple[Note, ...] = ()  # what there is to say about how it would be read
    empty: bool = False  # there is nothing in it to lose: a sheet without cells, a hidden file
    file: str = ""  # the place of its file in what was brought
    sheet: str = ""  # of a workbook that has several


def offers(path: Path, name: str, into: Path, watch: Watch | None = None) -> list[Offer]:
    """The tables that an upload holds: the files of an archive and the sheets of a workbook, each detected.

    A part that cannot be read is offered with its problem; an upload that is one unreadable file raises.
    """
    parts = unpack(path, name, into, watch)
    alone = len(parts) == 1 and not is_archive(path)
    result: list[Offer] = []
    for part in parts:
        try:
            source, notes = inspect(part.path, part.name)
            found = _tables(part, source, into) or [Offer(part.called, part.path, source, notes=notes)]
        except SightlineError as error:
            if alone:
                raise
            found = [Offer(part.called, part.path, None, told(error))]
        result.extend(replace(one, file=part.called) for one in found)
    if is_archive(path):
        result.extend(
            Offer(one, path, None, why, empty=why == HIDDEN, file=one) for one, why in left_out(path)
        )
    return result


def _tables(part: Part, source: Source, into: Path) -> list[Offer]:
    """The tables of a file that can hold several; none where it is one."""
    found: list[Offer] = []
    if isinstance(source, Spreadsheet):
        return _sheet_offers(part)
    if isinstance(source, JsonFile):
        lists = lists_of_rows(part.path)[:_MOST]
        found = [Offer(f"{part.called}: {place}", part.path, JsonFile(records=place)) for place in lists]
    elif isinstance(source, MarkupTable):
        found = _markup_offers(part)
    elif isinstance(source, DelimitedFile):
        found = _text_offers(part, source, into)
    return found if len(found) > 1 else []


def _text_offers(part: Part, source: DelimitedFile, into: Path) -> list[Offer]:
    """The tables below one another in a text, each as a file of its own; none where it is one table."""
    if source.encoding.startswith("utf-16"):
        return []  # its line ends are no bytes of their own
    found, lines = stretches(part.path)
    result = []
    for number, one in enumerate(found, start=1):
        place = into / f"{part.path.name}-table-{number:02d}"
        place.write_bytes(b"".join(lines[one.first : one.last]))
        try:
            way, notes = inspect(place, part.name)
        except SightlineError:
            return []  # then it is one table, with rows that do not fit
        where = note(
            "one of {count} tables of the file: its lines {first:,} to {last:,}",
            count=len(found),
            first=one.first + 1,
            last=one.last,
        )
        result.append(Offer(f"{part.called}: {one.title or number}", place, way, notes=(where, *notes)))
    return result


def _markup_offers(part: Part) -> list[Offer]:
    """Each table of a page."""
    with scratch_beside() as scratch:
        found, _ = tables_in(part.path, scratch, Silent())
    return [
        Offer(f"{part.called}: {number}", part.path, MarkupTable(table=number, header=one.named))
        for number, one in enumerate(found[:_MOST], start=1)
    ]


def _sheet_offers(part: Part) -> list[Offer]:
    """Each table of each sheet; one that is alone on its sheet is called as the sheet is."""
    result: list[Offer] = []
    with Workbook(part.path) as workbook:
        known = workbook.sheet_names
        for sheet in known:
            title = f"{part.called}: {sheet}" if len(known) > 1 else part.called
            one = Offer(title, part.path, None, sheet=sheet)
            try:
                found = in_sheet(workbook.sheet(sheet), sheet if len(known) > 1 else "")
            except SightlineError as error:
                result.append(replace(one, problem=told(error)))
                continue
            for source, above in found:
                called = f"{title} {above[:60] or source.area}" if len(found) > 1 else title
                result.append(replace(one, name=called, source=source))
            if not found:
                empty = EmptySheet("The sheet holds no cells.", hint="Choose another sheet.")
                result.append(replace(one, problem=told(empty), empty=True))
    return result
