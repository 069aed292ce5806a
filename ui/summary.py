"""A profile on the screen: the grid of columns, the story of one, the findings with their fixes."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core.contracts import Step
from core.profile import ColumnProfile, Finding, Profile
from core.profile.chosen import chosen as chosen_meanings
from core.profile.chosen import with_chosen, with_counts
from core.store import Version, tables
from core.store.records import Summary
from ui import services, state
from ui.figures import show
from ui.grid.heads import share
from ui.live import follow
from ui.text import md, plain, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

BARS = 24  # of the small distribution in the grid
MOST = 12  # columns named in a line
AT_ONCE = 200_000  # rows that are counted while a page is drawn: a tenth of a second
FIRST = 6  # findings shown before "more"


def stored_profile(version: Version) -> Profile | None:
    """The profile of a version, if a job has made it, with the meanings that a person has set."""
    store, owner = services.store(), services.owner()
    found = store.list(Summary, owner, version=version.id)
    if not found:
        return None
    by_hand = chosen_meanings(store, owner, version.dataset)
    if version.rows <= AT_ONCE or not by_hand:
        return _profile(found[0].object, version.id, tuple(sorted(by_hand.items())), owner)
    profile = _profile(found[0].object, version.id, (), owner)
    job = services.newest_job("recount", _recounted(version, by_hand))
    counts = (job.result or {}).get("counts", {}) if job is not None else {}
    return with_counts(profile, by_hand, counts)


def recount(version: Version) -> None:
    """Count the valid values of a large table for the meanings set by hand, where that is still to do."""
    by_hand = chosen_meanings(services.store(), services.owner(), version.dataset)
    if version.rows <= AT_ONCE or not by_hand:
        return
    subject = _recounted(version, by_hand)
    job = services.newest_job("recount", subject)
    if job is None:
        params = {"version": version.id, "chosen": by_hand}
        job = services.submit("recount", params, title="Count the valid values", subject=subject)
    follow(job.id, key="profile.recount", quiet=True)


def _recounted(version: Version, by_hand: dict[str, str]) -> str:
    """What a job that counts for these meanings is about."""
    told = json.dumps(sorted(by_hand.items())).encode()
    return f"{version.id}-{hashlib.sha256(told).hexdigest()[:16]}"


@st.cache_data(show_spinner=False, max_entries=16)
def _profile(object_id: str, version_id: str, by_hand: tuple[tuple[str, str], ...], owner: str) -> Profile:
    store = services.store()
    document = store.place(object_id, owner).read_text(encoding="utf-8")
    found = Profile.from_json(json.loads(document))
    if not by_hand:
        return found
    table = tables.table(store, store.get(Version, version_id, owner))
    return with_chosen(found, dict(by_hand), table, services.engine())


def personal_badge(version: Version) -> str:
    """A badge where the version is known to hold what looks like personal data, as Markdown; else nothing."""
    profile = stored_profile(version)
    held = profile is not None and any(column.personal for column in profile.columns)
    return f":violet-badge[{t('personal data')}]" if held else ""


def headline(profile: Profile) -> None:
    """The table in four numbers."""
    cells = profile.rows * len(profile.columns)
    missing = sum(column.missing for column in profile.columns)
    about = "" if profile.duplicates_exact else "≈ "
    with st.container(horizontal=True, key="profile.headline"):
        st.metric(t("Rows"), f"{profile.rows:,}", border=True)
        st.metric(t("Columns"), f"{len(profile.columns):,}", border=True)
        st.metric(t("Missing cells"), share(missing, cells), border=True)
        st.metric(t("Repeated rows"), f"{about}{profile.duplicates:,}", border=True)


def personal_columns(profile: Profile) -> None:
    """Which columns seem to hold personal data, where any does."""
    held = [column for column in profile.columns if column.personal]
    if held:
        shown = [f"**{md(column.name)}** ({md(plain(column.personal))})" for column in held[:MOST]]
        more = t(" and {count} more", count=len(held) - MOST) if len(held) > MOST else ""
        st.markdown(f":violet-badge[{t('personal data')}] " + plain(", ").join(shown) + more)


def columns_table(profile: Profile) -> None:
    """All columns as a table with a small distribution each; a selected one is told at length."""
    names = {
        "name": plain("Column"), "type": plain("Type and meaning"),
        "bars": plain("Distribution"), "missing": plain("Missing"),
        "distinct": plain("Distinct"), "range": plain("Range"),
    }  # fmt: skip
    rows = pa.Table.from_pylist([_row(column) for column in profile.columns])
    config = {
        "name": st.column_config.TextColumn(names["name"], pinned=True),
        "type": st.column_config.TextColumn(names["type"]),
        "bars": st.column_config.BarChartColumn(names["bars"], y_min=0, width="small"),
        "missing": st.column_config.ProgressColumn(
            names["missing"], format="%.1f%%", min_value=0, max_value=100, width="small"
        ),
        "distinct": st.column_config.TextColumn(names["distinct"], alignment="right"),
        "range": st.column_config.TextColumn(names["range"], width="medium"),
    }
    key = f"profile.grid.{state.get('profile.turn', 0)}"

    def pick() -> None:
        picked = (state.get(key) or {}).get("selection", {}).get("rows", [])
        if picked and picked[0] < len(profile.columns):
            state.put("profile.column", profile.columns[picked[0]].name)

    with st.container(key="profile.columns"):
        st.dataframe(
            rows, hide_index=True, column_config=config, key=key, on_select=pick,
            selection_mode="single-row", height=min(38 + 35 * len(profile.columns), 640), row_height=35,
        )  # fmt: skip


def choose(column: str) -> None:
    """Tell this column at length; what was selected in the table of columns is not selected any more."""
    state.put("profile.column", column)
    state.put("profile.turn", state.get("profile.turn", 0) + 1)


def chosen(profile: Profile) -> ColumnProfile | None:
    """The column to tell at length, if one was chosen and is in this table."""
    wanted = state.get("profile.column")
    return next((column for column in profile.columns if column.name == wanted), None)


def _row(column: ColumnProfile) -> dict[str, object]:
    return {
        "name": column.name,
        "type": kind(column),
        "bars": bars(column),
        "missing": round(100 * column.missing / column.rows, 1) if column.rows else 0.0,
        "distinct": ("" if column.distinct_exact else "≈ ") + f"{column.distinct:,}",
        "range": extent(column),
    }


def kind(column: ColumnProfile) -> str:
    """How a column is stored and what it means: "text, category"."""
    words = dict.fromkeys([plain(column.type), plain(column.meaning)])
    return plain(", ").join(words)


def bars(column: ColumnProfile) -> list[float]:
    """The heights of the small distribution: a histogram's bars, or the commonest values."""
    if column.histogram is not None:
        return [float(count) for count in column.histogram.counts[: BARS * 4]]
    return [float(value.count) for value in column.top[:BARS]]


