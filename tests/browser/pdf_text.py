"""The text of a PDF that Chromium made, page by page: enough of the format to read it back."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)endobj", re.DOTALL)
_SAYS = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-F]+)> Tj|\b(ET)\b")
_ONE = re.compile(rb"<([0-9A-F]+)> <([0-9A-F]+)>(?: <([0-9A-F]+)>)?")


def pages(data: bytes) -> list[str]:
    """What stands on each page as text (not as outlines), one run of text a line."""
    known = {int(number): _parts(body) for number, body in _OBJECT.findall(data)}
    heads = [head for head, _ in known.values() if re.search(rb"/Type /Page\b", head)]
    return [_text(head, known) for head in heads]


def _parts(body: bytes) -> tuple[bytes, bytes]:
    head, _, rest = body.partition(b"stream")
    raw = rest.lstrip(b"\r\n")
    return head, zlib.decompressobj().decompress(raw) if b"FlateDecode" in head and raw else raw


def _text(head: bytes, known: dict[int, tuple[bytes, bytes]]) -> str:
    fonts = {name: _glyphs(known[int(at)][0], known) for name, at in re.findall(rb"/(F\d+) (\d+) 0 R", head)}
    content = known[int(re.findall(rb"/Contents (\d+)", head)[0])][1]
    found, glyphs = "", {}
    for font, code, end in _SAYS.findall(content):
        if font:
            glyphs = fonts[font]
        wide = len(next(iter(glyphs), b"0000"))
        found += (
            "\n" if end else "".join(glyphs.get(code[i : i + wide], "?") for i in range(0, len(code), wide))
        )
    return found


def _glyphs(font: bytes, known: dict[int, tuple[bytes, bytes]]) -> dict[bytes, str]:
    """Which text each glyph of a font stands for."""
    found = {}
    for at in re.findall(rb"/ToUnicode (\d+)", font):
        for first, last, start in _ONE.findall(known[int(at)][1].partition(b"endcodespacerange")[2]):
            if not start:
                found[first] = bytes.fromhex(last.decode()).decode("utf-16-be")
            for step in range(int(last, 16) - int(first, 16) + 1 if start else 0):
                found[b"%0*X" % (len(first), int(first, 16) + step)] = chr(int(start, 16) + step)
    return found
