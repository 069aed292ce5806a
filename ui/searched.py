"""Searches that run as jobs: what one found, as it was kept; until then its progress and a way to stop."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.store import Version
from core.store.records import Found
from core.tasks.findings import asked
from ui import services
from ui.live import ACTIVE, follow
from ui.text import t


def searched(task: str, version: Version, params: dict[str, Any], title: str, key: str) -> Any:
    """The JSON of what was found; None until it is. The search begins by itself, and its answer is kept."""
    wanted = asked(task, params)
    store, owner = services.store(), services.owner()
    kept = store.list(Found, owner, version=version.id, question=wanted)
    if kept:
        return _read(kept[0].object, owner)

    def ask() -> Any:
        return services.submit(task, params, title=title, subject=subject)

    subject = f"{version.id} {wanted}"
    job = services.newest_job(task, subject) or ask()
    job = follow(job.id, key=f"{key}.job", quiet=True)
    if job.state not in ACTIVE and st.button(t("Try again"), key=f"{key}.again"):
        ask()
        st.rerun()
    return None


@st.cache_data(show_spinner=False, max_entries=16)
def _read(object_id: str, owner: str) -> Any:
    return json.loads(services.store().place(object_id, owner).read_text("utf-8"))
