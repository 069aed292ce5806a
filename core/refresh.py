"""A table made again, from its database or by its statement: what is new, gone and changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlglot import exp

from core import rules, sql
from core.compare import RowChanges, changes, comparable, schema_changes
from core.contracts import Engine, Json, Table
from core.errors import NotFound
from core.params import Frozen
from core.store import Dataset, Store, Version, tables
from core.wording import Note, few, note


class TypeChange(Frozen):
    """A column that has another type now."""

    name: str
    before: str
    after: str


class Changes(Frozen):
    """What differs between two readings of a table."""

    before: int  # rows
    after: int
    key: tuple[str, ...] = ()  # what tells rows apart; empty: whole rows were compared
    unsure: tuple[str, ...] = ()  # a key that was not used: missing or repeated values, or another type
    added: int = 0
    removed: int = 0
    changed: int = 0  # with a key alone: rows that have it in both, with other values
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    types: tuple[TypeChange, ...] = ()

    @property
    def none(self) -> bool:
        rows = self.added or self.removed or self.changed or self.before != self.after
        return not (rows or self.columns_added or self.columns_removed or self.types)

    def said(self) -> list[Note]:
        """In sentences, the columns first."""
        if self.none:
            return [note("nothing had changed")]
        found = []
        if self.columns_added:
            found.append(note("new columns: {names}", names=few(list(self.columns_added), most=5)))
        if self.columns_removed:
            found.append(note("columns gone: {names}", names=few(list(self.columns_removed), most=5)))
        for one in self.types:
            found.append(
                note(
                    "{column} was {kind} and is {to} now",
                    column=one.name,
                    kind=one.before,
                    to=one.after,
                )
            )
        if self.added:
            found.append(note("{count:,} row added | {count:,} rows added", count=self.added))
        if self.removed:
            found.append(note("{count:,} row removed | {count:,} rows removed", count=self.removed))
        if self.changed:
            found.append(note("{count:,} row changed | {count:,} rows changed", count=self.changed))
        if self.unsure:
            found.append(
                note(
                    "{names} does not tell the rows apart, so whole rows were compared",
                    names=few(list(self.unsure), most=5),
                )
            )
        return found


def origin(store: Store, dataset: str, owner: str) -> Version | None:
    """The newest version of a dataset that was read from a database or made by a statement."""
    found = (version for version in tables.versions(store, dataset, owner) if _again(version))
    return next(found, None)


def _again(version: Version) -> bool:
    return bool(reads(version) or statement(version))


def reads(version: Version) -> str | None:
    """The connection that a version was read by."""
    source = version.source or {}
    return str(source["connection"]) if source.get("kind") == "database" else None


def statement(version: Version) -> str:
    """The statement whose rows a version holds; an empty text where none made it."""
    source = version.source or {}
    return str(source.get("statement") or "") if source.get("kind") == "statement" else ""


def made_by_statements(store: Store, owner: str) -> list[tuple[Dataset, Version]]:
    """The datasets whose rows a statement made, with the version it made last; the newest first."""
    newest: dict[str, Version] = {}
    for version in store.list(Version, owner):
        known = newest.get(version.dataset)
        if _again(version) and (known is None or version.number > known.number):
            newest[version.dataset] = version
    found = [(one, newest[one.id]) for one in store.list(Dataset, owner) if one.id in newest]
    made = [(one, version) for one, version in found if statement(version)]
    return sorted(made, key=lambda pair: pair[1].created, reverse=True)


def datasets(store: Store, connection: str, owner: str) -> list[tuple[Dataset, Version]]:
    """The datasets whose newest reading came by a connection, with that version."""
    newest: dict[str, Version] = {}
    for version in store.list(Version, owner):
        known = newest.get(version.dataset)
        if reads(version) and (known is None or version.number > known.number):
            newest[version.dataset] = version
    found = [(one, newest[one.id]) for one in store.list(Dataset, owner) if one.id in newest]
    return [(one, version) for one, version in found if reads(version) == connection]


def parameters(store: Store, dataset: str, owner: str) -> dict[str, Json] | None:
    """What the dataset's `task` is given; None when neither a database nor a statement is behind it."""
    before = origin(store, dataset, owner)
    if before is None:
        return None
    found: dict[str, Json] = {
        "dataset": dataset,
        "connection": reads(before) or "",
        "before": before.id,
        "others": rules.references(store, owner, dataset),
        "steps": [version.id for version in stepped(store, dataset, owner)]
        if store.get(Dataset, dataset, owner).again
        else [],
    }
    if text := statement(before):
        found |= {"statement": text, "tables": _now(store, before, owner)}
    return found


