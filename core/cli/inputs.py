"""What the commands share: opening files as tables, and printing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from core.contracts import Account, Engine, Json, Silent, Source, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadInput
from core.sources import offers

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@dataclass(frozen=True)
class Opened:
    """One table out of a file: a workbook's sheet or an archive's member has a part name."""

    file: Path
    part: str | None
    source: Source
    account: Account
    place: Path
    refused: Path
    table: Table

    @property
    def title(self) -> str:
        return self.file.name if self.part is None else f"{self.file.name} / {self.part}"


@contextmanager
def scratch() -> Iterator[Path]:
    """A private folder for as long as a command runs."""
    with tempfile.TemporaryDirectory(prefix="sightline-") as folder:
        yield Path(folder)


def engine_in(folder: Path) -> DuckEngine:
    return DuckEngine(scratch=folder / "spill")


def opened(file: Path, folder: Path, engine: Engine) -> Iterator[Opened]:
    """Read each table of a file into `folder`; a Parquet file keeps its rows and is read like others."""
    parts = offers(file, file.name, folder, Silent())
    for number, part in enumerate(parts):
        if part.source is None:
            raise BadInput(
                "{name}: {reason}",
                name=f"{file.name} / {part.name}" if len(parts) > 1 else file.name,
                reason=part.problem,
            )
        place = folder / f"{file.stem}-{number}.parquet"
        refused = folder / f"{file.stem}-{number}.refused.csv"
        account = part.source.read(part.path, place, refused, Silent())
        name = part.name if len(parts) > 1 else None
        table = Table(stored(place), account.columns)
        yield Opened(file, name, part.source, account, place, refused, table)


def only(file: Path, folder: Path, engine: Engine) -> Opened:
    """The one table of a file; a workbook's first sheet when it has several."""
    return next(opened(file, folder, engine))


def echo_json(document: Json) -> None:
    """Print with every digit a double holds; what JSON cannot say (infinity, nan) is null."""
    click.echo(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Json:
    if isinstance(value, float) and value not in (float("inf"), float("-inf")) and value == value:
        return value
    if isinstance(value, float):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def lines(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows of text as aligned columns."""
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
