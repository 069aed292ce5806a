"""Following a job: progress, message, Stop, and what came of it.

    job = follow(job_id, key="add.read")
    if job.state == "done": ...

While the job is under way a fragment looks at its event log twice a second and nothing else of
the page runs; when it ends, the page runs once more. Another tab, or a reload, finds it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.errors import SightlineError
from ui import services
from ui.frame import guard
from ui.text import counted, md, message, t, translated, worded

if TYPE_CHECKING:
    from core.store import Job

ACTIVE = ("queued", "running")
Events = list[dict[str, Any]]


def follow(
    job_id: str, *, key: str, draw: Callable[[Events], None] | None = None, quiet: bool = False
) -> Job:
    """Show a job until it ends; returns it as it is now.

    `draw` is given all events so far, each time there is something to see (loss curves). A job
    that is done shows nothing but its drawing when `quiet`.
    """
    job = services.jobs().get(job_id, services.owner())
    log: dict[str, Any] = {"events": [], "offset": 0}
    if job.state in ACTIVE:
        st.fragment(_watch, run_every=0.5)(job_id, key, draw, log)
        return job
    if draw is not None:
        draw(_read(job_id, log))
    if job.state != "done" or not quiet:
        outcome(job)
    return job


def _watch(job_id: str, key: str, draw: Callable[[Events], None] | None, log: dict[str, Any]) -> None:
    with guard():
        job = services.jobs().get(job_id, services.owner())
        if job.state not in ACTIVE:
            st.rerun()
        events = _read(job_id, log)
        share, said = _progress(job, events)
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.live"):
            st.progress(share, text=said)
            if st.button(t("Stop"), key=f"{key}.stop"):
                services.jobs().cancel(job_id, services.owner())
                st.toast(t("Asked to stop; this takes up to a second."))
        if draw is not None:
            draw(events)


def _read(job_id: str, log: dict[str, Any]) -> Events:
    fresh, log["offset"] = services.jobs().events(job_id, services.owner(), log["offset"])
    log["events"].extend(fresh)
    return list(log["events"])


def _progress(job: Job, events: Events) -> tuple[float, str]:
    if job.state == "queued":
        return 0.0, t("Waiting for its turn")
    last = next((event for event in reversed(events) if event.get("kind") == "progress"), {})
    share = last.get("share", job.progress)
    text = md(counted(last.get("message") or job.message or "")) or t("Working")
    if share is None:
        return 0.0, text
    return min(max(float(share), 0.0), 1.0), f"{text} · {share:.0%}"


def outcome(job: Job) -> None:
    """How a job ended, and what to do now."""
    reason = _reason(job)
    title = md(worded(job.title))
    if job.state == "done":
        st.success(t("Done: {title}.", title=worded(job.title)))
    elif job.state == "cancelled":
        st.info(t("Stopped on request: {title}.", title=worded(job.title)))
    elif job.state == "failed":
        reference = (job.error or {}).get("reference")
        st.error(f"{title}: {reason}" + (f" ({t('Reference')} {md(reference)})" if reference else ""))
    elif job.state == "died":
        unknown = t(
            "The work ended without a word: the server was stopped, or memory ran short. Start it again."
        )
        st.error(f"{title}: {reason or unknown}")


def _reason(job: Job) -> str:
    told = job.error or {}
    if told.get("template"):
        return message(SightlineError(told["template"], hint=told.get("hint", ""), **told.get("values", {})))
    return md(translated(told.get("message", "")))
