"""A recipe tried on a version: what comes of it, and what each of its steps changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import streamlit as st

from core import meanings, sql
from core.contracts import Column, Schema, Table
from core.errors import SightlineError
from core.meanings import MEANINGS
from core.recipe import Comparison, Effect, Recipe, compare
from core.steps.similar import JoinFuzzy
from core.store import Version, tables
from ui import services
from ui.grid import LONGEST, Page, fetched
from ui.parts import Parts
from ui.text import message

if TYPE_CHECKING:
    from core.suggest import Suggestion

LOOKED = 200_000  # above this many rows a recipe is tried on the first ones, and the page says so
PAIRED = 20_000_000  # texts of one table times those of another, compared while the page waits
FEWEST = 200


@dataclass(frozen=True)
class Look:
    """A recipe tried on a version: its columns, what each step did, and the code."""

    learned: str  # the recipe with its constants, as JSON
    columns: Schema
    effects: tuple[Effect, ...]
    sql: str
    pandas: str
    looked: int  # the first rows of the version, on which it was tried


Part = Literal["all", "changed", "removed"]
Only = tuple[str, str, meanings.Part]  # column, meaning, part of its rows


@dataclass(frozen=True)
class Pointed:
    """A place in the rows after a recipe: a column's head, a cell of a row, or a part of its text."""

    column: str
    row: int | None = None  # the row's place in the order of the table, from 0
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Changes:
    """What some steps of a recipe that was tried did to the table: its columns, and how many rows."""

    columns: Schema  # of the rows of the part that was asked for
    rows: int | None  # of that part; None where all rows were asked for
    origins: dict[str, Column]  # column -> what it was before the steps; a new one is not there
    since: int | None  # the first step that is compared


@dataclass(frozen=True)
class ChangedPage:
    """A page of rows, their numbers, and the cells that were changed in them."""

    data: pa.Table
    numbers: list[int]
    changed: dict[str, dict[int, Any]]  # column -> row of `data` -> the value before


def look(version: Version, recipe: Recipe) -> Look | None:
    """Try a recipe; None, with the reason on the screen, when a step cannot work on this table."""
    try:
        return _look(version.id, json.dumps(recipe.to_json()), services.owner())
    except SightlineError as error:
        st.error(message(error))
        return None


def changes(version: Version, seen: Look, start: int, end: int, part: Part) -> Changes:
    """What the steps from `start` to `end` did to the columns, and how many rows the part has."""
    return _changes(version.id, seen.learned, start, end, part, services.owner())


def changed_page(
    version: Version,
    seen: Look,
    start: int,
    end: int,
    part: Part,
    names: Sequence[str],
    page: Page,
    only: Only | None = None,
) -> ChangedPage:
    """Rows after step `end`, with the cells that differ from what they were before step `start`.

    `only` leaves the rows in which a column is valid, invalid or empty for a meaning.
    """
    shown = (list(names), page, only)
    return _changed_page(version.id, seen.learned, start, end, part, *shown, services.owner())


def quality(
    version: Version, seen: Look, start: int, end: int, meant: Sequence[tuple[str, str]]
) -> dict[str, Parts]:
    """How many values of columns are valid, invalid and empty after step `end`: (column, meaning) each."""
    return _quality(version.id, seen.learned, start, end, list(meant), services.owner())


def table_after(version_id: str, learned: str, owner: str) -> Table:
    """The first rows of a version after a recipe with its constants (a Look's `learned`)."""
    return _after(version_id, learned, owner)


# the arguments of what is cached name everything the answer depends on: versions are immutable


@st.cache_data(show_spinner=False, max_entries=64)
def _look(version_id: str, document: str, owner: str) -> Look:
    recipe, engine = Recipe.from_json(json.loads(document)), services.engine()
    table = _head(version_id, recipe, owner)
    recipe = recipe.learn(table, engine)
    columns = recipe.apply(table, engine).columns
    effects, query = recipe.effects(table, engine), recipe.sql(table, engine)
    code, looked = recipe.pandas(table, engine), _tried(recipe, owner)
    return Look(json.dumps(recipe.to_json()), columns, effects, query, code, looked)


@st.cache_data(show_spinner=False, max_entries=64)
def _changes(version_id: str, learned: str, start: int, end: int, part: Part, owner: str) -> Changes:
    found = _compared(version_id, learned, start, end, owner)
    table, rows = _part(found, part), None
    if part != "all":
        counted = sql.exp.select(sql.template("count(*) AS n")).from_(table.query.subquery("t"))
        rows = services.engine().rows(counted).to_pylist()[0]["n"]
    return Changes(table.columns, rows, dict(found.origins), found.since)


