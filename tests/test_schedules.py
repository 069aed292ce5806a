"""Schedules: their times, that nothing runs twice, and what was missed while nothing ran."""

from __future__ import annotations

import datetime as dt
import threading
from itertools import islice
from pathlib import Path

import pytest

from core import connections, schedules
from core.errors import BadParameter, NotFound
from core.jobs import Jobs
from core.store import Dataset, Job, Schedule, Store, tables
from core.store.records import now
from tests.jobs.conftest import until
from tests.test_refresh import Shop

MONDAY = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(tmp_path))
    return Shop(Store(tmp_path / "home"), tmp_path / "shop.db")


def put(shop: Shop, cron: str = "0 6 * * *", zone: str = "UTC", at: dt.datetime = MONDAY) -> Schedule:
    return schedules.put(shop.store, "ann", shop.dataset, shop.connection.id, cron, zone, at)


def hours(cron: str, zone: str, after: dt.datetime, count: int) -> list[str]:
    return [f"{at:%d %H:%M}" for at in islice(schedules.times(cron, zone, after), count)]


def test_times_are_those_of_the_zone() -> None:
    assert hours("0 6 * * 1-5", "UTC", MONDAY, 2) == ["03 06:00", "04 06:00"]
    assert hours("30 6 * * *", "Asia/Kolkata", MONDAY, 2) == ["03 01:00", "04 01:00"]
    # summer time begins on 29 March: the same hour of the day comes an hour earlier in UTC
    assert hours("0 6 * * *", "Europe/Berlin", MONDAY.replace(day=28), 2) == ["29 04:00", "30 04:00"]
    assert hours("0 6 * * *", "Europe/Berlin", MONDAY.replace(day=27), 2) == ["28 05:00", "29 04:00"]


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "nonsense",
        "* * * *",
        "* * * * * *",
        "61 * * * *",
        "0 0 30 2 *",
        "@daily",
        "0 25 * * *",
        "a b c d e",
    ],
)
def test_what_is_no_schedule_is_refused(shop: Shop, cron: str) -> None:
    with pytest.raises(BadParameter):
        put(shop, cron)
    with pytest.raises(BadParameter, match="time zone"):
        put(shop, zone="Mars/Olympus")
    assert shop.store.list(Schedule, "ann") == []


def test_a_schedule_is_somebodys_and_a_dataset_has_one(shop: Shop) -> None:
    first = put(shop)
    assert put(shop, "0 7 * * *").id == first.id
    with pytest.raises(NotFound):
        schedules.put(shop.store, "bob", shop.dataset, shop.connection.id, "0 6 * * *", "UTC", MONDAY)
    schedules.drop(shop.store, "ann", shop.dataset)
    assert schedules.of(shop.store, "ann", shop.dataset) is None


def test_what_is_due_starts_once(shop: Shop) -> None:
    put(shop)
    six = MONDAY.replace(day=3, hour=6)
    assert schedules.start_due(shop.store, six - dt.timedelta(seconds=1)) == []
    (job,) = schedules.start_due(shop.store, six)
    assert job.params["missed"] == 0
    assert job.params["connection"] == shop.connection.id
    assert schedules.start_due(shop.store, six) == []
    found = schedules.of(shop.store, "ann", shop.dataset)
    assert found is not None
    assert found.next == six + dt.timedelta(days=1)


def test_two_who_look_at_once_start_it_once(shop: Shop) -> None:
    put(shop)
    at, ready, found = MONDAY.replace(day=3, hour=6), threading.Barrier(4), []

    def look() -> None:
        ready.wait()
        found.extend(schedules.start_due(shop.store, at))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(shop.store.list(Job, "ann")) == 1


def test_what_was_missed_is_counted_and_done_once(shop: Shop) -> None:
    put(shop, "0 * * * *")
    (job,) = schedules.start_due(shop.store, MONDAY + dt.timedelta(days=1, minutes=5))
    assert job.params["missed"] == 23
    put(shop, "* * * * *")
    shop.store.change(Job, job.id, "ann", state="done")
    (job,) = schedules.start_due(shop.store, MONDAY + dt.timedelta(days=30))
    assert job.params["missed"] == 1000  # "at least"
    found = schedules.of(shop.store, "ann", shop.dataset)
    assert found is not None
    assert found.next == MONDAY + dt.timedelta(days=30, minutes=1)


def test_a_refresh_that_still_runs_is_not_started_again(shop: Shop) -> None:
    put(shop)
    (job,) = schedules.start_due(shop.store, MONDAY.replace(day=3, hour=6))
    assert schedules.start_due(shop.store, MONDAY.replace(day=4, hour=6)) == []
    shop.store.change(Job, job.id, "ann", state="done")
    (job,) = schedules.start_due(shop.store, MONDAY.replace(day=5, hour=6))
    assert job.params["missed"] == 1


def test_a_schedule_ends_with_its_table_or_connection(shop: Shop) -> None:
    put(shop)
    connections.remove(shop.store, shop.connection.id, "ann")
    assert shop.store.list(Schedule, "ann") == []
    assert shop.store.list(Dataset, "ann") != []
    shop.store.add(
        Schedule(owner="ann", dataset=shop.dataset, connection="cn_x", cron="* * * * *", next=MONDAY)
    )
    tables.remove(shop.store, shop.dataset, "ann")
    assert shop.store.list(Schedule, "ann") == []


def test_the_process_that_runs_jobs_starts_what_is_due(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PRELOAD", "0")
    monkeypatch.delenv("SIGHTLINE_TASKS", raising=False)
    shop.change("INSERT INTO orders VALUES (4, 4.5)")
    put(shop, "0 6 * * *", at=now() - dt.timedelta(days=3))  # missed thrice, while nothing ran
    jobs = Jobs(shop.store)
    jobs.ensure_supervisor()
    try:
        (kept,) = until(shop.history)
    finally:
        jobs.stop_supervisor()
    assert kept.state == "done", kept.error
    assert kept.changes["added"] == 1
    assert kept.missed == 2
