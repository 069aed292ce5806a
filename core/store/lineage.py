"""Lineage: every source, step, query and table behind a table version, and what was made from it.

found = lineage(store, owner, version)
found.nodes    # sources first, each node after those it came from
found.edges    # (from, to), ids of nodes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from core.contracts import Json, Source
from core.errors import NotFound
from core.params import Frozen
from core.store.records import Connection, Dataset, Prediction, Run, SavedChart, Version
from core.wording import Note, note, table_size

if TYPE_CHECKING:
    from core.store.catalog import Store, Transaction

MOST = 200  # nodes: what lies farther back is counted, not listed
STATEMENT = 200  # characters of a query

Kind = Literal["source", "database", "query", "recipe", "version", "run", "chart", "prediction", "gone"]


class Node(Frozen):
    """One thing in a table's history; `record` is its id in the store, where it has one."""

    id: str
    kind: Kind
    title: Note
    detail: Note | None = None
    steps: tuple[Note, ...] = ()  # of a recipe, those that are switched on
    record: str | None = None


class Lineage(Frozen):
    """Where a table version comes from and what came of it, as a graph without circles."""

    version: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    left_out: int = 0  # tables farther back that are not listed

    def before(self, id: str) -> tuple[Node, ...]:
        """The nodes that a node comes from directly."""
        known = {node.id: node for node in self.nodes}
        return tuple(known[start] for start, end in self.edges if end == id)


def lineage(store: Store, owner: str, version_id: str) -> Lineage:
    """All that is behind a version; and the versions, runs, charts and predictions made from it."""
    with store.reading() as catalog:
        found = _Found(catalog, owner)
        found.version(catalog.get(Version, version_id, owner))
        left_out = found.back()
        found.onward(version_id)
    return Lineage(version=version_id, nodes=found.ordered(), edges=tuple(found.edges), left_out=left_out)


