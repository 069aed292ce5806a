"""One rule at length: what it found on each version, and the rows that break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core import rules, sql
from core.rules import Measured, Result, Rule
from core.store import Version
from core.store.records import RuleResult
from ui import services
from ui.figures import show
from ui.grid import HeaderInfo, Page, fetched, grid, place
from ui.rules import WORDS
from ui.text import plain, plain_said, said, t
from ui.transfer import download_failing

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = {"ok": "#1f8a70", "warning": "#d9822b", "error": "#c0392b"}
SYMBOLS = {"ok": "circle", "warning": "diamond", "error": "x"}
Story = list[tuple[int, Measured]]  # of versions, by number


def at_length(rule_id: str, result: RuleResult, found: list[RuleResult], numbers: dict[str, int]) -> None:
    """What one rule found here and on other versions; `numbers` are the versions' numbers by their ids."""
    one = next((Result.model_validate(entry) for entry in result.results if entry["id"] == rule_id), None)
    if one is None:
        return
    with st.container(border=True, key="quality.story"):
        st.subheader(said(one.member().describe()), anchor=False)
        st.markdown(said(one.found.said))
        story = history(rule_id, found, numbers)
        if len(story) > 1:
            show(picture(story), plain_said_story(story), key="quality.history", height=240)
        else:
            st.caption(t("Its history begins here: each new version that is checked adds a point."))
        if one.found.failing:
            _broken(rule_id, result, one)


def history(rule_id: str, found: list[RuleResult], numbers: dict[str, int]) -> Story:
    """What a rule found on each version, the last check of each, the oldest version first."""
    story: dict[int, Measured] = {}
    for result in found:  # the newest first
        number = numbers.get(result.version)
        if number is None or number in story:
            continue
        for entry in result.results:
            if entry["id"] == rule_id:
                story[number] = Measured.model_validate(entry["found"])
    return sorted(story.items())


def picture(story: Story) -> go.Figure:
    """A rule's measured value over the versions, coloured by what it meant."""
    import plotly.graph_objects as go

    line = go.Scatter(
        x=[number for number, _ in story], y=[one.value for _, one in story], mode="lines+markers",
        line={"width": 1}, connectgaps=False, showlegend=False,
        marker={"size": 11, "color": [COLOURS[one.outcome] for _, one in story],
                "symbol": [SYMBOLS[one.outcome] for _, one in story]},
        text=[plain(WORDS[one.outcome]) for _, one in story],
        hovertemplate="%{x}: %{y:,.4g} · %{text}<extra></extra>",
    )  # fmt: skip
    made = go.Figure(line)
    unit = next(one.unit for _, one in story)
    made.update_layout(
        xaxis={"title": {"text": plain("Version")}, "dtick": max(1, len(story) // 12)},
        yaxis={"title": {"text": plain(unit)}, "rangemode": "tozero"},
        margin={"t": 16},
    )
    limit = story[-1][1].limit
    if limit is not None:
        made.add_hline(y=limit, line={"dash": "dot", "width": 1}, annotation={"text": plain("limit")})
    return made


def plain_said_story(story: Story) -> str:
    """The picture in words."""
    parts = [
        plain("version {number}: {outcome}, {found}", number=number, outcome=plain(WORDS[one.outcome]),
              found=plain_said(one.said))
        for number, one in story[-12:]
    ]  # fmt: skip
    return plain("; ").join(parts)


def grid_of_outcomes(entries: list[dict[str, Any]], found: list[RuleResult], numbers: dict[str, int]) -> None:
    """Every rule on every version that was checked, in one picture; nothing while there is only one."""
    import plotly.graph_objects as go

    checked = sorted({numbers[result.version] for result in found if result.version in numbers})[-40:]
    if len(checked) < 2 or not entries:
        return
    names = [_short(plain_said(Rule.from_json(entry["rule"]).describe())) for entry in entries]
    made = go.Figure()
    for outcome, word in WORDS.items():
        x, y = [], []
        for row, entry in enumerate(entries):
            for number, one in history(entry["id"], found, numbers):
                if one.outcome == outcome and number in checked:
                    x.append(number)
                    y.append(row)
        made.add_scatter(
            x=x, y=y, mode="markers", name=plain(word), hoverinfo="x+name",
            marker={"size": 12, "color": COLOURS[outcome], "symbol": SYMBOLS[outcome]},
        )  # fmt: skip
    made.update_layout(
        xaxis={"title": {"text": plain("Version")}, "tickvals": checked},
        yaxis={"tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed"},
    )
    last = [plain_said_story(history(entry["id"], found, numbers)[-1:]) for entry in entries]
    words = plain("; ").join(f"{name}: {one}" for name, one in zip(names, last, strict=True) if one)
    st.subheader(t("Through the versions"), anchor=False)
    show(made, words, key="quality.outcomes", height=110 + 28 * len(names))


def _short(name: str) -> str:
    short = name if len(name) <= 44 else name[:43] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _broken(rule_id: str, result: RuleResult, one: Result) -> None:
    count = int(one.found.failing or 0)
    st.markdown(t("{count:,} row to look at | {count:,} rows to look at", count=count))
    version = services.store().get(Version, result.version, result.owner)
    key = f"quality.rows.{result.id}.{rule_id}"
    page = place(key, rows=count, columns=len(version.columns))
    shown = version.columns[page.left : page.left + page.columns]
    data, numbers = _page(result.id, rule_id, [column.name for column in shown], page, services.owner())
    grid(
        data, [HeaderInfo(column.name, column.type) for column in shown], key=key, page=page,
        numbers=numbers, wants=(), label=plain("Rows that break the rule"), height=320,
    )  # fmt: skip
    download_failing(result, rule_id, plain("rows that break the rule"), key="quality.download")


@st.cache_data(show_spinner=False, max_entries=32)
def _page(
    result_id: str, rule_id: str, names: list[str], page: Page, owner: str
) -> tuple[pa.Table, list[int]]:
    # a result and its version never change
    store = services.store()
    broken = rules.failing(store, store.get(RuleResult, result_id, owner), rule_id)
    assert broken is not None
    shown = fetched(column for column in broken.columns if column.name in names)
    query = sql.over(broken.query, shown, row=True).limit(page.rows).offset(page.first)
    found = services.engine().rows(query)
    return found.select(names), [number + 1 for number in found.column(sql.ROW).to_pylist()]
