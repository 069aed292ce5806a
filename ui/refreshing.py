"""Tables that a database or a statement gave: made again on demand or on a schedule, and what changed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

import streamlit as st

from core import refresh, schedules
from core.errors import SightlineError
from core.store import Connection, Dataset, Refresh, Schedule, Version, tables
from core.store.records import now
from core.wording import counted_rows
from ui import services
from ui.frame import link
from ui.live import ACTIVE, follow
from ui.text import md, message, plain, said, t, translated

if TYPE_CHECKING:
    from core.store import Job

USUAL = {
    "0 * * * *": "Every hour",
    "0 6 * * *": "Every day at six",
    "0 6 * * 1-5": "Every working day at six",
    "0 6 * * 1": "Every Monday at six",
    "0 6 1 * *": "On the first of each month at six",
    "": "Another time",
}
SHOWN = 20  # refreshes in the history


def read_by(connection: Connection) -> None:
    """The tables that were read by a connection, each with its refreshes."""
    found = refresh.datasets(services.store(), connection.id, services.owner())
    if not found:
        return
    st.subheader(t("Tables that came from here"), anchor=False)
    for dataset, version in found:
        with st.container(border=True, key=f"refresh.{dataset.id}", gap="small"):
            _table(dataset, version, connection)


def made_again(dataset: Dataset, version: Version, *actions: Callable[[], None]) -> None:
    """A table that a statement made, and its refreshes; `actions` draw more buttons beside its name."""
    with st.container(border=True, key=f"refresh.{dataset.id}", gap="small"):
        _table(dataset, version, None, *actions)


def _table(
    dataset: Dataset, version: Version, connection: Connection | None, *actions: Callable[[], None]
) -> None:
    key = f"refresh.{dataset.id}"
    newest = tables.latest(services.store(), dataset.id, services.owner())
    schedule = schedules.of(services.store(), services.owner(), dataset.id)
    job = services.newest_job("refresh_database" if connection else "refresh_statement", dataset.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        size = {"rows": counted_rows(version.rows), "number": version.number, "when": moment(version.created)}
        words = (
            t(
                "{rows}, version {number}, read {when}",
                **size,
            )
            if connection
            else t("{rows}, version {number}, made {when}", **size)
        )
        st.markdown(f"**{md(dataset.name)}**  :gray[{words}]", width="stretch")
        for action in actions:
            action()
        busy = job is not None and job.state in ACTIVE
        now = t("Refresh now") if connection else t("Run again")
        if st.button(now, key=f"{key}.now", disabled=busy):
            _refresh(dataset)
            st.rerun()
        with st.popover(t("Schedule"), key=f"{key}.schedule"):
            _schedule(dataset, connection, schedule)
        link("pages/data/profile.py", "Open", key=f"{key}.open", dataset=dataset.id, version=newest.id)
    if connection or refresh.stepped(services.store(), dataset.id, services.owner()):
        _again(dataset)
    if schedule is not None and schedule.next is not None:
        st.caption(t("Next: {when}", when=moment(schedule.next, schedule.zone)))
    if job is not None and job.state in ACTIVE:
        follow(job.id, key=f"{key}.job", quiet=True)
    _history(dataset, job)


def _again(dataset: Dataset) -> None:
    """The switch: whether the recipe is applied again after each refresh."""
    store, owner = services.store(), services.owner()
    chain = refresh.stepped(store, dataset.id, owner)
    on = st.toggle(
        t("Apply the recipe again after each refresh"), dataset.again, key=f"refresh.{dataset.id}.again",
        help=t("Also on schedule. When it is off, a refresh adds what was read and nothing else."),
    )  # fmt: skip
    if on != dataset.again:
        refresh.apply_again(store, dataset.id, owner, on=on)
    if chain and on:
        words = t("The steps that made version {number} are applied to what is read again.",
                  number=chain[-1].number)  # fmt: skip
    elif chain:
        words = t("The steps that made version {number} are left alone: what is read again stays as it is.",
                  number=chain[-1].number)  # fmt: skip
    else:
        words = t("No recipe has made a version of it yet.") if on else ""
    if words:
        st.caption(words)


def _refresh(dataset: Dataset) -> None:
    params = refresh.parameters(services.store(), dataset.id, services.owner())
    if params is not None:
        task, title = refresh.task(params)
        services.submit(task, params, title=title, subject=dataset.id)


def moment(when: dt.datetime, zone: str = "") -> str:
    """A time as people write it, in the reader's zone or another one."""
    local = zone or st.context.timezone or "UTC"
    try:
        return f"{when.astimezone(zoneinfo.ZoneInfo(local)):%Y-%m-%d %H:%M} ({local})"
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return f"{when:%Y-%m-%d %H:%M} (UTC)"


