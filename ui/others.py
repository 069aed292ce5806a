"""Other tables: which there are to choose from, what they are called, and their columns."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.contracts import Schema
from core.errors import NotFound
from core.params import Field
from core.store import Dataset, Version
from ui import services
from ui.text import plain, t


def newest(*, without: str | None = None) -> dict[str, Version]:
    """The newest version of each of the owner's datasets by its id; `without` leaves out one dataset."""
    store, owner = services.store(), services.owner()
    found: dict[str, Version] = {}
    for version in sorted(store.list(Version, owner), key=lambda v: v.number):
        found[version.dataset] = version
    known = [dataset.id for dataset in store.list(Dataset, owner)]
    return {found[id].id: found[id] for id in known if id in found and id != without}


def find(version_id: str | None) -> Version | None:
    """A version of the owner's; None when there is none of this id."""
    try:
        return services.store().get(Version, version_id or "", services.owner())
    except NotFound:
        return None


def called(version_id: str) -> str:
    """What a table is called: its dataset's name, and which version it is where it is not the newest."""
    version = find(version_id)
    if version is None:
        return plain("a table that is no longer there")
    name = services.store().get(Dataset, version.dataset, services.owner()).name
    if version_id in newest():
        return name
    return plain("{name}, version {number}", name=name, number=version.number)


def schema(version_id: str | None) -> Schema:
    """The columns of a version; none when it is not there."""
    version = find(version_id)
    return version.columns if version else ()


def picker(field: Field, columns: Schema, start: Any, key: str, label: Any) -> str | None:
    """The widget of a parameter that names another table: the newest version of each dataset."""
    offered = newest()
    options: list[str | None] = [None] if field.optional else []
    options += list(offered)
    if start is not None and start not in options and find(start) is not None:
        options.append(start)  # an older version stays what the recipe reads
    chosen: str | None = st.selectbox(
        t(field.title), options, index=options.index(start) if start in options else None,
        format_func=_offered, key=key, help=t(field.help), label_visibility=label,
        placeholder=plain("Choose a table") if offered else plain("There is no table yet"),
    )  # fmt: skip
    return chosen


def _offered(version_id: str | None) -> str:
    version = find(version_id)
    if version_id is None or version is None:
        return plain("none")
    return plain(
        "{name}  ({rows:,} row) | {name}  ({rows:,} rows)", name=called(version_id), rows=version.rows
    )
