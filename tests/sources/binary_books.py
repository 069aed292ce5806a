"""Small .xlsb workbooks written record by record: no library at hand writes them."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.sources.workbooks import Cell

_ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24}
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)
Place = tuple[int, int]


def record(number: int, data: bytes = b"") -> bytes:
    """A record: its number and its length in sevens of bits, then its bytes."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length = len(data)
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + data


def text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode("utf-16-le")) // 2) + value.encode("utf-16-le")


def xlsb(sheets: dict[str, dict[Place, Cell]], *, from_1904: bool = False) -> bytes:
    """A workbook whose sheets hold cells at (row, column), both from 0.

    A cell is a number, text, truth, ("date", serial), ("time", serial), ("error", "#N/A"), or one that a
    formula gave: ("formula", 1.5), ("formula", "text"), ("formula", True), ("failed", "#DIV/0!").
    """
    out = io.BytesIO()
    names = list(sheets)
    relations = [(f"rId{i}", "worksheet", f"worksheets/sheet{i}.bin") for i in range(1, len(names) + 1)]
    relations += [("rIdS", "styles", "styles.bin"), ("rIdT", "sharedStrings", "sharedStrings.bin")]
    listed = b"".join(
        record(156, struct.pack("<II", 0, i) + text(f"rId{i}") + text(name))
        for i, name in enumerate(names, start=1)
    )
    book = record(131) + record(153, struct.pack("<II", int(from_1904), 0) + text(""))
    styles = b"".join(record(47, struct.pack("<HH", 0, kind) + bytes(12)) for kind in (0, 14, 22))
    shared: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _related([("rId1", "officeDocument", "xl/workbook.bin")]))
        archive.writestr("xl/workbook.bin", book + record(143) + listed + record(144) + record(132))
        archive.writestr("xl/_rels/workbook.bin.rels", _related(relations))
        for i, cells in enumerate(sheets.values(), start=1):
            archive.writestr(f"xl/worksheets/sheet{i}.bin", _sheet(cells, shared))
        count = struct.pack("<I", 3)
        archive.writestr(
            "xl/styles.bin", record(278) + record(617, count) + styles + record(618) + record(279)
        )
        items = b"".join(record(19, b"\0" + text(one)) for one in shared)
        totals = struct.pack("<II", len(shared), len(shared))
        archive.writestr("xl/sharedStrings.bin", record(159, totals) + items + record(160))
    return out.getvalue()


def _related(relations: list[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{t}" Target="{p}"/>' for i, t, p in relations)
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _sheet(cells: dict[Place, Cell], shared: list[str]) -> bytes:
    rows = sorted({row for row, _ in cells})
    right = max((column for _, column in cells), default=0)
    extent = struct.pack("<IIII", rows[0] if rows else 0, rows[-1] if rows else 0, 0, right)
    out = record(129) + record(148, extent) + record(145)
    for row in rows:
        out += record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
        out += b"".join(
            _cell(column, value, shared) for (line, column), value in sorted(cells.items()) if line == row
        )
    return out + record(146) + record(130)


def _cell(column: int, value: Cell, shared: list[str]) -> bytes:
    style = {"date": 1, "time": 2}.get(value[0], 0) if isinstance(value, tuple) else 0
    head = struct.pack("<II", column, style)
    if isinstance(value, tuple):
        kind, inner = value
        if kind in ("error", "failed"):
            code = bytes([_ERRORS.get(str(inner), 0x2A)])
            return record(3, head + code) if kind == "error" else record(11, head + code + _FORMULA)
        if kind == "formula":
            if isinstance(inner, bool):
                return record(10, head + bytes([inner]) + _FORMULA)
            if isinstance(inner, str):
                return record(8, head + text(inner) + _FORMULA)
            return record(9, head + struct.pack("<d", inner) + _FORMULA)
        return record(5, head + struct.pack("<d", inner))
    if isinstance(value, bool):
        return record(4, head + bytes([value]))
    if isinstance(value, str):
        shared.append(value)
        return record(7, head + struct.pack("<I", len(shared) - 1))
    if isinstance(value, int) and abs(value) < 1 << 29:  # whole numbers as Excel packs them
        return record(2, head + struct.pack("<i", value << 2 | 2))
    return record(5, head + struct.pack("<d", float(value or 0)))


_FORMULA = struct.pack("<HI", 0, 3) + b"\x1e\x01\x00" + struct.pack("<I", 0)  # the formula =1