def task(params: Mapping[str, Json]) -> tuple[str, str]:
    """The name and the title of the task that these parameters are for."""
    if "statement" in params:
        return "refresh_statement", "Run the statement again"
    return "refresh_database", "Refresh from the database"


def _now(store: Store, version: Version, owner: str) -> dict[str, str]:
    """The tables that a statement reads, as they are now; one called by its number stays that version.

    A table that is gone keeps its id: the task says so.
    """
    found = {}
    for name, id in ((version.source or {}).get("tables") or {}).items():
        found[name] = str(id)
        with suppress(NotFound):
            was = store.get(Version, str(id), owner)
            dataset = store.get(Dataset, was.dataset, owner)
            if name == dataset.name or not name.endswith(f"@{was.number}"):
                found[name] = tables.latest(store, was.dataset, owner).id
    return found


def apply_again(store: Store, dataset: str, owner: str, *, on: bool) -> None:
    """Whether later refreshes, on request and on schedule, apply the steps of earlier versions again."""
    store.change(Dataset, dataset, owner, again=on)


def stepped(store: Store, dataset: str, owner: str) -> tuple[Version, ...]:
    """The versions that recipes made of a reading, each from the one before, up to the newest of them.

    Their steps are applied again to what is read next, where the dataset is set to that.
    """
    known = {version.id: version for version in tables.versions(store, dataset, owner)}
    for version in known.values():  # the newest first
        chain: list[Version] = []
        at: Version | None = version
        while at is not None and at.recipe is not None:
            chain.append(at)
            at = known.get(at.parent or "")
        if chain and at is not None and _again(at):
            return tuple(reversed(chain))
    return ()


def compare(before: Table, after: Table, key: Sequence[str], place: Path, engine: Engine) -> Changes:
    """What changed from one table to the other, by key where it tells rows apart in both.

    The rows that differ are listed in a file at `place`, as `core.compare` lists them.
    """
    shape, known = schema_changes(before, after, engine), comparable(before, after)
    rows = _by_key(before, after, key, place, engine) if key and set(key) <= set(known) else None
    unsure = tuple(key) if rows is None else ()
    if rows is None and known:
        rows = changes(before, after, (), place, engine, cells=False)
    told: dict[str, Any]
    if rows is None:
        told = {"before": _count(before, engine), "after": _count(after, engine)}
    else:
        told = {"before": rows.rows_a, "after": rows.rows_b, "key": rows.key}
        told |= {"added": rows.added, "removed": rows.removed, "changed": rows.changed}
    return Changes(
        unsure=unsure,
        columns_added=tuple(column.name for column in shape.added),
        columns_removed=tuple(column.name for column in shape.removed),
        types=tuple(TypeChange(**one.model_dump()) for one in shape.retyped),
        **told,
    )


def _by_key(
    before: Table, after: Table, key: Sequence[str], place: Path, engine: Engine
) -> RowChanges | None:
    """The rows that differ; None where the key is missing in a row or stands in several."""
    rows = changes(before, after, key, place, engine, cells=False)
    apart = not (rows.missing_a or rows.missing_b or rows.repeated_a or rows.repeated_b)
    return rows if apart else None


def _count(table: Table, engine: Engine) -> int:
    query = exp.select(sql.template("count(*) AS n")).from_(table.query.copy().subquery("t"))
    return int(engine.rows(query)["n"][0].as_py())
