"""Two tables on the screen: which, in what way, by which keys; what comes of it, and how it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import streamlit as st

from core.contracts import Step
from core.joins import Likely, Match, chosen
from core.recipe import Recipe, RecipeStep
from core.steps.join import Join, Kind
from core.steps.pairing import Combining
from core.steps.union import Union
from core.store import Job, Version
from core.wording import table_size
from ui import draft, services, state
from ui.forms import choice_said, form, member
from ui.frame import link, preview
from ui.grid import HeaderInfo, grid, place
from ui.live import ACTIVE, follow
from ui.match import Keyed, likely_keys
from ui.others import called, find, picker
from ui.text import plain, said, t
from ui.trial import Look, changed_page

WAYS = ("join", "union", "look_up", "join_as_of", "join_within", "join_fuzzy", "join_places")
SIDES = ("left", "right")
MENDED = "combine.mended"
BY_HAND = -1  # the place of a key that is none of the likely ones
WHAT: dict[Kind, str] = {
    "left": "all rows of this table",
    "inner": "only rows with a partner",
    "right": "all rows of the other table",
    "full": "all rows of both tables",
    "semi": "rows that have a partner, no column added",
    "anti": "rows that have no partner, no column added",
}


def two(version: Version) -> tuple[Version | None, type[Combining]]:
    """The other table (None while it is not chosen) and the way in which the two are combined."""
    left, right = st.columns(2)
    with left:
        field = next(field for field in Join.parameters() if field.kind == "table")
        key = f"combine.other.{version.dataset}"
        if state.get(MENDED):  # the new version of the table that was chosen
            state.put(key, state.get(MENDED))
            state.put(MENDED, None)
        other = find(picker(field, (), None, key, "visible"))
    with right:
        way = st.selectbox(
            t("How"), WAYS, key="combine.way", format_func=lambda kind: plain(Step.members[kind].title)
        )
    cls: type[Combining] = Step.members[way]
    st.caption(t(cls.summary()))
    return other, cls


def editor(version: Version, other: Version, cls: type[Combining]) -> tuple[Recipe, Combining | None]:
    """The step as it is now (None while it is incomplete), and what must be done to this table before."""
    key = f"combine.{version.id}.{other.id}"
    values: dict[str, Any] = {"table": other.id}
    if issubclass(cls, Union):
        return Recipe(), _union(version, other, values, key)
    if not issubclass(cls, Keyed):
        return Recipe(), member(cls, version.columns, values, key=key, skip=("table",))
    before, keys = _keys(version, other, key)
    skip = {"table", "kind_of"}
    if keys:
        values["keys"] = [{"column": one.column, "other": one.other} for one in keys]
        values["loose"] = any(one.loose for one in keys)
        skip.add("keys")
        key += "." + ".".join(f"{one.column}={one.other}" for one in keys)
    if cls is Join:
        kinds: tuple[Kind, ...] = get_args(Kind)
        values["kind_of"] = st.selectbox(
            t("Keep"), kinds, key="combine.kind",
            format_func=lambda kind: f"{choice_said(kind)} · {plain(WHAT[kind])}",
        )  # fmt: skip
    return before, member(cls, version.columns, values, key=key, skip=skip)


def _keys(version: Version, other: Version, key: str) -> tuple[Recipe, tuple[Likely, ...]]:
    """The keys chosen among the likely ones (none: they are chosen by hand), and what they need before."""
    found = likely_keys(version, other)
    best = chosen(found)
    options = [best, *((one,) for one in found if (one,) != best)] if found else []
    place = st.selectbox(
        t("Key"), [*range(len(options)), BY_HAND], key=f"{key}.likely",
        format_func=lambda n: plain("other columns") if n == BY_HAND else _called(options[n]),
        help=t("Likely keys, by the names, the types and the values of the columns."),
    )  # fmt: skip
    if place == BY_HAND:
        if not found:
            st.caption(t("No two columns look like a key of both tables. Choose them by hand."))
        return Recipe(), ()
    one = options[place]
    st.markdown("\n\n".join(":gray[" + _evidence(pair) + "]" for pair in one))
    steps = [RecipeStep(step=Step.from_json(pair.mend)) for pair in one if pair.mend]
    for entry in steps:
        st.info(t("The types differ. First: {step}", step=entry.step.describe()))
    _mend_there(other, one)
    return Recipe(steps=tuple(steps)), one


def _called(keys: Sequence[Likely]) -> str:
    names = [one.column if one.column == one.other else f"{one.column} = {one.other}" for one in keys]
    return plain(", ").join(names)


def _evidence(one: Likely) -> str:
    shares = {"column": one.column, "found": max(one.found, one.loosely), "covered": one.covered}
    words = t(
        "{found:.0%} of the values of “{column}” are in the other table, {covered:.0%} of the other's here.",
        **shares,
    )
    if one.loose:
        words += " " + t("Only {found:.0%} are written the same way.", found=one.found)
    if not one.unique:
        words += " " + t("Values stand several times on both sides.")
    return words


def _mend_there(other: Version, keys: Sequence[Likely]) -> None:
    """Where the other table must change its type first: says so, and does it in a job."""
    steps = [one.mend_other for one in keys if one.mend_other]
    if not steps:
        return
    step = Step.from_json(steps[0]).describe()
    st.warning(t("The types differ, and the other table has to change: {step}", step=step))
    if st.button(t("Make a new version of “{name}”", name=called(other.id)), key="combine.mend"):
        services.submit(
            "materialise", {"version": other.id, "recipe": {"steps": steps}}, title="Apply the recipe",
            subject=other.id,
        )  # fmt: skip
    job = services.newest_job("materialise", other.id)
    if job is not None and follow(job.id, key="combine.mending", quiet=True).state == "done":
        state.put(MENDED, job.result["version"])
        st.rerun()


def _union(version: Version, other: Version, values: dict[str, Any], key: str) -> Union | None:
    first = form(Union, version.columns, values, key=key, only=("match", "rest", "origin"))
    values |= {name: first[name] for name in ("match", "rest", "origin") if name in first}
    values |= {"first": called(version.id), "second": called(other.id)}
    skip = {"table", "match", "rest", "origin"}
    skip |= set() if values.get("match") == "chosen" else {"pairs"}
    skip |= set() if values.get("origin") else {"first", "second"}
    step: Union | None = member(Union, version.columns, values, key=key, skip=skip)
    return step


def matching(version: Version, other: Version, step: Union) -> None:
    """Which columns of a union go together, and the type that holds both."""
    places = step.places(version.columns, other.columns)
    mine = {column.name: plain(column.type) for column in version.columns}
    theirs = {column.name: plain(column.type) for column in other.columns}
    preview(
        {
            plain("Column"): [one.name for one in places],
            plain("Type"): [plain(one.type) for one in places],
            plain("This table"): [_column(one.mine, mine) for one in places],
            plain("Other table"): [_column(one.theirs, theirs) for one in places],
        },
        key="combine.matching",
    )


def _column(name: str | None, types: dict[str, str]) -> str:
    return "–" if name is None else f"{name}  ({types[name]})"


def result_rows(version: Version, recipe: Recipe, seen: Look) -> None:
    """The rows that come of it."""
    rows, number = seen.effects[-1].rows_after, len(recipe.steps)
    st.subheader(t("Result"), anchor=False)
    if version.rows > seen.looked:
        looked = {"looked": seen.looked, "rows": version.rows}
        st.caption(t("Tried on the first {looked:,} of {rows:,} rows; saving works on all.", **looked))
    else:
        st.caption(said(table_size(rows, len(seen.columns))))
    key = f"combine.grid.{version.id}"
    page = place(key, rows=rows, columns=len(seen.columns))
    heads = seen.columns[page.left : page.left + page.columns]
    shown = changed_page(version, seen, number, number, "all", [column.name for column in heads], page)
    known = {column.name for column in version.columns}
    grid(
        shown.data,
        [HeaderInfo(c.name, c.type, note="" if c.name in known else plain("new")) for c in heads],
        key=key, page=page, numbers=shown.numbers, wants=(), label=plain("Result"), height=360,
    )  # fmt: skip


def keep(version: Version, other: Version, recipe: Recipe, found: Match | None) -> None:
    """How the result is kept: a dataset of its own by a job, or a step in this table's recipe."""
    mine, theirs = called(version.id), called(other.id)
    step = recipe.steps[-1].step
    params: dict[str, Any] = {"version": version.id, "recipe": recipe.to_json()}
    with st.container(border=True, key="combine.keeping"):
        params["name"] = st.text_input(
            t("Name of the new table"), plain("{one} with {other}", one=mine, other=theirs),
            key=f"combine.name.{version.id}.{other.id}",
        )  # fmt: skip
        if isinstance(step, Join) and found is not None:
            params |= _alone((mine, found.left.alone), (theirs, found.right.alone))
        with st.container(horizontal=True):
            if st.button(
                t("Make the table"), key="combine.make", type="primary", disabled=not params["name"].strip()
            ):
                job = services.submit("combine", params, title="Combine tables", subject=version.id)
                state.set_address(job=job.id)
                st.rerun()
            if st.button(t("Add to the recipe of “{name}”", name=mine), key="combine.step"):
                for entry in recipe.steps:
                    draft.put_step(version, entry.step)
                st.toast(t("Added: {step}", step=step.describe()))
                state.put("combine.added", version.id)
        if state.get("combine.added") == version.id:
            link("pages/data/clean.py", "Open the recipe", key="combine.recipe")


