"""Findings on the screen: the search, the list with its filters, each with its chart and the way into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts import Bar, Histogram
from core.contracts import Chart
from core.dashboards import Filter
from core.findings import Finding, Findings
from core.findings.finding import named
from core.profile import Profile
from core.selection import Selection, marked, selected
from core.store import Version, tables
from core.wording import counted_rows, note
from ui import linked, services, state
from ui.behind import count_of, cut, in_words
from ui.dashboards.taking import add_to_dashboard
from ui.figures import show
from ui.measures import p_value
from ui.review import page_of
from ui.searched import searched
from ui.text import md, plain, plain_said, said, t
from ui.whence import whence

SHOWN = 5  # on a page
HEIGHT = 320
TALL = 520  # of a course taken apart into four
FEW = 20  # rows: of fewer nothing is told
KINDS = {
    "reversal": "Turned around in groups",
    "relation": "Numbers that go together",
    "difference": "Groups that differ",
    "association": "Categories that go together",
    "outlying group": "A group apart",
    "break": "A break in time",
    "season": "A season",
    "skew": "Skewed numbers",
    "missing": "Missing for a reason",
}
_KNOWN = ("identifier", "free text", "e-mail", "phone", "web address", "coordinates", "constant", "empty")


def search(
    version: Version, profile: Profile | None, selections: Sequence[Selection] = ()
) -> Findings | None:
    """What was found in these rows; until it is, the progress of the search. It begins by itself."""
    params: dict[str, Any] = {
        "version": version.id, "selections": [one.to_json() for one in selections],
        "meanings": dict(known(profile)),
    }  # fmt: skip
    document = searched("find", version, params, "Look for findings", "findings")
    return None if document is None else Findings.from_json(document)


def which(version: Version, of: Sequence[Selection]) -> None:
    """Which rows are looked at, where they are not all of the table, and the way to all."""
    if not of:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="findings.of"):
        st.markdown(
            t("Found among the **rows where {what}**: {count:,} of {all:,}, version {version}.",
              what=cut(in_words(version, of)), count=count_of(version, of), all=version.rows,
              version=version.number), width="stretch",
        )  # fmt: skip
        if st.button(t("Of all rows"), key="findings.of.all"):
            state.set_address(of=None)
            st.rerun()


def known(profile: Profile | None) -> tuple[tuple[str, str], ...]:
    """Columns that are compared with nothing, as far as a profile knows: those that only name rows."""
    columns = profile.columns if profile else ()
    return tuple((one.name, one.meaning) for one in columns if one.meaning in _KNOWN)


def looked(told: Findings) -> None:
    """How much was looked at, and how far what is told can be trusted."""
    count = len(told.findings) + sum(told.more.values())
    st.markdown(
        t(
            "**{count:,} finding** in {looks} at {rows}. | "
            "**{count:,} findings** in {looks} at {rows}.",
            count=count, looks=note("{count:,} look | {count:,} looks", count=told.looks),
            rows=counted_rows(told.rows),
        ),
        help=trust(told.q),
    )  # fmt: skip
    if told.used < told.rows:
        st.caption(t("{used:,} rows, evenly spread over all, were looked at.", used=told.used))
    if told.same:
        st.caption(
            t(
                "{count:,} more says the same of a column that is nearly the same, and is told with it. | "
                "{count:,} more say the same of columns that are nearly the same, and are told with them.",
                count=told.same,
            )
        )
    if told.skipped:
        st.caption(
            t("Compared with nothing, because they only name rows: {columns}", columns=list(told.skipped))
        )
    if told.derived:
        with st.expander(t("No news: columns that follow from others ({count:,})", count=len(told.derived)),
                         key="findings.derived"):  # fmt: skip
            st.markdown("\n".join(f"- {said(one)}" for one in told.derived))
    if told.left_out:
        st.caption(
            t(
                "{count:,} more column was not looked at. | {count:,} more columns were not looked at.",
                count=told.left_out,
            )
        )


def trust(q: float) -> str:
    """How far findings can be trusted."""
    return t(
        "Each look is a test of one relation, group, date or shape. Among many looks some show something by "
        "chance: all are judged together, so that of what is told here a share of {q} at most is expected "
        "to be chance (Benjamini and Hochberg, 1995).",
        q=f"{q:.0%}",
    )


def sure(one: Finding) -> str:
    """The number of a finding, and how sure it is."""
    chance = t(
        "By chance: p {p}, among all looks {adjusted}.", p=p_value(one.p), adjusted=p_value(one.adjusted)
    )
    if one.low is None or one.high is None:
        return t("{measure}: {value}.", measure=one.measure, value=f"{one.value:.3f}") + " " + chance
    number = t(
        "{measure}: {value}, from {low} to {high}.", measure=one.measure, value=f"{one.value:.3f}",
        low=f"{one.low:.3f}", high=f"{one.high:.3f}",
    )  # fmt: skip
    return f"{number} {chance}"


def hint(one: Finding, level: float) -> str:
    """How a finding was tested, and what its interval is."""
    tested = t("Tested: {test}.", test=one.tested())
    if one.low is None:
        return tested
    return tested + " " + t(
        "The interval is at the level {level}, adjusted for having been picked among all looks: of all "
        "intervals that are told a share of {q} at most is expected to miss (Benjamini and Yekutieli, 2005).",
        level=f"{level:.2%}", q="5%",
    )  # fmt: skip


def listed(version: Version, told: Findings, selections: Sequence[Selection] = ()) -> None:
    """The findings, the strongest first, by kind and column."""
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in told.findings)]
    columns = [c.name for c in version.columns if any(c.name in one.columns for one in told.findings)]
    with st.container(horizontal=True, key="findings.filters"):
        wanted = st.multiselect(
            t("Kinds"), kinds, format_func=lambda kind: plain(KINDS[kind]), key="findings.kinds",
            placeholder=plain("all kinds"),
        )  # fmt: skip
        about = st.multiselect(
            t("Columns"), columns, key="findings.columns", placeholder=plain("all columns")
        )
    found = [
        one
        for one in told.findings
        if (not wanted or one.kind in wanted) and (not about or set(about) & set(one.columns))
    ]
    if not found:
        st.info(t("No finding is of these kinds and columns."))
    turn = f"findings.{'.'.join(wanted)}.{len(about)}"
    first = (state.get(f"{turn}.page") or 0) * SHOWN
    for number, one in enumerate(page_of(found, SHOWN, key=turn)):
        _one(version, one, told.level, selections, f"findings.{first + number}")
    for kind, count in told.more.items():
        if not wanted or kind in wanted:
            st.caption(
                t(
                    "{kind}: {count:,} weaker one is not shown. | "
                    "{kind}: {count:,} weaker ones are not shown.",
                    kind=KINDS[kind], count=count,
                )
            )  # fmt: skip


def _one(version: Version, one: Finding, level: float, selections: Sequence[Selection], key: str) -> None:
    with st.container(border=True, key=key):
        st.markdown(f":gray-badge[{md(plain(KINDS[one.kind]))}] {said(one.told)}")
        chart, data = drawn(version, one.chart, one.marked(), _gap(version, one), selections)
        show(
            chart.figure(data, plain_said), plain_said(chart.describe(data)), key=f"{key}.figure",
            height=TALL if one.kind == "season" else HEIGHT, tools=False,
        )  # fmt: skip
        if one.also:
            st.caption(t("The same holds for {columns}, nearly the same columns.", columns=list(one.also)))
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("Open chart"), key=f"{key}.open"):
                open_chart(version, *_opened(version, one, chart), selections)
            if one.selection is None:
                own = [Filter(selections=tuple(selections))] if selections else []
                add_to_dashboard(version, chart, own, f"{key}.dash")
            whence(version, selections, f"{key}.whence")
            st.caption(sure(one), help=hint(one, level))


def _gap(version: Version, one: Finding) -> str:
    """A name for the column that tells the marked rows, which no other column has."""
    rows = one.marked()
    return unused(version, "" if rows is None else cut(plain_said(rows.describe(version.columns)), 60))


def unused(version: Version, name: str) -> str:
    """The name, or one like it that no column of the version has."""
    taken = {column.name for column in version.columns}
    while name in taken:
        name += "\u2032"
    return name


def drawn(
    version: Version, chart: dict[str, Any], rows: Selection | None, name: str, of: Sequence[Selection] = ()
) -> tuple[Chart, pa.Table]:
    """A chart of the rows `of` a version, where need be with a column that tells which are in `rows`."""
    asked = json.dumps([one.to_json() for one in of], sort_keys=True)
    told = None if rows is None else json.dumps(rows.to_json(), sort_keys=True)
    return named(chart, name), _data(
        version.id, json.dumps(chart, sort_keys=True), told, name, asked, services.owner()
    )


# the arguments name everything the answer depends on: versions are immutable
@st.cache_data(show_spinner=False, max_entries=64)
def _data(version_id: str, chart: str, rows: str | None, name: str, of: str, owner: str) -> pa.Table:
    store = services.store()
    table = tables.table(store, store.get(Version, version_id, owner))
    table = selected(table, *[Selection.from_json(one) for one in json.loads(of)])
    if rows is not None:
        table = marked(table, Selection.from_json(json.loads(rows)), name)
    found: pa.Table = named(json.loads(chart), name).data(table, services.engine())
    return found


def _opened(version: Version, one: Finding, chart: Chart) -> tuple[Chart, Selection | None]:
    """The chart as the chart page can draw it: of marked rows, the other column in those rows alone."""
    rows = one.marked()
    return (chart, None) if rows is None else (alone(version, one.columns[-1]), rows)


def alone(version: Version, column: str) -> Chart:
    """The chart of one column."""
    kind = next(one.type for one in version.columns if one.name == column)
    return Bar(x=column) if kind in ("text", "boolean") else Histogram(x=column)


def open_findings(version: Version, selections: Sequence[Selection]) -> None:
    """Go to what is found among the rows that are in all the selections."""
    of = linked.written(selections)
    st.switch_page("pages/explore/findings.py", query_params={**state.kept(), **({"of": of} if of else {})})


def open_chart(
    version: Version, chart: Chart, rows: Selection | None = None, of: Sequence[Selection] = ()
) -> None:
    """Go to the chart page, with this chart, of these rows alone."""
    address = {"chart": json.dumps(chart.to_json(), ensure_ascii=False, separators=(",", ":"))}
    limits = [one.to_json() for one in (*of, *([rows] if rows else []))]
    if limits:
        address["limits"] = json.dumps(limits, ensure_ascii=False, separators=(",", ":"))
    state.put("charts.drawn", None)  # what is picked in the address is of this chart
    state.put("charts.turn", state.get("charts.turn", 0) + 1)
    st.switch_page("pages/explore/charts.py", query_params={**state.kept(), **address})
