"""Files that people bring: looked into, and read into tables."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import rules
from core.contracts import Source
from core.errors import SightlineError
from core.jobs.work import Work
from core.store import tables
from core.store.records import Upload
from core.tasks.given import Result, engine
from core.tasks.rules import new_table_judged
from core.wording import Note, told

if TYPE_CHECKING:
    from core.sources import Preview

_MANY = 20  # files of an upload of which more than the beginning is looked at
_WELL, _LITTLE = 1 << 21, 1 << 16  # bytes of a text
_ROWS = 50


def inspect(work: Work) -> Result:
    """Look into an upload: its parts (files of an archive, sheets of a workbook) and how each reads.

    Parameters: upload; source (optional: read it this way instead of the way detection proposes).
    Result: parts, each with upload, name, and either source and preview, or error. Parts that several
    files or sheets make together come first, with their number, names, and what is not in them and why.
    """
    from core.sources import groups, offers

    upload = work.store.get(Upload, work.params["upload"], work.owner)
    place = work.store.place(upload.object, work.owner)
    if work.params.get("source"):
        return {"parts": [_part(upload, upload.name, Source.from_json(work.params["source"]), place)]}
    found = offers(place, upload.name, work.scratch, work.watch)
    kept = {place: upload}  # the sheets of a workbook share one file
    parts: list[Result] = []
    for number, part in enumerate(found):
        if part.path not in kept:
            kept[part.path] = _keep(work, part.path, Path(part.file).name)
        here = kept[part.path]
        if part.source is None:
            parts.append({"upload": here.id, "name": part.name, "error": part.problem})
        else:
            work.watch.progress(number / len(found), "Looking into the files")
            looked = {} if number < _MANY else {"most": _LITTLE, "rows": _ROWS // 5}
            parts.append(_part(here, part.name, part.source, part.path, part.notes, **looked))
    columns = [
        [column["name"] for column in part["preview"]["columns"]] if part.get("preview") else None
        for part in parts
    ]
    together = [
        _part(kept[one.path], kept[one.path].name if one.of_sheets else upload.name, one.source, one.path)
        | {"together": len(one.members), "sheets": one.of_sheets}
        | {"members": list(one.members), "others": [list(pair) for pair in one.others]}
        for one in groups(place, found, columns)
    ]
    return {"parts": [*together, *parts]}


def _part(
    upload: Upload, name: str, source: Source, path: Path, notes: tuple[Note, ...] = (),
    *, rows: int = _ROWS, most: int = _WELL,
) -> Result:  # fmt: skip
    from core.sources import preview

    part: Result = {"upload": upload.id, "name": name, "source": source.to_json()}
    try:
        found = shown(preview(source, path, rows=rows, most=most))
        return part | {"preview": found | {"notes": list(dict.fromkeys((*notes, *found["notes"])))}}
    except SightlineError as error:
        return part | {"error": told(error)}


def shown(found: Preview, columns: int = 100, letters: int = 200) -> Result:
    """A preview small enough for the catalog: cells as text, long ones cut, the first columns only."""
    rows = found.rows.select(found.rows.schema.names[:columns])
    cells = [
        [None if cell is None else str(cell)[:letters] for cell in column.to_pylist()]
        for column in rows.columns
    ]
    return {
        "columns": [column.model_dump() for column in found.columns],
        "rows": [list(row) for row in zip(*cells, strict=True)],
        "refused": [[line, reason, text[:letters]] for line, reason, text in found.refused_sample[:20]],
        "notes": list(found.notes),
    }


def _keep(work: Work, path: Path, name: str) -> Upload:
    """A file that came out of an archive, as an upload of its own."""
    with work.store.new_object(work.owner, ".upload") as made:
        shutil.copyfile(path, made.path)
    upload = Upload(owner=work.owner, name=name, bytes=made.bytes, object=made.id)
    return work.store.add(upload, objects=[made])


def read(work: Work) -> Result:
    """Read a source into a table: a new dataset, or the next version of one.

    Parameters: source; upload (for sources that need a file), or uploads (several files, put together);
    name; dataset (optional, to add to, and then others: what `core.rules.references` gives, for the
    dataset's rules are checked).
    Result: dataset, version, rows, refused, notes.
    """
    import core.sources  # noqa: F401  (so that its members can be read from JSON)

    source = Source.from_json(work.params["source"])
    file, origin = None, work.params.get("name") or type(source).title
    if work.params.get("upload"):
        upload = work.store.get(Upload, work.params["upload"], work.owner)
        file, origin = work.store.place(upload.object, work.owner), upload.name
        # the table, and beside it a copy of a text without the rows that do not fit
        work.store.check_space(2 * upload.bytes)
    elif work.params.get("uploads"):
        several = [work.store.get(Upload, id, work.owner) for id in work.params["uploads"]]
        # a copy of the files as one, a table of each, and the table
        work.store.check_space(4 * sum(upload.bytes for upload in several))
        file, origin = _packed(work, several), ", ".join(upload.name for upload in several)[:255]
    with (
        work.store.new_object(work.owner, ".parquet") as stored,
        work.store.new_object(work.owner, ".csv") as refused,
    ):
        account = source.read(file, stored.path, refused.path, work.watch)
        if not refused.path.exists():
            refused.path.write_text("line,reason,text\r\n", encoding="utf-8")
        if work.params.get("dataset"):
            with engine(work) as ready:
                judged = new_table_judged(
                    work, work.params["dataset"], stored.path, account.columns, ready, made=False
                )
    kept: dict[str, Any] = {
        "object": stored,
        "columns": account.columns,
        "rows": account.rows,
        "refused": refused if account.refused else None,
        "account": account,
        "source": source.to_json(),
        "origin": origin,
    }
    if work.params.get("dataset"):
        version = tables.add_version(work.store, work.owner, work.params["dataset"], **kept)
        rules.keep(work.store, version, judged)
    else:
        name = work.params.get("name") or Path(origin).stem
        _, version = tables.add_dataset(work.store, work.owner, name, **kept)
    return {
        "dataset": version.dataset,
        "version": version.id,
        "rows": account.rows,
        "refused": account.refused,
        "notes": list(account.notes),
    }


def _packed(work: Work, several: Sequence[Upload]) -> Path:
    """Several uploads as one zip file, which is what is read together."""
    place = work.scratch / "together.zip"
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
        for upload in several:
            name = Path("".join(letter for letter in upload.name if letter.isprintable()).lstrip("./\\ "))
            taken[name.name] += 1
            again = f" ({taken[name.name]})" if taken[name.name] > 1 else ""
            called = f"{name.stem or 'file'}{again}{name.suffix}"
            archive.write(work.store.place(upload.object, work.owner), called)
    return place