def _alone(*tables: tuple[str, int]) -> dict[str, str]:
    """Which tables' rows without a partner are kept, under which names; by side."""
    names: dict[str, str] = {}
    for side, (name, rows) in zip(SIDES, tables, strict=True):
        words = t(
            "Keep the {rows:,} row of “{name}” without a partner as a table | Keep the {rows:,} rows "
            "of “{name}” without a partner as a table",
            rows=rows,
            name=name,
        )
        if rows and st.checkbox(words, key=f"combine.alone.{side}"):
            names[side] = plain("{name} without a partner", name=name)
    return names


def made(job_id: str | None, version: Version) -> None:
    """The job that makes the table, and when it is done the ways to what it made."""
    job = services.find_job(job_id or "")
    if job is None or job.task != "combine" or job.subject != version.id:
        return
    job = follow(job.id, key="combine.job", quiet=True)
    if job.state in ACTIVE or job.state != "done":
        return
    _made(job)


def _made(job: Job) -> None:
    parts = [job.result, *(job.result[side] for side in SIDES if side in job.result)]
    for number, one in enumerate(parts):
        with st.container(horizontal=True, vertical_alignment="center", key=f"combine.made.{number}"):
            name = called(one["version"])
            st.markdown(
                f":green-badge[{t('Stored')}] "
                + t("**{name}**: {rows:,} row | **{name}**: {rows:,} rows", name=name, rows=one["rows"])
            )
            link(
                "pages/data/profile.py", "Look at it", key=f"combine.open.{number}", dataset=one["dataset"],
                version=one["version"],
            )  # fmt: skip
