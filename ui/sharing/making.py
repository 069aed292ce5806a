"""Offline pages on the screen: asked for, made in a job, kept; the same wish has the same page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.dashboards import OWN
from core.offline import Wanted, following
from core.store import Version
from core.store.records import Exported
from ui import services
from ui.figures import PATTERNS
from ui.frame import link
from ui.live import ACTIVE, follow
from ui.state import get
from ui.summary import stored_profile
from ui.text import language, md, plain, t

if TYPE_CHECKING:
    from core.store import Job

TASK = "make_page"
NAMED = 6  # columns in a warning


def looks() -> dict[str, Any]:
    """How the reader sees pages: the language, and whether series are told apart without colour."""
    return {"language": language(), "patterns": bool(get(PATTERNS))}


def made(wanted: Wanted) -> Exported | None:
    """The page, where it was made."""
    return following.made(services.store(), wanted, services.owner())


def ask(wanted: Wanted, owner: str) -> Job:
    """Have the page made; pages that nobody needs any more go."""
    following.tidy(services.store(), wanted.dashboard, owner)
    params = wanted.model_dump(mode="json")
    return services.jobs().submit(TASK, params, owner, title="Make the page", subject=wanted.digest())


def underway(wanted: Wanted) -> bool:
    """Whether a job makes the page right now."""
    job = services.newest_job(TASK, wanted.digest())
    return job is not None and job.state in ACTIVE


def page(wanted: Wanted, key: str) -> Exported | None:
    """The page where it is finished; while it is made, its progress, and what went wrong where it was not."""
    found = made(wanted)
    if found is None:
        job = services.newest_job(TASK, wanted.digest())
        if job is not None:
            follow(job.id, key=key, quiet=True)
    return found


def personal(wanted: Wanted, version: Version, key: str, table: str = OWN) -> None:
    """Say which columns on the page seem to hold personal data, before it is given away."""
    profile = stored_profile(version)
    if profile is None:
        st.caption(t("Profile the table to learn whether its columns seem to hold personal data."))
        place = {"dataset": version.dataset, "version": version.id}
        link("pages/data/profile.py", "Profile the table", key=f"{key}.profile", **place)
        return
    shown = set(wanted.shows(version.columns, table))
    held = [column for column in profile.columns if column.personal and column.name in shown]
    if held:
        names = [f"{column.name} ({plain(column.personal)})" for column in held[:NAMED]]
        more = t(" and {count} more", count=len(held) - NAMED) if len(held) > NAMED else ""
        st.warning(
            t("What you share shows columns that seem to hold personal data:")
            + f" {md(plain(', ').join(names))}{more}"
        )
