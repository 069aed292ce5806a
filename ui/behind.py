"""The rows behind marks: how many, each of them, as a file, and as a table of their own."""

from __future__ import annotations

import base64
import json
import urllib.parse
import zlib
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st
from sqlglot import exp

from core import sql
from core.affordable import check_cost
from core.contracts import Table
from core.errors import BadParameter
from core.selection import Selection, selected
from core.store import Version, tables
from core.wording import note
from ui import services, state
from ui.grid import HeaderInfo, Page, fetched, grid, place
from ui.live import ACTIVE, follow
from ui.text import plain, plain_said, t
from ui.transfer import ROUTES

if TYPE_CHECKING:
    from core.store import Job

LINK = 12_000  # characters of an address that browsers and servers take without complaint
LARGEST = 1_000_000  # characters of what a link holds, unpacked
SELECTIONS = 1_100  # in a link: all that a dashboard can have; what they cost grows with their square
KEPT = "charts.behind.kept"


def table_of(version: Version, selections: Sequence[Selection]) -> Table:
    """The rows of a version that are in all the selections."""
    return selected(tables.table(services.store(), version), *selections)


def in_words(version: Version, selections: Sequence[Selection]) -> str:
    """What is true of the rows that are in all the selections: "region is East and day is 2024-03"."""
    words = [one.describe(version.columns) for one in selections if one.marks or one.exclude]
    if not words:
        return plain("all rows")
    return plain_said(reduce(lambda a, b: note("{a} and {b}", a=a, b=b), dict.fromkeys(words)))


def count_of(version: Version, selections: Sequence[Selection]) -> int:
    """How many rows are in all the selections."""
    return _count(version.id, pack(selections), services.owner())


def counted(version: Version, selections: Sequence[Selection]) -> None:
    """Say which rows these are, and how many of how many."""
    what = cut(in_words(version, selections))
    st.markdown(
        t("**Rows where {what}**: {count:,} of {all:,}", what=what, count=count_of(version, selections),
          all=version.rows)
    )  # fmt: skip


def cut(text: str, most: int = 300) -> str:
    """A text cut to so many characters."""
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def behind(version: Version, name: str, selections: Sequence[Selection]) -> None:
    """Show the rows that are in all the selections, with what can be done with them."""
    packed = pack(selections)
    count, what = count_of(version, selections), in_words(version, selections)
    with st.container(horizontal=True, vertical_alignment="center", key="charts.behind"):
        if st.button(t("What is found among these rows"), key="charts.behind.found"):
            from ui.found import open_findings  # it asks this file for the rows' words

            open_findings(version, selections)
        _download(version, packed, f"{name} {what}"[:80])
        _keep(version, selections, f"{name}: {what}"[:200])
    page = place("charts.behind.rows", rows=count, columns=len(version.columns))
    data, numbers = _page(version.id, packed, page, services.owner())
    grid(
        data, [HeaderInfo(c.name, c.type) for c in version.columns if c.name in data.column_names],
        key="charts.behind.rows", page=page, numbers=numbers, wants=(), height=320,
        label=plain("The rows behind the marks"),
    )  # fmt: skip


def pack(selections: Sequence[Selection]) -> str:
    """Selections as a part of an address."""
    text = json.dumps([one.to_json() for one in selections], separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(text: str) -> tuple[Selection, ...]:
    """The selections of an address. BadParameter where there are none in it."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = state.document(zlib.decompressobj().decompress(packed, LARGEST))
    except (ValueError, zlib.error):
        found = None
    if not isinstance(found, list) or len(found) > SELECTIONS:
        raise BadParameter("This is no selection of rows.", hint="Select the rows again.")
    selections = tuple(Selection.from_json(one) for one in found)
    check_cost(selections)
    return selections


@st.cache_data(show_spinner=False, max_entries=64)
def _count(version_id: str, packed: str, owner: str) -> int:
    table = table_of(services.store().get(Version, version_id, owner), unpack(packed))
    query = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.subquery("t"))
    (count,) = services.engine().rows(query).column("n").to_pylist()
    return int(count)


@st.cache_data(show_spinner=False, max_entries=64)
def _page(version_id: str, packed: str, page: Page, owner: str) -> tuple[pa.Table, list[int]]:
    # the arguments name everything the answer depends on: versions are immutable
    table = table_of(services.store().get(Version, version_id, owner), unpack(packed))
    names = page.names([column.name for column in table.columns])
    shown = fetched(column for column in table.columns if column.name in names)
    query = sql.over(table.query, shown, row=True).order_by(exp.column(sql.ROW, quoted=True))
    found = services.engine().rows(query.limit(page.rows).offset(page.first))
    return found.select(names), [number + 1 for number in found.column(sql.ROW).to_pylist()]


def _download(version: Version, packed: str, name: str) -> None:
    if ROUTES.present and len(packed) <= LINK:
        query = urllib.parse.urlencode({"of": packed, "name": name})
        st.link_button(
            t("Download as CSV"),
            f"/selected/{urllib.parse.quote(version.id)}?{query}",
            key="charts.behind.csv",
        )
        return
    reason = (
        t("The selection is too long for a link: save it as a table, and download that.")
        if ROUTES.present else t("Start Sightline with “make run” to download this.")
    )  # fmt: skip
    st.button(t("Download as CSV"), key="charts.behind.csv", disabled=True, help=reason)


def _keep(version: Version, selections: Sequence[Selection], name: str) -> None:
    """A button that keeps the rows as a table of their own, by a job; the table remembers what it is of."""
    job = _job(version, selections)
    with st.popover(t("Save as a table"), key=f"charts.behind.keep.{job.id if job else ''}",
                    disabled=job is not None and job.state in ACTIVE):  # fmt: skip
        chosen = st.text_input(t("Name"), name, key="charts.behind.name", max_chars=200).strip()
        if st.button(t("Save as a table"), key="charts.behind.save", type="primary", disabled=not chosen):
            params: dict[str, Any] = {
                "version": version.id, "selections": [one.to_json() for one in selections], "name": chosen
            }  # fmt: skip
            made = services.submit("keep_selected", params, title="Save the rows", subject=version.id)
            state.put(KEPT, {"job": made.id, "of": pack(selections), "version": version.id})
            st.rerun()
    if job is not None:
        ended = follow(job.id, key="charts.behind.job", quiet=True)
        if ended.state == "done":
            result = ended.result or {}
            st.success(
                t("Kept as a table of {rows:,} row. | Kept as a table of {rows:,} rows.", rows=result["rows"])
            )
            if st.button(t("Open"), key="charts.behind.open"):
                address = {"dataset": result["dataset"], "version": result["version"]}
                st.switch_page("pages/data/profile.py", query_params={**state.kept(), **address})


def _job(version: Version, selections: Sequence[Selection]) -> Job | None:
    kept = state.get(KEPT) or {}
    if kept.get("version") != version.id or kept.get("of") != pack(selections):
        return None
    return services.find_job(kept["job"])
