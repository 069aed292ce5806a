"""Comparing on the screen: which two tables, what tells their rows apart, and the job that does it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.compare import comparable
from core.contracts import Table
from core.store import Job, Version, tables
from core.store.records import Compared
from ui import services
from ui.live import ACTIVE, follow
from ui.others import called, find, newest
from ui.text import plain, t

Key = list[str] | None  # None: proposed, empty: whole rows
WAYS = ("proposed", "whole", "columns")


def ask(version: Version) -> tuple[Version, Version, Key] | None:
    """Which two tables to compare, by which columns; None while there is nothing to compare with."""
    store, owner = services.store(), services.owner()
    own = [one.id for one in tables.versions(store, version.dataset, owner)]
    options = [*own, *newest(without=version.dataset)]
    if len(options) < 2:
        st.info(t("There is nothing to compare with yet: this is the only version of the only table."))
        return None
    start = _earlier(version, options)
    left, right, way = st.columns([4, 4, 3], vertical_alignment="bottom")
    with left:
        before = _table(t("Before"), options, start, f"history.before.{version.id}")
    with right:
        after = _table(t("After"), options, version.id, f"history.after.{version.id}")
    if before is None or after is None:
        return None
    both = list(comparable(_columns(before), _columns(after)))
    words = {
        "proposed": t("A column that is proposed"),
        "whole": t("Nothing: compare whole rows"),
        "columns": t("Columns that I choose"),
    }
    with way:
        chosen = st.selectbox(
            t("What tells rows apart"), WAYS, key="history.way", format_func=words.__getitem__,
            help=t("Rows with the same key are the same row; where another cell differs, the row changed."),
        )  # fmt: skip
    if chosen != "columns":
        return before, after, None if chosen == "proposed" else []
    names = st.multiselect(t("Columns that tell rows apart"), both, key="history.key")
    return (before, after, names) if names else None


def _earlier(version: Version, options: list[str]) -> str:
    """The version that this one was made from, or the one before it."""
    if version.parent in options:
        return version.parent  # type: ignore[return-value]
    place = options.index(version.id)
    return options[place + 1] if place + 1 < len(options) else options[place - 1]


def _table(label: str, options: list[str], start: str, key: str) -> Version | None:
    chosen = st.selectbox(
        label, options, index=options.index(start), key=key,
        format_func=lambda id: plain(
            "{name}  ({rows:,} row) | {name}  ({rows:,} rows)", name=numbered(id), rows=_rows(id)
        ),
    )  # fmt: skip
    return find(chosen)


def numbered(version_id: str) -> str:
    """A table's name with the number of its version, also of the newest one."""
    version = find(version_id)
    if version is None or version_id not in newest():
        return called(version_id)
    return plain("{name}, version {number}", name=called(version_id), number=version.number)


def _rows(version_id: str) -> int:
    version = find(version_id)
    return version.rows if version else 0


def _columns(version: Version) -> Table:
    return tables.table(services.store(), version)


def compared(before: Version, after: Version, key: Key) -> Compared | None:
    """What differs, once a job has found out; until then the button that sends one, or its progress."""
    store, owner = services.store(), services.owner()
    kept = store.list(Compared, owner, version=after.id, before=before.id)
    found = next((one for one in kept if one.key == key), None)
    if found is not None:
        return found
    subject = f"{before.id} {after.id}"
    job = next((job for job in _jobs(subject) if job.params.get("key") == key), None)
    if job is not None:
        job = follow(job.id, key="history.job", quiet=True)
    if job is not None and job.state in ACTIVE:
        return None
    if st.button(t("Compare"), key="history.compare", type="primary", disabled=before.id == after.id):
        params: dict[str, Any] = {"before": before.id, "version": after.id, "key": key}
        services.submit("compare_versions", params, title="Compare two tables", subject=subject)
        st.rerun()
    return None


def _jobs(subject: str) -> list[Job]:
    return services.store().list(Job, services.owner(), task="compare_versions", subject=subject)