def _schedule(dataset: Dataset, connection: Connection | None, schedule: Schedule | None) -> None:
    """When to read it again: one of the usual times, or a cron expression."""
    key = f"refresh.{dataset.id}.when"
    start = schedule.cron if schedule else "0 6 * * *"
    usual = st.selectbox(
        t("How often"), list(USUAL), index=list(USUAL).index(start if start in USUAL else ""),
        format_func=lambda cron: plain(USUAL[cron]), key=f"{key}.usual",
    )  # fmt: skip
    cron = usual or st.text_input(
        t("Cron expression"), start, key=f"{key}.cron",
        help=t("Minute, hour, day, month, weekday: 0 6 * * 1-5 is six in the morning from Monday to Friday."),
    )  # fmt: skip
    zones = sorted(zoneinfo.available_timezones())
    zone = (schedule.zone if schedule else None) or st.context.timezone or "UTC"
    zone = st.selectbox(
        t("Time zone"),
        zones,
        index=zones.index(zone) if zone in zones else zones.index("UTC"),
        key=f"{key}.zone",
    )
    try:
        soon = [moment(at, zone) for at in islice(schedules.times(cron, zone, now()), 3)]
    except SightlineError as error:
        st.error(message(error))
        return
    st.caption(t("It would run at {times}.", times=plain(", ").join(soon)))
    st.caption(t("It runs while Sightline runs. What was due meanwhile is done once, and said."))
    store, owner = services.store(), services.owner()
    with st.container(horizontal=True):
        if st.button(t("Keep this schedule"), key=f"{key}.keep", type="primary"):
            schedules.put(store, owner, dataset.id, connection.id if connection else "", cron, zone, now())
            st.rerun()
        if schedule is not None and st.button(t("End it"), key=f"{key}.end", type="tertiary"):
            schedules.drop(store, owner, dataset.id)
            st.rerun()


def _history(dataset: Dataset, job: Job | None) -> None:
    found = services.store().list(Refresh, services.owner(), dataset=dataset.id)
    if (
        job is not None
        and job.state not in (*ACTIVE, "done")
        and not (found and found[0].created > job.created)
    ):
        follow(job.id, key=f"refresh.{dataset.id}.ended", quiet=True)  # it died, and wrote nothing down
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_line(found[0]), width="stretch")
        if found[0].version:
            link("pages/data/history.py", "See which rows", key=f"refresh.{dataset.id}.rows",
                 dataset=dataset.id, version=found[0].version)  # fmt: skip
    if len(found) == 1:
        return
    key = f"refresh.{dataset.id}.all"
    if st.toggle(t("Earlier refreshes"), key=key):
        lines = [_line(one) for one in found[1:SHOWN]]
        if len(found) > SHOWN:
            lines.append(t("and {count:,} more", count=len(found) - SHOWN))
        st.markdown("\n".join(f"- {line}" for line in lines))


def _line(one: Refresh) -> str:
    """One refresh in a sentence: when, by whom, what came of it."""
    if one.state == "failed":
        what = f":red-badge[{t('Failed')}] {_reason(one)}"
    elif one.state == "cancelled":
        what = f":gray-badge[{t('Stopped')}]"
    else:
        words = refresh.Changes.model_validate(one.changes).said()
        badge = f":green-badge[{t('New version')}]" if one.version else f":gray-badge[{t('Up to date')}]"
        what = f"{badge} {plain('; ').join(said(note) for note in words)}"
        if one.error:
            what += f" :orange-badge[{t('Steps not applied')}] {_reason(one)}"
        elif one.made:
            what += f" · {t('its steps were applied again')}"
    by = t("on schedule") if one.schedule else t("on request")
    late = t("{count:,} run before it was missed | {count:,} runs before it were missed", count=one.missed)
    missed = f" · {late}" if one.missed else ""
    return f"{md(moment(one.created))} · {by}{missed}  {what}"


def _reason(one: Refresh) -> str:
    told = one.error or {}
    if told.get("template"):
        return message(SightlineError(told["template"], hint=told.get("hint", ""), **told.get("values", {})))
    return md(translated(str(told.get("message", ""))))
