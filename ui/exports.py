"""Downloads made while they are sent: the rows that differ, and a recipe with the tables it reads."""

from __future__ import annotations

import urllib.parse

import streamlit as st

from core.compare import Comparison, side_by_side
from core.contracts import Table
from core.errors import NotFound
from core.export.bundle import Entry, zipped
from core.export.script import script_files
from core.export.tables import csv_chunks, parquet_chunks
from core.store import Version, tables
from core.store.records import Compared
from ui import draft, services
from ui.text import t
from ui.transfer import INLINE, ROUTES

FEW = 2_000  # rows that differ and are downloaded without serve.py


def download_differences(compared: Compared, name: str, rows: int, *, key: str) -> None:
    """Buttons that download all rows that differ, with both values, as CSV and as Parquet."""
    for kind, label in (("csv", t("Download as CSV")), ("parquet", t("Download as Parquet"))):
        if ROUTES.present:
            where = f"/differences/{urllib.parse.quote(compared.id)}/{kind}"
            where += f"?{urllib.parse.urlencode({'name': name})}"
            st.link_button(label, where, key=f"{key}.{kind}")
            continue
        small, made = rows <= FEW, csv_chunks if kind == "csv" else parquet_chunks
        st.download_button(
            label, data=lambda made=made: b"".join(made(differing(compared.id), services.engine())),
            file_name=f"{name}.{kind}", key=f"{key}.{kind}", disabled=not small, on_click="ignore",
            help=None if small else t("Start Sightline with “make run” to download this."),
        )  # fmt: skip


def differing(compared_id: str) -> Table:
    """All rows that a comparison found to differ; NotFound where there is none, or it compared no rows."""
    store, owner = services.store(), services.owner()
    kept = store.get(Compared, compared_id, owner)
    found = Comparison.model_validate_json(store.place(kept.object, owner).read_text("utf-8")).rows
    if found is None:
        raise NotFound("The two tables have no column in common, so their rows cannot be compared.")
    before, after = (tables.table(store, store.get(Version, id, owner)) for id in (kept.before, kept.version))
    return side_by_side(before, after, store.place(kept.listed, owner), found)


def download_script(version: Version, name: str, *, key: str) -> None:
    """A button that downloads the recipe being edited on a version with the tables that its script reads."""
    label = t("Download the script with its tables")
    hint = t("A zip: recipe.py, recipe.sql and the Parquet file of each table. It runs where it is unpacked.")
    if ROUTES.present:
        where = f"/script/{urllib.parse.quote(version.id)}?{urllib.parse.urlencode({'name': name})}"
        st.link_button(label, where, key=key, help=hint)
        return
    small = version.bytes <= INLINE // 4
    st.download_button(
        label, data=lambda: b"".join(zipped(scripted(version.id))), file_name=f"{name}.zip", key=key,
        mime="application/zip", disabled=not small, on_click="ignore",
        help=hint if small else t("Above 1 MiB: start Sightline with “make run” to download this."),
    )  # fmt: skip


def scripted(version_id: str) -> list[tuple[str, Entry]]:
    """The files of the recipe being edited on a version; a SightlineError where it cannot be made."""
    version = services.store().get(Version, version_id, services.owner())
    recipe = draft.history(draft.load(version)).present
    return script_files(services.store(), version, recipe, services.engine())
