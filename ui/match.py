"""What a join would find, on the screen: rows with and without a partner on both sides, and who is lost."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import streamlit as st

from core.contracts import Table
from core.errors import SightlineError
from core.joins import Likely, Match, Segment, Side, likely, match, segments, similar
from core.recipe import Recipe
from core.steps.join import Join, Kind
from core.steps.look_up import LookUp
from core.steps.pairing import Pair
from core.steps.similar import JoinFuzzy
from core.store import Version, tables
from ui import services
from ui.figures import show
from ui.frame import preview
from ui.others import called
from ui.review import Rows, answer
from ui.text import message, plain, t
from ui.trial import PAIRED

Keyed = Join | LookUp
# what of each table a kind of join keeps: rows with a partner, rows without, of this table and of the other
KEPT: dict[Kind, tuple[bool, bool, bool, bool]] = {
    "left": (True, True, True, False),
    "inner": (True, False, True, False),
    "right": (True, False, True, True),
    "full": (True, True, True, True),
    "semi": (True, False, False, False),
    "anti": (False, True, False, False),
}


def likely_keys(version: Version, other: Version) -> tuple[Likely, ...]:
    """The likeliest keys of two tables, the best first."""
    with st.spinner(t("Comparing the columns of both tables")):
        names = (called(version.id), called(other.id))
        found = _likely(version.id, other.id, names, services.owner())
    return tuple(Likely.model_validate(one) for one in found)


def foretold(version: Version, before: Recipe, step: Keyed) -> Match | None:
    """Both sides counted; None, with the reason on the screen, where the keys cannot be compared."""
    try:
        with st.spinner(t("Looking for partners")):
            return Match.model_validate(
                _match(version.id, _document(before), step.table, _keys(step), step.loose, services.owner())
            )
    except SightlineError as error:
        st.error(message(error))
        return None


def foretold_similar(version: Version, before: Recipe, step: JoinFuzzy, other: Version) -> Match | None:
    """The same for similar text; None also while a job has yet to count, as it does for large tables."""
    rows, asked = Rows(version.id, _document(before)), step.to_json()
    if version.rows * other.rows > PAIRED:
        told = answer("similar_partners", rows, title="Count the partners", key="combine.similar", step=asked)
        return Match.model_validate(told) if told is not None else None
    try:
        with st.spinner(t("Looking for partners")):
            return Match.model_validate(
                _similar(version.id, rows.before, json.dumps(asked), services.owner())
            )
    except SightlineError as error:
        st.error(message(error))
        return None


def picture(found: Match, kind: Kind, *, key: str) -> None:
    """Two bars, the rows of each table with and without a partner; what is left out is pale and hatched."""
    kept = KEPT[kind]
    sides = (found.left, found.right)
    labels = [plain("This table"), plain("Other table")]
    figure = go.Figure()
    for place, (name, parts) in enumerate(
        ((plain("with a partner"), (kept[0], kept[2])), (plain("without a partner"), (kept[1], kept[3])))
    ):
        counts = [side.alone if place else side.matched for side in sides]
        shares = [count / side.rows if side.rows else 0 for count, side in zip(counts, sides, strict=True)]
        figure.add_bar(
            y=labels, x=shares, name=name, orientation="h",
            text=[f"{count:,}" if share > 0.08 else "" for count, share in zip(counts, shares, strict=True)],
            customdata=counts, textposition="inside", insidetextanchor="middle",
            hovertemplate="%{customdata:,}<extra>%{fullData.name}</extra>",
            marker={"opacity": [1.0 if part else 0.35 for part in parts],
                    "pattern": {"shape": ["" if part else "/" for part in parts]}},
        )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        legend={"traceorder": "normal"},
        xaxis={"tickformat": ".0%", "range": [0, 1]},
        yaxis={"autorange": "reversed"},
    )
    words = " ".join(_counted(side, label) for side, label in zip(sides, labels, strict=True))
    show(figure, words, key=key, height=150, words=False, tools=False)


def words(found: Match, kind: Kind, mine: str, theirs: str, *, alike: bool = False) -> None:
    """The counts in words: both sides, how rows multiply (`alike`: by similar text), and what comes of it."""
    lines = []
    for side, name in ((found.left, mine), (found.right, theirs)):
        lines.append(
            t(
                "{matched:,} of the {rows:,} rows of “{name}” have a partner ({rate:.1%}).",
                matched=side.matched, rows=side.rows, name=name, rate=side.rate,
            )
        )  # fmt: skip
        if side.empty:
            lines[-1] += " " + t("{count:,} have no key.", count=side.empty)
        if side.lost:
            keys = [plain("{value} ({rows:,})", value=value, rows=rows) for value, rows in side.lost]
            lines[-1] += "  \n:gray[" + t("Commonest keys without a partner: {keys}", keys=keys) + "]"
    if found.several and alike:
        several = {"name": mine, "most": found.right.most}
        lines.append(t("A row of “{name}” has up to {most:,} partners and is repeated for each.", **several))
    elif found.several:
        lines.append(
            t(
                "A row of “{name}” has up to {most:,} partners and is repeated for each: {keys:,} keys stand "
                "in several rows of “{other}”.",
                name=mine, most=found.right.most, keys=found.right.repeated, other=theirs,
            )
        )  # fmt: skip
    else:
        lines.append(t("No row of “{name}” has more than one partner.", name=mine))
    lines.append(
        t("**The result has {rows:,} row.** | **The result has {rows:,} rows.**", rows=found.rows(kind))
    )
    st.markdown("\n\n".join(lines))


def who_is_lost(version: Version, before: Recipe, step: Keyed, other: Version) -> None:
    """The share of rows with a partner, for each value of a column that a person chooses."""
    with st.expander(t("Who is lost"), key="combine.lost"):
        where = st.radio(
            t("Rows of"), ["left", "right"], horizontal=True, key="combine.lost.where",
            format_func=lambda side: t("This table") if side == "left" else t("Other table"),
        )  # fmt: skip
        columns = version.columns if where == "left" else other.columns
        names = [column.name for column in columns if column.type != "number"]
        by = st.selectbox(
            t("By the values of"), names, index=None, key=f"combine.lost.by.{where}.{version.id}.{other.id}",
            placeholder=plain("Choose a column"),
        )  # fmt: skip
        if by is None:
            return
        found = _segments(
            version.id, _document(before), step.table, _keys(step), step.loose, by, where, services.owner()
        )
        told = [Segment.model_validate(one) for one in found]
        preview(
            {
                plain("Value"): [_value(one) for one in told],
                plain("Rows"): [one.rows for one in told],
                plain("With a partner"): [f"{one.rate:.1%}" for one in told],
                plain("Lost"): [one.rows - one.matched for one in told],
            },
            key="combine.lost.table",
        )


def _value(one: Segment) -> str:
    if one.rest:
        return plain("all others")
    return plain("(missing)") if one.value is None else one.value


def _counted(side: Side, label: str) -> str:
    return plain(
        "{name}: {matched:,} of {rows:,} rows have a partner.",
        name=label, matched=side.matched, rows=side.rows,
    )  # fmt: skip


def _document(recipe: Recipe) -> str:
    return json.dumps(recipe.to_json())


def _keys(step: Keyed) -> list[dict[str, str]]:
    return [pair.model_dump() for pair in step.keys]


# the arguments of what is cached name everything the answer depends on: versions are immutable


def _table(version_id: str, owner: str) -> Table:
    store = services.store()
    return tables.table(store, store.get(Version, version_id, owner))


def _before(version_id: str, document: str, owner: str) -> Table:
    recipe, table = Recipe.from_json(json.loads(document)), _table(version_id, owner)
    return recipe.learn(table, services.engine()).apply(table, services.engine()) if recipe.steps else table


@st.cache_data(show_spinner=False, max_entries=64)
def _likely(version_id: str, other_id: str, names: tuple[str, str], owner: str) -> list[dict[str, object]]:
    found = likely(_table(version_id, owner), _table(other_id, owner), services.engine(), names)
    return [one.model_dump() for one in found]


@st.cache_data(show_spinner=False, max_entries=64)
def _match(
    version_id: str, document: str, other_id: str, keys: list[dict[str, str]], loose: bool, owner: str
) -> dict[str, object]:
    left, right = _before(version_id, document, owner), _table(other_id, owner)
    pairs = [Pair.model_validate(key) for key in keys]
    return match(left, right, pairs, services.engine(), loose=loose).model_dump()


@st.cache_data(show_spinner=False, max_entries=64)
def _similar(version_id: str, document: str, asked: str, owner: str) -> dict[str, object]:
    step, left = JoinFuzzy.from_json(json.loads(asked)), _before(version_id, document, owner)
    return similar(left, _table(step.table, owner), step, services.engine()).model_dump()


@st.cache_data(show_spinner=False, max_entries=64)
def _segments(
    version_id: str, document: str, other_id: str, keys: list[dict[str, str]], loose: bool, by: str,
    where: str, owner: str,
) -> list[dict[str, object]]:  # fmt: skip
    left, right = _before(version_id, document, owner), _table(other_id, owner)
    pairs = [Pair.model_validate(key) for key in keys]
    side = "left" if where == "left" else "right"
    found = segments(left, right, pairs, by, services.engine(), loose=loose, where=side)
    return [one.model_dump() for one in found]