def extent(column: ColumnProfile) -> str:
    """From where to where a column's values reach, or which are the commonest, as plain text."""
    if column.meaning == "year":
        return f"{column.minimum} … {column.maximum}"
    if column.minimum is not None and column.type != "text":
        return f"{figure(column.minimum)} … {figure(column.maximum)}"
    return plain(", ").join(value.value for value in column.top[:3])


def figure(value: object) -> str:
    """A number in at most six digits, dates and texts as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def story(column: ColumnProfile) -> None:
    """One column at length: its picture and its numbers."""
    with st.container(border=True, key="profile.story"):
        st.subheader(md(column.name), anchor=False)
        facts = [md(kind(column)) + (f" :gray[({t('set by hand')})]" if column.chosen else "")]
        gone = {"count": column.missing, "share": share(column.missing, column.rows)}
        facts.append(t("{count:,} missing ({share})", **gone))
        if column.invalid:
            wrong = {"count": column.invalid, "share": share(column.invalid, column.rows)}
            facts.append(t("{count:,} not valid ({share})", **wrong))
        if column.personal:
            facts.append(f":violet-badge[{t('personal data: {what}', what=plain(column.personal))}]")
        facts.append(t("{count:,} value | {count:,} different values", count=column.distinct))
        if column.mean is not None:
            facts.append(t("mean {mean:,.6g}", mean=column.mean))
        if column.sd is not None:
            facts.append(t("standard deviation {sd:,.6g}", sd=column.sd))
        if column.quartiles is not None:
            low, middle, high = column.quartiles
            facts.append(t("quartiles {a:,.6g}, {b:,.6g}, {c:,.6g}", a=low, b=middle, c=high))
        if column.infinite:
            facts.append(t("{count:,} infinite", count=column.infinite))
        st.markdown(" · ".join(facts))
        drawn = picture(column)
        if drawn is not None:
            show(drawn, words(column), key="profile.picture", height=260)


def picture(column: ColumnProfile) -> go.Figure | None:
    """The distribution of one column, from the counts of its profile."""
    import plotly.graph_objects as go

    if column.histogram is not None and column.histogram.counts:
        edges = column.histogram.edges
        labels = [f"{figure(a)} … {figure(b)}" for a, b in pairwise(edges)]
        bar = go.Bar(x=list(edges[:-1]), y=list(column.histogram.counts), customdata=labels, offset=0,
                     hovertemplate="%{customdata}: %{y:,}<extra></extra>")  # fmt: skip
        return go.Figure(bar, layout={"bargap": 0.02})
    if not column.top:
        return None
    values = list(reversed(column.top[:12]))
    bar = go.Bar(
        y=list(range(len(values))), x=[v.count for v in values], orientation="h",
        hovertemplate="%{x:,}<extra></extra>",
    )  # fmt: skip
    names = [_unmarked(v.value) for v in values]
    return go.Figure(bar, layout={"yaxis": {"tickvals": list(range(len(values))), "ticktext": names}})


def _unmarked(value: str) -> str:
    """Plotly reads tags in its labels: other people's text shows its angle brackets as they are."""
    short = value if len(value) <= 40 else value[:39] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or "“”"


