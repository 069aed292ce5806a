"""Which source reads a file, a first look at its rows, and the parts of an upload."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts import Schema, Silent, Source, Watch
from core.errors import BadInput
from core.sources.archive import is_document, is_gzip, is_zip
from core.sources.avro import AvroFile
from core.sources.delimited import DelimitedFile
from core.sources.dialect import sniff
from core.sources.encoding import Coding, as_utf8, coding_of, utf_16
from core.sources.fixed_width import FixedWidthFile, cells_of, places
from core.sources.frames import ArrowFile, ParquetFile
from core.sources.json_file import JsonFile
from core.sources.json_rows import lists_of_rows
from core.sources.markup import MarkupTable, is_markdown, is_page, tables_in, widest
from core.sources.orc import OrcFile
from core.sources.records import LINE_LIMIT, NONE, SPACES
from core.sources.scratch import scratch_beside
from core.sources.sheets_together import SheetsTogether
from core.sources.spreadsheet import Spreadsheet, on_sheet, sheets
from core.sources.together import FilesTogether
from core.sources.wide import Parts
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

_ACCEPTED = (
    "Accepted are text tables (CSV, TSV, ...), JSON, Parquet, Arrow, Avro, ORC, Excel, OpenDocument, "
    "gzip and zip."
)
_HEAD = 1 << 17  # bytes that a dialect is found from
_PREVIEW = 1 << 21  # bytes of a text that a preview reads
_FIRST = 3  # files of an archive, or sheets of a workbook, that a preview of all of them reads
_UNSURE = 0.3  # a dialect that is less likely than this may be none
_LISTS = 20  # of one JSON object that are offered as tables
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"RIFF", "a sound, a film or an image"),
    (b"\x00\x00\x00\x18ftyp", "a film"),
    (b"\x00\x00\x00\x20ftyp", "a film"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xff\xfe\x00\x00", "text in UTF-32, which no table needs: save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "text in UTF-32, which no table needs: save it as UTF-8"),
    (b"\x80\x04\x95", "a Python pickle, which could run code"),
    (b"\x80\x05\x95", "a Python pickle, which could run code"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"RDX", "an R data file"),
    (b"{\\rtf", "a rich text document"),
)
_IN_TEXT = frozenset((0, 9, 10, 11, 12, 13, 26, 27))  # 0 is counted by itself
_BETWEEN = frozenset((1, 2, 28, 29, 30, 31))
_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".data", ".asc")


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as a source reads them."""

    columns: Schema
    rows: pa.Table
    refused_sample: tuple[tuple[int, str, str], ...]  # line, reason, text
    notes: tuple[Note, ...]


def detect(path: Path, name: str) -> Source:
    """The source that reads this file, with its parameters filled in: its content decides, then its name.

    Raises BadInput that says what the file seems to be and what is accepted.
    """
    source, _ = inspect(path, name)
    return source


def inspect(path: Path, name: str) -> tuple[Source, tuple[Note, ...]]:
    """As `detect`, with what there is to say about the choice."""
    with path.open("rb") as file:
        head = file.read(4096)
    ending = Path(name).suffix.lower()
    if not head:
        raise BadInput("{name!r} is empty.", hint="Choose a file that holds rows.", name=name)
    if head.startswith(b"PAR1"):
        return ParquetFile(), ()
    if head.startswith(b"Obj\x01"):
        return AvroFile(), ()
    if head.startswith(b"ORC") and ending not in _TEXT_ENDINGS:
        return OrcFile(), ()
    if head.startswith((b"ARROW1", b"FEA1")) or (
        head.startswith(b"\xff\xff\xff\xff") and ending in (".arrow", ".ipc", ".arrows")
    ):
        return ArrowFile(), ()
    if is_gzip(head) or (is_zip(head) and not is_document(path) and ending not in Spreadsheet.extensions):
        raise BadInput("{name!r} is an archive.", hint="Unpack it first, then read its parts.", name=name)
    if is_zip(head) or head.startswith(_OLE):
        return _workbook(path, name)
    if is_page(head.decode("utf-8", "replace")) and (table := _of_markup(path)):
        return table, ()
    _refuse_foreign(head, path, name)
    return _text(path, name, ending)


def _workbook(path: Path, name: str) -> tuple[Source, tuple[Note, ...]]:
    known = sheets(path)  # raises when it is none, or encrypted
    if not known:
        raise BadInput("{name!r} holds no sheets.", hint=_ACCEPTED, name=name)
    (largest, _), *_ = on_sheet(path)
    return largest, ()


def _refuse_foreign(head: bytes, path: Path, name: str) -> None:
    what = next(
        (what for mark, what in _FOREIGN if head.startswith(mark) and (len(mark) > 2 or b"\0" in head)), ""
    )
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<table")):
        what = "a web page"
    elif start.startswith((b"<?xml", b"<svg")):
        what = "an XML document"
    elif head[257:262] == b"ustar":
        what = "a tar archive"
    if not what and _is_junk(path):
        what = "binary data"
    if what:
        raise BadInput("{name!r} seems to be {what}.", hint=_ACCEPTED, name=name, what=note(what))


