"""Readers of delimited files to compare: each gives tables of text, or None where it fails."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from core.contracts import Schema, Silent, Source
from core.errors import SightlineError
from core.sources import ColumnOfType, DelimitedFile, offers
from tests.pollution.clean import Clean

Reader = Callable[[bytes], Sequence[Clean] | None]


def ours(content: bytes) -> Sequence[Clean] | None:
    """What an upload proposes, unchanged, with cells kept as text so that they can be compared."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        file.write_bytes(content)
        try:
            into = Path(folder) / "parts"
            into.mkdir()
            return [
                _read(offer.source, offer.path, Path(folder))
                for offer in offers(file, "table.csv", into)
                if offer.source is not None
            ]
        except SightlineError:
            return None


def _read(source: Source, file: Path, folder: Path) -> Clean:
    place, refused = folder / "rows.parquet", folder / "refused.csv"
    account = source.read(file, place, refused, Silent())
    if isinstance(source, DelimitedFile) and any(column.type != "text" for column in account.columns):
        wish = source.model_copy(update={"types": _texts(account.columns), "missing": ""})
        wish.read(file, place, refused, Silent())
    table = pq.read_table(place)
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in table.columns]
    rows = tuple(zip(*columns, strict=True))
    return Clean(tuple(table.column_names) if getattr(source, "header", True) else None, rows)


def _texts(columns: Schema) -> tuple[ColumnOfType, ...]:
    return tuple(ColumnOfType(column=column.name, type="text") for column in columns)


def duck(content: bytes) -> Sequence[Clean] | None:
    """DuckDB's read_csv, all of it detected; short rows are filled up where it can do so.

    Its names of columns without names are column0, column1, ...
    """
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "table.csv"
        file.write_bytes(content)
        # it cannot fill up short rows of a text that has line ends inside quotes
        for filled in ("null_padding = true", "null_padding = false"):
            query = f"FROM read_csv(?, all_varchar = true, ignore_errors = true, {filled})"
            try:
                found = connection.execute(query, [str(file)])
                rows, names = found.fetchall(), [str(part[0]) for part in found.description]
            except duckdb.Error:
                continue
            made_up = all(re.fullmatch(r"column\d+", name) for name in names)
            cells = tuple(tuple(cell or "" for cell in row) for row in rows)
            return [Clean(None if made_up else tuple(names), cells)]
    return None


def _pandas(engine: str, **options: object) -> Reader:
    def read(content: bytes) -> Sequence[Clean] | None:
        try:
            frame = pd.read_csv(
                io.BytesIO(content), dtype=str, keep_default_na=False, engine=engine,  # type: ignore[call-overload]
                on_bad_lines="skip", **options,
            )  # fmt: skip
        except (ValueError, pd.errors.ParserError, UnicodeError, csv.Error):
            return None
        rows = tuple(tuple(map(str, row)) for row in frame.reset_index(drop=True).itertuples(index=False))
        return [Clean(tuple(map(str, frame.columns)), rows)]

    return read


pandas_c = _pandas("c")
pandas_python = _pandas("python", sep=None)


def sniffer(content: bytes) -> Sequence[Clean] | None:
    """The csv module with the dialect and the header that its Sniffer finds."""
    text = content.decode("utf-8-sig", "replace")
    try:
        dialect = csv.Sniffer().sniff(text)
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
        named = csv.Sniffer().has_header(text)
    except (csv.Error, StopIteration):
        return None
    return [Clean(tuple(rows[0]), _tuples(rows[1:])) if named and rows else Clean(None, _tuples(rows))]


def clever(content: bytes) -> Sequence[Clean] | None:
    """CleverCSV, where it is installed."""
    import clevercsv

    text = content.decode("utf-8-sig", "replace")
    try:
        dialect = clevercsv.Sniffer().sniff(text)
        if dialect is None:
            return None
        rows = list(clevercsv.reader(io.StringIO(text, newline=""), dialect))
        named = clevercsv.Sniffer().has_header(text)
    except (clevercsv.Error, clevercsv.exceptions.NoDetectionResult, StopIteration):
        return None
    return [Clean(tuple(rows[0]), _tuples(rows[1:])) if named and rows else Clean(None, _tuples(rows))]


def _tuples(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(tuple, rows))
