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

from core.contracts import Account, Json, Silent, Source, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadInput, SightlineError
from core.sources import Offer, groups, offers, preview
from core.wording import note

_LOOK = 1 << 16  # bytes of a text that its columns are found from

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
file_argument = click.argument("file", type=click.Path(path_type=Path))


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


@dataclass(frozen=True)
class Unread:
    """A part of a file that is no table, and why."""

    part: str
    problem: str


def opened(file: Path, folder: Path, *, together: bool = False) -> Iterator[Opened | Unread]:
    """Read each table of a file into `folder`; a part that cannot be read does not stop the others.

    A file that is one table raises why it cannot be read. Sheets without cells and hidden files are
    passed over. With `together`, files or sheets of one shape are one table, and the others are unread.
    """
    place = _there(file, folder)
    unpacked = folder / "unpacked"
    unpacked.mkdir(exist_ok=True)
    parts = offers(place, file.name or "folder", unpacked, Silent())
    filled = [part for part in parts if not part.empty] or parts
    if together:
        yield from _as_one(file, place, parts, folder)
        return
    for number, part in enumerate(filled):
        try:
            yield _read(file, part, folder / f"table-{number}", alone=len(parts) == 1)
        except SightlineError as error:
            if len(parts) == 1:
                raise
            yield Unread(part.name, str(error))


def _as_one(file: Path, place: Path, parts: Sequence[Offer], folder: Path) -> Iterator[Opened | Unread]:
    """The largest group of files or sheets of one shape as one table, then why others are not in it."""
    found = groups(place, parts, [_columns(part) for part in parts])
    if not found:
        raise BadInput(
            "{name} holds no files or sheets of one shape.",
            hint="Read it without --together.",
            name=file.name,
        )
    group = found[0]
    yield _read(file, Offer(file.name, group.path, group.source), folder / "together", alone=True)
    passed = {part.sheet or part.file for part in parts if part.empty}
    for name, why in group.others:
        if name not in passed:
            yield Unread(name, str(note("Not in the table: {why}", why=why)))


def _columns(part: Offer) -> list[str] | None:
    if part.source is None:
        return None
    try:
        return [column.name for column in preview(part.source, part.path, rows=1, most=_LOOK).columns]
    except SightlineError:
        return None  # why it cannot be read is said when it is asked for by itself


def _there(file: Path, folder: Path) -> Path:
    """The file, if it is one that can be read, by a name that every library takes."""
    if not (file.is_file() or file.is_dir()):
        raise BadInput("There is no file {name!r}.", hint="Check the name and the folder.", name=str(file))
    try:
        str(file).encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8: DuckDB cannot be given such a name
        link = folder / "input"
        link.symlink_to(file.absolute())
        return link
    return file


def _read(file: Path, part: Offer, place: Path, *, alone: bool) -> Opened:
    if part.source is None:
        raise BadInput("{reason}", reason=part.problem)
    table, refused = place.with_suffix(".parquet"), place.with_suffix(".refused.csv")
    account = part.source.read(part.path, table, refused, Silent())
    notes = tuple(dict.fromkeys((*part.notes, *account.notes)))
    account = account.model_copy(update={"notes": notes})
    name = None if alone else part.name
    return Opened(file, name, part.source, account, table, refused, Table(stored(table), account.columns))


def only(file: Path, folder: Path) -> Opened:
    """The one table of a file; the first that can be read when it holds several."""
    problems = []
    for one in opened(file, folder):
        if isinstance(one, Opened):
            return one
        problems.append(f"{one.part}: {one.problem}")
    raise BadInput("{name} holds no table. {problems}", name=file.name, problems=" ".join(problems))


def echo_json(document: Json) -> None:
    """Print with every digit a double holds; what JSON cannot say (infinity, nan) is null."""
    text = json.dumps(_plain(document), ensure_ascii=False, allow_nan=False)
    click.echo(printable(text))


def printable(text: str) -> str:
    """The text with what UTF-8 cannot say (bytes of a file's name) written as \\udc80, which JSON reads."""
    return text.encode("utf-8", "backslashreplace").decode()


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
