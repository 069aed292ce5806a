"""Pages run headless on a store of their own; queued jobs run here, in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest

from core import examples
from core.contracts import Column, Schema
from core.jobs import lifeline
from core.jobs.child import tasks
from core.jobs.events import EventLog, log_place
from core.jobs.work import LogWatch, Work
from core.store import LOCAL, Dataset, Job, Store, Version, tables

set_log_level("ERROR")  # it notes each call outside a browser's session
APP = str(Path(__file__).parents[2] / "app.py")
HOSTILE = "![x](http://evil.example/a) `b` $c$ <img src=x> [d](http://e.example) :smile: -> **f**"


class Screen:
    """One reader's browser tab: opens pages, sees widgets by their key, and lets queued jobs run."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app = AppTest.from_file(APP, default_timeout=30)

    def open(self, page: str = "pages/data/add.py", **address: str) -> AppTest:
        for key, value in address.items():
            self.app.query_params[key] = value
        if not getattr(self, "_begun", False):
            self.app.run()
            self._begun = True
        self.app.switch_page(page).run()
        return self.app

    def work(self) -> list[Job]:
        """Run what is queued, as the supervisor would; returns the jobs as they ended."""
        ended = []
        for job in reversed(self.store.list(Job, LOCAL, state="queued")):
            ended.append(_work(self.store, job))
        return ended

    def add_table(
        self, name: str = "example", table: pa.Table | None = None, columns: Schema | None = None
    ) -> tuple[Dataset, Version]:
        rows = examples.table() if table is None else table
        if columns is None:
            columns = examples.COLUMNS if table is None else _columns(rows, self.store)
        with self.store.new_object(LOCAL, ".parquet") as made:
            pq.write_table(rows, made.path)
        return tables.add_dataset(
            self.store, LOCAL, name, object=made, columns=columns, rows=rows.num_rows, origin=name
        )

    def texts(self) -> str:
        """Everything said on the page outside of widgets and tables."""
        found: list[Any] = []
        for kind in (
            "title",
            "header",
            "subheader",
            "markdown",
            "caption",
            "info",
            "success",
            "warning",
            "error",
        ):
            found += [element.value for element in self.app.get(kind)]
        return "\n".join(map(str, found))


def _columns(rows: pa.Table, store: Store) -> Schema:
    kinds = {"int64": "integer", "double": "number", "string": "text", "bool": "boolean"}
    return tuple(Column(name=f.name, type=kinds[str(f.type)]) for f in rows.schema)  # type: ignore[arg-type]


def _work(store: Store, job: Job) -> Job:
    from core.errors import SightlineError
    from core.jobs.child import failure

    scratch = store.home / "scratch" / job.id
    scratch.mkdir(parents=True, exist_ok=True)
    log = EventLog(log_place(store.home, job.id))
    watch = LogWatch(log)
    try:
        result = tasks()[job.task](Work(store, job.owner, job.params, watch, scratch, job.id))
        changes: dict[str, Any] = {"state": "done", "result": result}
    except SightlineError as error:
        changes = failure(error)
    finally:
        log.close()
    return store.change(Job, job.id, job.owner, **changes)


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    home = tmp_path / "home"
    monkeypatch.setenv("SIGHTLINE_HOME", str(home))
    monkeypatch.setattr(lifeline, "ensure", lambda home: None)
    monkeypatch.setattr(lifeline, "wake", lambda home: None)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield Screen(Store(home))
    st.cache_resource.clear()