def words(column: ColumnProfile) -> str:
    """How a column's values spread, in words."""
    if column.histogram is not None:
        counts = column.histogram.counts
        peak = max(range(len(counts)), key=counts.__getitem__) if counts else 0
        edges = column.histogram.edges
        return plain(
            "Values of {name} from {low} to {high}; most rows ({count:,}) lie between {a} and {b}.",
            name=column.name, low=figure(column.minimum), high=figure(column.maximum),
            count=counts[peak] if counts else 0, a=figure(edges[peak]), b=figure(edges[peak + 1]),
        )  # fmt: skip
    commonest = plain("; ").join(f"{value.value}: {value.count:,}" for value in column.top[:8])
    return plain("The commonest values of {name}: {values}.", name=column.name, values=commonest)


def findings(profile: Profile) -> Finding | None:
    """What is worth knowing, the gravest first; returns the finding whose fix was asked for."""
    asked = None
    everything = bool(state.get("profile.all"))
    shown = profile.findings if everything else profile.findings[:FIRST]
    for number, finding in enumerate(shown):
        with st.container(
            border=True,
            horizontal=True,
            wrap=False,
            vertical_alignment="center",
            key=f"profile.finding.{number}",
        ):
            mark = {"serious": ":red-badge[{}]", "warning": ":orange-badge[{}]", "note": ":gray-badge[{}]"}
            st.markdown(
                mark[finding.severity].format(t(finding.severity))
                + " "
                + t(finding.template, **_worded(finding.values)),
                width="stretch",
            )
            if finding.fix is not None and finding.fix.get("kind") in Step.members:
                title = t(Step.members[finding.fix["kind"]].title)
                if st.button(title, key=f"profile.fix.{number}", help=t("Add this step to the recipe")):
                    asked = finding
    if len(profile.findings) > len(shown):
        rest = len(profile.findings) - len(shown)
        if st.button(t("Show {count} more", count=rest), key="profile.more", type="tertiary"):
            state.put("profile.all", True)
            st.rerun()
    return asked


def _worded(values: dict[str, Any]) -> dict[str, Any]:
    """A finding's values, with the words among them that are ours in the reader's language."""
    ours = {"about", "what"}
    return {name: plain(value) if name in ours else value for name, value in values.items()}
