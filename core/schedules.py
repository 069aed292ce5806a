"""When tables are read again: cron expressions, what is due now, and what was missed.

The process that runs jobs asks `start_due` each second. A schedule's next time and the job it starts
are written in one transaction: nothing runs twice, whoever asks, and what was due while nothing ran is
counted and said.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator
from typing import Any

from core import refresh
from core.errors import BadParameter
from core.store import Connection, Dataset, Job, Schedule, Store

_FIELD = re.compile(r"[0-9A-Za-z*/,-]{1,60}")
_MOST_MISSED = 1_000  # counted; more is told as that


def times(cron: str, zone: str, after: dt.datetime) -> Iterator[dt.datetime]:
    """The times, in UTC, at which a schedule is due; BadParameter when it is none."""
    from croniter import CroniterError, croniter

    parts = cron.split()
    if len(parts) != 5 or not all(_FIELD.fullmatch(part) for part in parts):
        raise BadParameter(
            "A schedule has five fields: minute, hour, day, month, weekday. Got {cron!r}.",
            hint='"0 6 * * 1-5" is six in the morning from Monday to Friday.',
            cron=cron[:100],
        )
    try:
        local = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise BadParameter("There is no time zone called {zone!r}.", zone=zone[:100]) from None
    try:
        found = croniter(" ".join(parts), after.astimezone(local), ret_type=dt.datetime)
        while True:
            yield found.get_next().astimezone(dt.UTC)
    except (CroniterError, ValueError, KeyError) as error:
        raise BadParameter(
            "{cron!r} is no schedule: {reason}", cron=cron[:100], reason=str(error)[:200]
        ) from None


def put(
    store: Store, owner: str, dataset: str, connection: str, cron: str, zone: str, now: dt.datetime
) -> Schedule:
    """Make a dataset again at these times; it has one schedule at most.

    `connection`: that of the database it is read from; empty where a statement makes it.
    """
    soon = next(times(cron, zone, now))
    with store.writing() as catalog:
        catalog.get(Dataset, dataset, owner)
        if connection:
            catalog.get(Connection, connection, owner)
        made: dict[str, Any] = {
            "connection": connection,
            "cron": " ".join(cron.split()),
            "zone": zone,
            "next": soon,
            "on": True,
        }
        for known in catalog.list(Schedule, owner, dataset=dataset):
            return catalog.change(Schedule, known.id, owner, **made)
        return catalog.add(Schedule(owner=owner, dataset=dataset, **made))


def drop(store: Store, owner: str, dataset: str) -> None:
    """Read a dataset again only when a person asks."""
    with store.writing() as catalog:
        for known in catalog.list(Schedule, owner, dataset=dataset):
            catalog.delete(Schedule, known.id, owner)


def of(store: Store, owner: str, dataset: str) -> Schedule | None:
    """A dataset's schedule."""
    return next(iter(store.list(Schedule, owner, dataset=dataset)), None)


def start_due(store: Store, now: dt.datetime) -> list[Job]:
    """Queue what is due; safe to be called by several processes at once."""
    due = [one for one in store.every(Schedule) if one.on and one.next is not None and one.next <= now]
    return [job for one in due if (job := _start(store, one, now)) is not None]


def _start(store: Store, schedule: Schedule, now: dt.datetime) -> Job | None:
    owner = schedule.owner
    params = refresh.parameters(store, schedule.dataset, owner)
    missed = 0
    for at in times(schedule.cron, schedule.zone, schedule.next or now):
        soon = at
        if at > now or missed >= _MOST_MISSED:
            break
        missed += 1
    if soon <= now:
        soon = next(times(schedule.cron, schedule.zone, now))
    with store.writing() as catalog:
        current = next((one for one in catalog.list(Schedule, owner) if one.id == schedule.id), None)
        if current is None or current.next != schedule.next or not current.on:
            return None  # somebody else started it, or it was changed just now
        if params is None:  # the table that it was for is gone
            catalog.delete(Schedule, schedule.id, owner)
            return None
        last = next((job for job in catalog.list(Job, owner) if job.id == current.job), None)
        if last is not None and not last.over:  # it still runs: this one is missed
            catalog.change(Schedule, schedule.id, owner, next=soon, missed=current.missed + missed + 1)
            return None
        missed += current.missed
        task, title = refresh.task(params)
        job = Job(
            owner=owner,
            task=task,
            params={**params, "schedule": schedule.id, "missed": missed},
            title=title,
            subject=schedule.dataset,
            submitted=now,
        )
        catalog.add(job)
        catalog.change(Schedule, schedule.id, owner, next=soon, job=job.id, missed=0)
        return job