class _Found:
    """What was found so far: nodes by their id, edges, and versions whose past was not looked at yet."""

    def __init__(self, catalog: Transaction, owner: str) -> None:
        self._catalog, self._owner = catalog, owner
        self._names = {one.id: one.name for one in catalog.list(Dataset, owner)}
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str], None] = {}
        self._open: list[Version] = []

    def back(self) -> int:
        """Follow every table back to its sources; returns how many were too many to follow."""
        while self._open and len(self.nodes) < MOST:
            self._behind(self._open.pop(0))
        left_out, self._open = len(self._open), []
        return left_out

    def version(self, version: Version) -> str:
        if version.id not in self.nodes:
            name = self._names.get(version.dataset, "")
            size = table_size(version.rows, len(version.columns))
            title = note("{name}, version {number}", name=name, number=version.number)
            self._add(version.id, "version", title, size, record=version.id)
            self._open.append(version)
        return version.id

    def _add(
        self, id: str, kind: Kind, title: Note, detail: Note | None = None, record: str | None = None
    ) -> str:
        self.nodes.setdefault(id, Node(id=id, kind=kind, title=title, detail=detail, record=record))
        return id

    def _edge(self, start: str, end: str) -> None:
        self.edges.setdefault((start, end))

    def _named(self, id: str) -> str:
        """The node of a version that something names; one that was deleted is named as such."""
        try:
            return self.version(self._catalog.get(Version, id, self._owner))
        except NotFound:
            return self._add(id, "gone", note("a table that is no longer there"))

    def _behind(self, version: Version) -> None:
        if version.recipe is not None:
            recipe = self._recipe(version)
            for id in dict.fromkeys([*([version.parent] if version.parent else []), *_reads(version.recipe)]):
                self._edge(self._named(id), recipe)
            self._edge(recipe, version.id)
        elif version.source is not None:
            self._edge(self._source(version, version.source), version.id)
        elif version.origin:
            source = self._add(f"source {version.id}", "source", note("{text}", text=version.origin))
            self._edge(source, version.id)

    def _recipe(self, version: Version) -> str:
        steps = tuple(_described(version.recipe or {}))
        title = note("{count} step | {count} steps", count=len(steps))
        id = f"recipe {version.id}"
        self.nodes[id] = Node(
            id=id, kind="recipe", title=title, steps=steps, detail=steps[0] if len(steps) == 1 else None
        )
        return id

    def _source(self, version: Version, source: Mapping[str, Json]) -> str:
        kind = source.get("kind")
        if kind == "statement":
            query = note("{text}", text=_short(str(source.get("statement", ""))))
            title = note("SQL query, run again") if source.get("again") else note("SQL query")
            place = self._add(f"query {version.id}", "query", title, query)
            for id in dict.fromkeys((source.get("tables") or {}).values()):
                self._edge(self._named(str(id)), place)
            return place
        if kind == "selection":
            return self._selection(version, source)
        if kind == "database":
            return self._database(version, source)
        import core.sources  # noqa: F401  (so that its members have their titles)

        known = Source.members.get(str(kind))
        detail = note(known.title) if known else None
        return self._add(
            f"source {version.id}", "source", note("{text}", text=version.origin or str(kind)), detail
        )

    def _selection(self, version: Version, source: Mapping[str, Json]) -> str:
        """Rows of another table that a person picked out, with what was said of them."""
        from core.selection import Selection

        chosen = [Selection.from_json(one) for one in source.get("selections") or ()]
        words = [note("{text}", text=_short(str(one.describe(version.columns)))) for one in chosen]
        place = self._add(f"query {version.id}", "query", note("Selected rows"), words[-1] if words else None)
        for id in dict.fromkeys((source.get("tables") or {}).values()):
            self._edge(self._named(str(id)), place)
        return place

    def _database(self, version: Version, source: Mapping[str, Json]) -> str:
        """A connection, and the table or the query that was read from it."""
        id = str(source.get("connection"))
        try:
            name = self._catalog.get(Connection, id, self._owner).name
        except NotFound:
            name = version.origin.partition(": ")[0]
        database = self._add(id, "database", note("Database {name}", name=name))
        reading = source.get("reading") or {}
        text = str(reading.get("query") or "")
        if not text:
            table = ".".join(str(one) for one in (reading.get("schema_name"), reading.get("table")) if one)
            place = self._add(f"{id} {table}", "source", note("Table {name}", name=table))
        else:
            query = note("{text}", text=_short(text))
            place = self._add(f"query {version.id}", "query", note("SQL query"), query)
        self._edge(database, place)
        return place

    def onward(self, version_id: str) -> None:
        """What was made from the version: tables one step on, runs, charts, predictions."""
        for version in reversed(self._catalog.list(Version, self._owner)):
            if version.parent == version_id or _names(version, version_id):
                self.version(version)
                self._behind(version)
        self._open = []
        for run in reversed(self._catalog.list(Run, self._owner, version=version_id)):
            target = str(run.spec.get("target") or "")
            title = note("{text}", text=run.name) if run.name else note("A model of {target}", target=target)
            state = run.state
            self._edge(version_id, self._add(run.id, "run", title, note(state), record=run.id))
        for chart in reversed(self._catalog.list(SavedChart, self._owner, version=version_id)):
            title = note("{text}", text=chart.name)
            self._edge(version_id, self._add(chart.id, "chart", title, record=chart.id))
        for scored in reversed(self._catalog.list(Prediction, self._owner, version=version_id)):
            place = self._add(scored.id, "prediction", note("Predictions"), record=scored.id)
            self._edge(version_id, place)
            if scored.run in self.nodes:
                self._edge(scored.run, place)

    def ordered(self) -> tuple[Node, ...]:
        """Each node after those it came from, and close behind them."""
        waiting = dict.fromkeys(self.nodes, 0)
        onward: dict[str, list[str]] = {id: [] for id in self.nodes}
        for start, end in self.edges:
            waiting[end] += 1
            onward[start].append(end)
        ready = [id for id in reversed(self.nodes) if not waiting[id]]
        found = []
        while ready:
            id = ready.pop()
            found.append(self.nodes[id])
            for end in reversed(onward[id]):
                waiting[end] -= 1
                if not waiting[end]:
                    ready.append(end)
        return tuple(found)


def _reads(recipe: Mapping[str, Json]) -> tuple[str, ...]:
    from core.recipe import Recipe

    return Recipe.from_json(recipe).reads()


def _names(version: Version, id: str) -> bool:
    """Whether a version was made from another table of this id, by a query or a step that reads it."""
    tables = (version.source or {}).get("tables")
    if isinstance(tables, dict) and id in tables.values():
        return True
    # the id is looked for as text first: reading every recipe of a large store would take seconds
    return version.recipe is not None and id in str(version.recipe) and id in _reads(version.recipe)


def _described(recipe: Mapping[str, Any]) -> Iterator[Note]:
    from core.recipe import Recipe

    return (entry.step.describe() for entry in Recipe.from_json(recipe).steps if entry.active)


def _short(text: str) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= STATEMENT else whole[: STATEMENT - 1] + "…"
