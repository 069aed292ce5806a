"""The store, the jobs and the engine that all sessions of this server share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from core.engine.duckdb import DuckEngine
    from core.jobs import Jobs
    from core.queries.running import Queries
    from core.store import Job, Store


def owner() -> str:
    """Whose data this session sees. There is one user until there is a login."""
    from core.store import LOCAL

    return LOCAL


def store() -> Store:
    """The catalog and its immutable files."""
    return _store(os.environ.get("SIGHTLINE_HOME", ""))


def jobs() -> Jobs:
    """The client of the job runner, to ask what runs and to stop it."""
    return _jobs(os.environ.get("SIGHTLINE_HOME", ""))


def submit(task: str, params: dict[str, Any], *, title: str, subject: str | None = None) -> Job:
    """Hand work to the job runner in this session's name; `subject` is the id it is about."""
    return jobs().submit(task, params, owner(), title=title, subject=subject)


def engine() -> DuckEngine:
    """The embedded engine for small questions; long work belongs to a job."""
    return _engine(os.environ.get("SIGHTLINE_HOME", ""))


def queries() -> Queries:
    """The statements that people type: each owner's run in a locked process of their own."""
    return _queries(os.environ.get("SIGHTLINE_HOME", ""))


def find_job(job_id: str) -> Job | None:
    """A job that an address names; None when there is none, or it is not this owner's."""
    from core.errors import NotFound

    try:
        return jobs().get(job_id, owner())
    except NotFound:
        return None


def newest_job(task: str, subject: str) -> Job | None:
    """The last job of a kind about something, whatever came of it."""
    from core.store import Job

    found = store().list(Job, owner(), subject=subject)
    return next((job for job in found if job.task == task), None)


@st.cache_resource(show_spinner=False)
def _store(home: str) -> Store:
    from core.store import Store

    return Store()


@st.cache_resource(show_spinner=False)
def _jobs(home: str) -> Jobs:
    from core.jobs import Jobs

    return Jobs(_store(home))


@st.cache_resource(show_spinner=False)
def _engine(home: str) -> DuckEngine:
    from core.engine.duckdb import DuckEngine

    place = _store(home).home
    scratch = place / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    memory = os.environ.get("SIGHTLINE_QUERY_MEMORY", "2GB")
    return DuckEngine(memory=memory, scratch=scratch, within=place)


@st.cache_resource(show_spinner=False, on_release=lambda found: found.sandbox.close())
def _queries(home: str) -> Queries:
    from core.engine.sandbox import Sandbox
    from core.queries.running import Queries

    store = _store(home)
    return Queries(store, Sandbox(store.home))