def _is_junk(path: Path) -> bool:
    """True when the bytes are no text in any encoding: control characters that text does not hold.

    Those that may separate cells and records (1, 2, 28 to 31) are no sign of it where no zero is.
    """
    with path.open("rb") as file:
        head = file.read(65_536)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if b"\0" in head:
        if utf_16(head):
            return False
        head = b"".join(block for order, block in Parts().feed(head, last=True) if not order)
    zeros = head.count(0)
    fine = _IN_TEXT if zeros else _IN_TEXT | _BETWEEN
    control = len(head) - len(head.translate(None, bytes(set(range(32)) - fine)))
    return control > max(2, len(head) // 200) or zeros > max(8, len(head) // 20)


def _text(path: Path, name: str, ending: str) -> tuple[Source, tuple[Note, ...]]:
    coding = coding_of(path)
    notes = coding.notes
    head, whole = _head(path, coding)
    start = head.lstrip()
    if not start:
        raise BadInput(
            "{name!r} holds nothing but blank lines.", hint="Choose a file that holds rows.", name=name
        )
    looks = start[:1] in (b"{", b"[") and ending not in _TEXT_ENDINGS
    if ending in JsonFile.extensions or looks or start[:2] in (b'{"', b"[{"):
        lists = lists_of_rows(path) if coding.plain else []
        return JsonFile(records=lists[0] if lists else ""), notes
    if b"\n" not in head and b"\r" not in head and not whole:
        raise BadInput(
            "The first line of {name!r} is longer than {most:,} bytes: it is no table of rows.",
            hint=_ACCEPTED,
            name=name,
            most=LINE_LIMIT,
        )
    shown = head.decode("utf-8", "replace")
    if is_markdown(shown) and (table := _of_markup(path)):
        return table, notes
    dialect = sniff(head, whole=whole)
    quoted = dialect.values["delimiter"] == SPACES and b'"' in head  # no columns made for eyes
    if not quoted and (dialect.values["delimiter"] in (SPACES, NONE) or dialect.score < _UNSURE):
        begins, skip = places(shown, whole=whole)
        if begins:
            return _at_places(coding, shown, begins, skip), notes
    return DelimitedFile(**_encoded(coding), **dialect.values), (*notes, *dialect.notes)


def _of_markup(path: Path) -> MarkupTable | None:
    """The largest table of a page or of a text in Markdown."""
    with scratch_beside() as scratch:
        found, _ = tables_in(path, scratch, Silent())
    number = widest(found) if found else 0
    return MarkupTable(table=number, header=found[number - 1].named) if found else None


def _encoded(coding: Coding) -> dict[str, Any]:
    return {"encoding": coding.name, "mixed": coding.mixed, "twice": coding.twice}


def _at_places(coding: Coding, head: str, begins: list[int], skip: int) -> FixedWidthFile:
    """Columns at fixed places; what else there is to know is found in their cells."""
    cells = "".join(cells_of(head.splitlines()[skip:], begins)).encode()
    values = sniff(cells, whole=True).values
    kept = {key: values[key] for key in ("header", "decimal", "thousands", "date_order") if key in values}
    return FixedWidthFile(
        **_encoded(coding), begins=", ".join(str(place + 1) for place in begins), skip=skip, **kept
    )


def _head(path: Path, coding: Coding, length: int = _HEAD) -> tuple[bytes, bool]:
    """The beginning of a text as UTF-8, cut at a line end unless it is the whole text."""
    size = path.stat().st_size
    with path.open("rb") as file:
        raw = file.read(length)
        while len(raw) < size and b"\n" not in raw and len(raw) <= LINE_LIMIT + length:
            raw += file.read(length)  # one long line: as far as a record may go
    whole = len(raw) == size
    raw = raw.removeprefix(BOM_UTF8) if coding.plain else as_utf8(raw, coding)
    if not whole and b"\n" in raw:
        raw = raw[: raw.rfind(b"\n") + 1]
    return raw, whole


def preview(
    source: Source, path: Path | None, rows: int = 100, watch: Watch | None = None, *, most: int = _PREVIEW
) -> Preview:
    """The first `rows` rows as `source` would read them, from the beginning of the file.

    Of a long text only the first `most` bytes are read, so a column's type may still change when a
    later value does not fit it; the notes say so.
    """
    import pyarrow.parquet as pq

    with scratch_beside() as scratch:
        used, file, cut = source, path, False
        if path is not None and isinstance(source, DelimitedFile | FixedWidthFile):
            coding = Coding(source.encoding, mixed=source.mixed, twice=source.twice)
            head, whole = _head(path, coding, most)
            cut = not whole
            if cut or not coding.plain:
                file = scratch / "beginning.csv"
                file.write_bytes(head)
                used = source.model_copy(update=_encoded(Coding("utf-8")))
        place, refused = scratch / "preview.parquet", scratch / "refused.csv"
        if isinstance(used, FilesTogether | SheetsTogether):
            account = used.first(file, place, refused, watch or Silent(), _FIRST)
        else:
            account = used.read(file, place, refused, watch or Silent())
        table = pq.read_table(place).slice(0, rows) if account.rows <= 50_000 else _first(place, rows)
        with refused.open(encoding="utf-8", newline="") as lines:
            kept = [(int(line), reason, text) for line, reason, text in list(csv.reader(lines))[1:][:rows]]
    notes = list(account.notes)
    if isinstance(source, FilesTogether):
        notes.insert(0, note("this preview is made from the first {count} files", count=_FIRST))
    if isinstance(source, SheetsTogether):
        notes.insert(0, note("this preview is made from the first {count} sheets", count=_FIRST))
    if cut:
        notes.append(
            note(
                "this preview is made from the first {rows:,} rows; all rows decide on the types",
                rows=account.rows_in,
            )
        )
    return Preview(account.columns, table, tuple(kept), tuple(notes))


def _first(place: Path, rows: int) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(place)
    return pa.Table.from_batches([next(file.iter_batches(rows))], file.schema_arrow)