@st.cache_data(show_spinner=False, max_entries=64)
def _changed_page(
    version_id: str,
    learned: str,
    start: int,
    end: int,
    part: Part,
    names: list[str],
    page: Page,
    only: Only | None,
    owner: str,
) -> ChangedPage:
    found, engine = _compared(version_id, learned, start, end, owner), services.engine()
    table = _part(found, part)
    shown = fetched(column for column in table.columns if column.name in names)
    query = sql.over(table.query, shown, row=True)
    if only is not None:
        column = next(column for column in table.columns if column.name == only[0])
        query = query.where(meanings.rows(column, only[1], only[2]))
    data = engine.rows(query.limit(page.rows).offset(page.first))
    rows = data.column(sql.ROW).to_pylist()
    places = {row: place for place, row in enumerate(rows)}
    cells = {} if part == "removed" else found.changed_cells(engine, rows, longest=LONGEST + 1)
    changed = {
        name: {places[row]: was for row, was in cells[name].items()} for name in names if name in cells
    }
    return ChangedPage(data.select(names), [row + 1 for row in rows], changed)


@st.cache_data(show_spinner=False, max_entries=64)
def _quality(
    version_id: str, learned: str, start: int, end: int, meant: list[tuple[str, str]], owner: str
) -> dict[str, Parts]:
    table = _compared(version_id, learned, start, end, owner).after
    kinds = {column.name: column for column in table.columns}
    asked = {"rows": sql.template("count(*)")}
    for number, (name, meaning) in enumerate(meant):
        asked[f"e{number}"] = sql.template("count_if(:x)", x=meanings.empty(kinds[name]))
        if meaning in MEANINGS and MEANINGS[meaning].judges(kinds[name]):
            wrong = meanings.rows(kinds[name], meaning, "invalid")
            asked[f"i{number}"] = sql.template("count_if(:x)", x=wrong)
    query = sql.select_values(asked).from_(table.query.subquery("t"))
    row = services.engine().rows(query).to_pylist()[0]
    counts = {key: int(count) for key, count in row.items()}
    return {
        name: Parts(name, meaning, counts["rows"], counts[f"e{number}"], counts.get(f"i{number}"))
        for number, (name, meaning) in enumerate(meant)
    }


def suggestions(version: Version, seen: Look, places: Sequence[Pointed]) -> list[Suggestion]:
    """Steps for what was pointed at; several selected texts are examples of one extraction."""
    return _suggestions(version.id, seen.learned, list(places), services.owner())


def cell(version: Version, seen: Look, place: Pointed) -> Any:
    """The whole value of a cell that was pointed at, however little of it the grid shows."""
    return _cell(version.id, seen.learned, place, services.owner())


@st.cache_data(show_spinner=False, max_entries=64)
def _suggestions(version_id: str, learned: str, places: list[Pointed], owner: str) -> list[Suggestion]:
    from core.suggest import Example, for_cell, for_column, for_selection

    engine, table = services.engine(), _after(version_id, learned, owner)
    column = places[0].column
    if places[0].row is None:
        return for_column(table, engine, column)
    values = [_cell(version_id, learned, place, owner) for place in places]
    if places[0].start is None:
        return for_cell(table, engine, column, values[0])
    parts = zip(values, places, strict=True)
    examples = [Example(value, place.start or 0, place.end or 0) for value, place in parts]
    return for_selection(table, engine, column, examples)


@st.cache_data(show_spinner=False, max_entries=64)
def _cell(version_id: str, learned: str, place: Pointed, owner: str) -> Any:
    table = _after(version_id, learned, owner)
    here = sql.template(":row = :number", row=sql.name(sql.ROW), number=place.row)
    query = sql.exp.select(sql.exp.alias_(sql.name(place.column), "cell")).from_(table.query.subquery("t"))
    return services.engine().rows(query.where(here)).column("cell").to_pylist()[0]


def _after(version_id: str, learned: str, owner: str) -> Table:
    recipe = Recipe.from_json(json.loads(learned))
    return recipe.apply(_head(version_id, recipe, owner), services.engine())


def _part(found: Comparison, part: Part) -> Table:
    match part:
        case "changed":
            return found.changed_rows()
        case "removed":
            return found.removed_rows()
        case _:
            return found.after


def _compared(version_id: str, learned: str, start: int, end: int, owner: str) -> Comparison:
    recipe = Recipe.from_json(json.loads(learned))
    return compare(recipe, _head(version_id, recipe, owner), services.engine(), start=start, end=end)


def _tried(recipe: Recipe, owner: str) -> int:
    """On how many rows a recipe is tried: on fewer where each is compared with many texts."""
    others = [
        services.store().get(Version, entry.step.table, owner).rows
        for entry in recipe.steps
        if entry.active and isinstance(entry.step, JoinFuzzy)
    ]
    return min([LOOKED, *(max(FEWEST, PAIRED // max(1, rows)) for rows in others)])


def _head(version_id: str, recipe: Recipe, owner: str) -> Table:
    store = services.store()
    table = tables.table(store, store.get(Version, version_id, owner))
    inside = sql.template(":row < :count", row=sql.name(sql.ROW), count=_tried(recipe, owner))
    names = {column.name: sql.name(column.name) for column in table.columns}
    query = sql.select("t", names).from_(table.query.subquery("t")).where(inside)
    return Table(query, table.columns, table.others)
