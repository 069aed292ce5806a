"""The blocks of an Avro file, unpacked within bounds: what a file claims of itself is not believed."""

from __future__ import annotations

import bz2
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from core.errors import LimitReached
from core.sources.archive import most_bytes

MARK = b"Obj\x01"
_HEADER = 16 << 20  # bytes of a header: the schema and a few words
_BLOCK = 256 << 20  # bytes that one block may unpack to: it is held in memory
_WEIGHTLESS = 1_000_000  # rows that may take no bytes


class DamagedAvro(ValueError):
    """The file breaks off, or says what cannot be."""


@dataclass(frozen=True)
class Block:
    """Some rows as bytes, and the share of the file that ends with them."""

    rows: int
    data: bytes
    share: float


class Container:
    """An open Avro file: its schema, and its blocks one by one."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        if file.read(4) != MARK:
            raise DamagedAvro("it has no header")
        meta = self._meta()
        try:
            self.schema: Any = json.loads(meta[b"avro.schema"])
        except KeyError:
            raise DamagedAvro("it has no schema") from None
        self._codec = meta.get(b"avro.codec", b"null").decode("latin-1")
        self._sync = self._exactly(16)

    def _meta(self) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        while count := self._long():
            if count < 0:
                count = -count
                self._long()
            if count > 1_000:
                raise DamagedAvro("its header is too long")
            for _ in range(count):
                key = self._exactly(self._long(), _HEADER)
                found[key] = self._exactly(self._long(), _HEADER)
        return found

    def _exactly(self, count: int, most: int = _BLOCK) -> bytes:
        if not 0 <= count <= min(most, self._size):
            raise DamagedAvro("a length in it is impossible")
        data = self._file.read(count)
        if len(data) < count:
            raise DamagedAvro("it is cut short")
        return data

    def _long(self) -> int:
        value = shift = 0
        while True:
            byte = self._exactly(1)[0]
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return (value >> 1) ^ -(value & 1)
            shift += 7
            if shift > 63:
                raise DamagedAvro("a number in it is too long")

    def blocks(self, *, weightless: bool) -> Iterator[Block]:
        """The blocks; `weightless`: a row may take no bytes, so that a block can claim any number."""
        total = 0
        while self._file.tell() < self._size:
            rows = self._long()
            data = self._unpacked(self._exactly(self._long()))
            if self._exactly(16) != self._sync:
                raise DamagedAvro("its blocks do not follow one another")
            if rows < 0 or rows > (_WEIGHTLESS if weightless else len(data)):
                raise DamagedAvro(f"a block of {len(data)} bytes claims {rows} rows")
            total += len(data)
            if total > most_bytes():
                raise LimitReached(
                    "The file unpacks to more than {most:,} bytes.",
                    hint="Write it in parts, or raise SIGHTLINE_MAX_BYTES.",
                    most=most_bytes(),
                )
            yield Block(rows, data, self._file.tell() / self._size)

    def _unpacked(self, data: bytes) -> bytes:
        if self._codec == "null":
            return data
        try:
            found = _unpack(self._codec, data)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, IndexError) as error:
            raise DamagedAvro("a block of it is damaged") from error
        if len(found) > _BLOCK:
            raise LimitReached(
                "A block of the file unpacks to more than {most:,} bytes.",
                hint="Write the file with smaller blocks.",
                most=_BLOCK,
            )
        return found


def _unpack(codec: str, data: bytes) -> bytes:
    """A block's bytes, one more than are allowed at the most."""
    if codec == "deflate":
        return zlib.decompressobj(-15).decompress(data, _BLOCK + 1)
    if codec == "bzip2":
        return bz2.BZ2Decompressor().decompress(data, _BLOCK + 1)
    if codec == "xz":
        return lzma.LZMADecompressor().decompress(data, _BLOCK + 1)
    if codec == "snappy":
        return _snappy(data)
    if codec == "zstandard":
        import pyarrow as pa

        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            return bytes(stream.read(_BLOCK + 1))
    raise DamagedAvro(f"it is packed in a way that is not known here ({codec[:40]})")


def _snappy(data: bytes) -> bytes:
    """Avro's way with snappy: the length in front as snappy has it, a checksum of four bytes at the end."""
    import pyarrow as pa

    length = shift = place = 0
    while True:
        byte = data[place]
        length |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80 or shift > 35:
            break
    if length > _BLOCK:
        return bytes(_BLOCK + 1)
    found = bytes(pa.Codec("snappy").decompress(data[:-4], length))
    if zlib.crc32(found) != int.from_bytes(data[-4:], "big"):
        raise DamagedAvro("a block of it is damaged")
    return found
