"""A table that came from a database, read again: what is new, gone and changed since the last time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import rules, sql
from core.contracts import Engine, Json, Table
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
    """The newest version of a dataset that was read from a database."""
    found = (version for version in tables.versions(store, dataset, owner) if reads(version))
    return next(found, None)


def reads(version: Version) -> str | None:
    """The connection that a version was read by."""
    source = version.source or {}
    return str(source["connection"]) if source.get("kind") == "database" else None


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
    """What the task "refresh_database" is given for a dataset; None when no database is behind it."""
    before = origin(store, dataset, owner)
    if before is None:
        return None
    return {
        "dataset": dataset,
        "connection": reads(before),
        "before": before.id,
        "others": rules.references(store, owner, dataset),
        "steps": [version.id for version in stepped(store, dataset, owner)],
    }


def stepped(store: Store, dataset: str, owner: str) -> tuple[Version, ...]:
    """The versions that recipes made of a reading, each from the one before, up to the newest of them.

    Their steps are applied again to what is read next.
    """
    known = {version.id: version for version in tables.versions(store, dataset, owner)}
    for version in known.values():  # the newest first
        chain: list[Version] = []
        at: Version | None = version
        while at is not None and at.recipe is not None:
            chain.append(at)
            at = known.get(at.parent or "")
        if chain and at is not None and reads(at):
            return tuple(reversed(chain))
    return ()


def compare(before: Table, after: Table, key: Sequence[str], engine: Engine) -> Changes:
    """What changed from one table to the other, by key where it tells rows apart in both."""
    was = {column.name: column.type for column in before.columns}
    now = {column.name: column.type for column in after.columns}
    same = [name for name in now if was.get(name) == now[name]]
    found: dict[str, Any] = {
        "before": _count(engine, before),
        "after": _count(engine, after),
        "columns_added": tuple(name for name in now if name not in was),
        "columns_removed": tuple(name for name in was if name not in now),
        "types": tuple(
            TypeChange(name=name, before=was[name], after=now[name])
            for name in now
            if name in was and was[name] != now[name]
        ),
    }
    if key and set(key) <= set(same) and all(_tells_apart(table, key, engine) for table in (before, after)):
        rows: dict[str, Any] = {"key": tuple(key), **_by_key(before, after, key, same, engine)}
    else:
        rows = {"unsure": tuple(key), **_by_row(before, after, same, engine)}
    return Changes(**found, **rows)


def _ask(engine: Engine, question: exp.Select, **relations: exp.Query) -> dict[str, int]:
    """The numbers that a question yields; each relation may be made of those before it."""
    for name, relation in relations.items():
        question = question.with_(name, as_=relation)
    row = engine.rows(question).to_pylist()[0]
    return {name: int(value or 0) for name, value in row.items()}


def _count(engine: Engine, table: Table) -> int:
    return _ask(engine, exp.select(sql.template("count(*) AS n")).from_("t"), t=table.query)["n"]


def _tells_apart(table: Table, key: Sequence[str], engine: Engine) -> bool:
    names = [sql.name(name) for name in key]
    missing = exp.or_(*[sql.template(":x IS NULL", x=name.copy()) for name in names])
    groups = (
        exp.select(sql.template("count(*) AS n"), exp.alias_(sql.template("bool_or(:x)", x=missing), "gone"))
        .from_("t")
        .group_by(*names)
    )
    question = exp.select(sql.template("count(*) FILTER (WHERE n > 1 OR gone) AS wrong")).from_("g")
    return _ask(engine, question, t=table.query, g=groups)["wrong"] == 0


def _digest(names: Sequence[str]) -> exp.Expr:
    # 64 bits: of ten million rows, two that differ look alike once in some 400,000 refreshes
    cells: list[exp.Expr] = [sql.name(name) for name in names]
    cells = cells or [sql.literal(0)]
    return exp.Anonymous(this="hash", expressions=cells)


def _by_key(
    before: Table, after: Table, key: Sequence[str], same: Sequence[str], engine: Engine
) -> dict[str, int]:
    rest = [name for name in same if name not in key]

    def side(relation: str) -> exp.Select:
        keys = [exp.alias_(sql.name(name), f"k{i}") for i, name in enumerate(key)]
        return exp.select(*keys, exp.alias_(_digest(rest), "h")).from_(relation)

    met = exp.and_(*[sql.template(f"b.k{i} = a.k{i}") for i in range(len(key))])
    question = (
        exp.select(
            sql.template("count(*) FILTER (WHERE b.k0 IS NULL) AS added"),
            sql.template("count(*) FILTER (WHERE a.k0 IS NULL) AS removed"),
            sql.template("count(*) FILTER (WHERE b.h <> a.h) AS changed"),
        )
        .from_("b")
        .join("a", on=met, join_type="full")
    )
    return _ask(engine, question, was=before.query, now=after.query, b=side("was"), a=side("now"))


def _by_row(before: Table, after: Table, same: Sequence[str], engine: Engine) -> dict[str, int]:
    each = exp.union(
        exp.select(exp.alias_(_digest(same), "h"), sql.template("1 AS s")).from_("now"),
        exp.select(exp.alias_(_digest(same), "h"), sql.template("-1 AS s")).from_("was"),
        distinct=False,
    )
    sums = exp.select(sql.template("sum(s) AS d")).from_("each_row").group_by("h")
    question = exp.select(
        sql.template("coalesce(sum(d) FILTER (WHERE d > 0), 0) AS added"),
        sql.template("coalesce(-sum(d) FILTER (WHERE d < 0), 0) AS removed"),
    ).from_("sums")
    return _ask(engine, question, was=before.query, now=after.query, each_row=each, sums=sums)
