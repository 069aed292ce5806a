"""A recipe to carry away: its script, and every table that the script reads, in one zip."""

from __future__ import annotations

import json
from pathlib import Path

from core.contracts import Engine
from core.export.bundle import Entry
from core.recipe import Recipe
from core.recipe.recipe import EXPORTED, exported_as
from core.store import Store, Version, tables

RESULT = "result.parquet"


def script_files(store: Store, version: Version, recipe: Recipe, engine: Engine) -> list[tuple[str, Entry]]:
    """The files of the zip by name: unpacked, `python recipe.py` in their folder writes the result.

    What the steps learn is learned on all rows of the version.
    """
    table = tables.table(store, version)
    learned = recipe.learn(table, engine)
    script = learned.pandas(table, engine) + f'df.to_parquet("{RESULT}", index=False)\n'
    query = learned.sql(table, engine)
    document = json.dumps(learned.to_json(), ensure_ascii=False, indent=2)
    files: list[tuple[str, Entry]] = [
        ("recipe.py", script.encode()),
        ("recipe.sql", query.encode()),
        ("recipe.json", document.encode()),
        (str(EXPORTED), store.place(version.object, version.owner)),
    ]
    for id in learned.reads():
        other = store.get(Version, id, version.owner)
        files.append((str(exported_as(id)), store.place(other.object, other.owner)))
    return files


def size(files: list[tuple[str, Entry]]) -> int:
    """How many bytes the files have before they are packed."""
    return sum(entry.stat().st_size if isinstance(entry, Path) else len(entry) for _, entry in files)
