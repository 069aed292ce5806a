"""Segments in the store: what uses one, another name for it, and letting go of it."""

from __future__ import annotations

import json
from typing import Any, Literal

from core.contracts import Json
from core.errors import BadParameter, NotFound, SightlineError
from core.filters import Filter
from core.params import Frozen
from core.selection import Selection
from core.store.catalog import Store, Transaction
from core.store.records import Dashboard, Draft, Run, SavedChart, Segment, Setup, Version

Kind = Literal["dashboard", "chart", "run", "setup", "recipe", "made"]


class Use(Frozen):
    """Something that was made with a segment. It says itself which rows are meant, and stays as it is."""

    kind: Kind
    name: str


def uses(store: Store, segment: Segment) -> list[Use]:
    """What uses a segment: dashboards, kept charts, runs, a fit being set up, recipes edited and kept."""
    owner = segment.owner
    with store.reading() as catalog:
        boards = catalog.list(Dashboard, owner)  # of other tables too: their tiles may show this one
        found = [Use(kind="dashboard", name=one.name) for one in boards if _named(one, segment)]
        for version in catalog.list(Version, owner, dataset=segment.dataset):
            number = str(version.number)
            charts = catalog.list(SavedChart, owner, version=version.id)
            found += [Use(kind="chart", name=one.name) for one in charts if _named(one, segment)]
            runs = catalog.list(Run, owner, version=version.id)
            found += [
                Use(kind="run", name=one.name or str(one.spec["target"]))
                for one in runs
                if _named(one, segment)
            ]
            setups = catalog.list(Setup, owner, version=version.id)
            found += [Use(kind="setup", name=number) for one in setups if _named(one, segment)]
            drafts = catalog.list(Draft, owner, version=version.id)
            found += [Use(kind="recipe", name=number) for one in drafts if _marks(one.steps, segment)]
            if _marks((version.recipe or {}).get("steps"), segment):
                found.append(Use(kind="made", name=number))
    return found


def rename(store: Store, segment: Segment, name: str, about: str) -> Segment:
    """Another name and other words; dashboards, kept charts and settings follow, past runs do not."""
    wanted = " ".join(name.split())[:200]
    with store.writing() as catalog:
        others = catalog.list(Segment, segment.owner, dataset=segment.dataset)
        taken = {one.name.casefold() for one in others if one.id != segment.id}
        if not wanted or wanted.casefold() in taken:
            raise BadParameter(
                "A segment's name must not be empty or taken. Got {name!r}.",
                hint="Choose another name.",
                name=name[:200],
            )
        _follow(catalog, segment, wanted)
        return catalog.change(Segment, segment.id, segment.owner, name=wanted, about=about.strip()[:2_000])


def _follow(catalog: Transaction, segment: Segment, name: str) -> None:
    owner = segment.owner
    for board in catalog.list(Dashboard, owner):
        if _named(board, segment):
            parts = {key: getattr(board, key) for key in ("filters", "tiles", "undo")}
            catalog.change(Dashboard, board.id, owner, **_called(parts, segment.id, name))
    for version in catalog.list(Version, owner, dataset=segment.dataset):
        for chart in catalog.list(SavedChart, owner, version=version.id):
            if _named(chart, segment):
                filters = tuple(_called(list(chart.filter), segment.id, name))
                catalog.change(SavedChart, chart.id, owner, filter=filters)
        for setup in catalog.list(Setup, owner, version=version.id):
            if _named(setup, segment):
                catalog.change(Setup, setup.id, owner, rows=_called(setup.rows, segment.id, name))


def _called(value: Json, id: str, name: str) -> Json:
    """The same JSON, in which the filters that are this segment have this name."""
    if isinstance(value, dict):
        inner = {key: _called(one, id, name) for key, one in value.items()}
        return {**inner, "name": name} if value.get("segment") == id else inner
    if isinstance(value, list | tuple):
        return [_called(one, id, name) for one in value]
    return value


def _named(record: Dashboard | SavedChart | Run | Setup, segment: Segment) -> bool:
    """Whether a filter of the record is this segment; changes that were taken back do not count."""
    kept = record.model_dump(mode="json", exclude={"undo"})
    return f'"segment": "{segment.id}"' in json.dumps(kept)


def _marks(steps: Any, segment: Segment) -> bool:
    """Whether one of a recipe's steps marks the segment's rows, under its name or an earlier one."""
    wanted = [Selection.from_json(one) for one in segment.selections]
    return any(
        step.get("kind") == "flag_rows" and (step.get("name") == segment.name or _chosen(step) == wanted)
        for one in steps or ()
        if isinstance(step := one.get("step"), dict)
    )


def _chosen(step: dict[str, Any]) -> list[Selection] | None:
    try:
        return [Selection.from_json(one) for one in json.loads(step.get("selections") or "")]
    except (ValueError, TypeError, SightlineError):  # a step that cannot be read marks no rows
        return None


def called_now(store: Store, owner: str, filter: Filter) -> Filter:
    """A filter that was a segment when somebody kept its address, under the name that it has by now."""
    if not filter.segment:
        return filter
    try:
        return filter.model_copy(update={"name": store.get(Segment, filter.segment, owner).name})
    except NotFound:  # what was made with a segment stays when that is deleted
        return filter
