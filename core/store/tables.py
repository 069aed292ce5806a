"""Datasets and their versions: what a table is called and which immutable file holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core import sql
from core.contracts import Schema, Table
from core.errors import BadParameter, NotFound
from core.store.catalog import Store, Transaction
from core.store.files import NewObject
from core.store.records import (
    Compared,
    Dashboard,
    Dataset,
    Draft,
    Exported,
    Found,
    Link,
    Meanings,
    Prediction,
    Refresh,
    RuleResult,
    RuleSet,
    Run,
    SavedChart,
    Schedule,
    Segment,
    Setup,
    Similar,
    Summary,
    Version,
    View,
)


def add_dataset(
    store: Store,
    owner: str,
    name: str,
    *,
    object: NewObject,
    columns: Schema,
    rows: int,
    refused: NewObject | None = None,
    **origin: Any,
) -> tuple[Dataset, Version]:
    """Keep a new dataset with its first version; a name that is taken gets a number: "sales (2)"."""
    with store.writing() as catalog:
        names = [dataset.name for dataset in catalog.list(Dataset, owner)]
        dataset = catalog.add(Dataset(owner=owner, name=free_name(name, names)))
        version = _version(catalog, dataset, 1, object, columns, rows, refused, origin)
    return dataset, version


def add_version(
    store: Store,
    owner: str,
    dataset: str,
    *,
    object: NewObject,
    columns: Schema,
    rows: int,
    refused: NewObject | None = None,
    **origin: Any,
) -> Version:
    """Keep the next version of a dataset; `origin`: account, parent, recipe, source, origin."""
    with store.writing() as catalog:
        kept = catalog.get(Dataset, dataset, owner)
        numbers = [version.number for version in catalog.list(Version, owner, dataset=dataset)]
        return _version(catalog, kept, max(numbers, default=0) + 1, object, columns, rows, refused, origin)


def _version(
    catalog: Transaction,
    dataset: Dataset,
    number: int,
    object: NewObject,
    columns: Schema,
    rows: int,
    refused: NewObject | None,
    origin: dict[str, Any],
) -> Version:
    version = Version(
        owner=dataset.owner,
        dataset=dataset.id,
        number=number,
        object=object.id,
        columns=columns,
        rows=rows,
        bytes=object.bytes,
        fingerprint=object.fingerprint,
        refused=refused.id if refused else None,
        **origin,
    )
    return catalog.add(version, [object, *([refused] if refused else [])])


def versions(store: Store, dataset_id: str, owner: str) -> list[Version]:
    """A dataset's versions, the newest first."""
    return sorted(store.list(Version, owner, dataset=dataset_id), key=lambda v: -v.number)


def latest(store: Store, dataset_id: str, owner: str) -> Version:
    """The newest version of a dataset."""
    found = versions(store, dataset_id, owner)
    if not found:
        raise NotFound(
            "There is no dataset {id!r} here.", hint="It may have been deleted.", id=dataset_id[:80]
        )
    return found[0]


def newest(store: Store, datasets: Iterable[str], owner: str) -> dict[str, Version]:
    """The newest version of each of these datasets by its id; those that are not the owner's are left out."""
    found = {id: versions(store, id, owner) for id in datasets}
    return {id: known[0] for id, known in found.items() if known}


def table(store: Store, version: Version) -> Table:
    """The rows of a version, as a query over its file; beside it lie the owner's other tables."""
    place = store.place(version.object, version.owner)
    query = sql.parquet(place, [column.name for column in version.columns])
    return Table(query, version.columns, Others(store, version.owner))


class Others(Mapping[str, Table]):
    """An owner's tables by the id of their version, each looked up when it is asked for.

    A version that is not there, or is not theirs, raises NotFound.
    """

    def __init__(self, store: Store, owner: str) -> None:
        self._store, self._owner = store, owner

    def __getitem__(self, id: str) -> Table:
        return table(self._store, self._store.get(Version, id, self._owner))

    def __iter__(self) -> Iterator[str]:
        return (version.id for version in self._store.list(Version, self._owner))

    def __len__(self) -> int:
        return len(self._store.list(Version, self._owner))


def rename(store: Store, dataset_id: str, owner: str, name: str) -> Dataset:
    """Give a dataset another name; BadParameter when it is empty or another dataset has it."""
    wanted = " ".join(name.split())
    with store.writing() as catalog:
        others = {d.name.casefold() for d in catalog.list(Dataset, owner) if d.id != dataset_id}
        if not wanted or wanted.casefold() in others:
            raise BadParameter(
                "A dataset's name must not be empty or taken. Got {name!r}.",
                hint="Choose another name.",
                name=name[:200],
            )
        return catalog.change(Dataset, dataset_id, owner, name=wanted)


def remove(store: Store, dataset_id: str, owner: str) -> None:
    """Forget a dataset with all its versions, and all that was made on them."""
    with store.writing() as catalog:
        made = {version.id for version in catalog.list(Version, owner, dataset=dataset_id)}
        for page in catalog.list(Exported, owner):
            if made & set(page.beside):  # of another table's dashboard that shows this one too
                catalog.delete(Exported, page.id, owner)
        for version in catalog.list(Version, owner, dataset=dataset_id):
            for cls in (Draft, Exported, Found, SavedChart, Setup, Run, Similar, Summary, Prediction):
                for record in catalog.list(cls, owner, version=version.id):
                    catalog.delete(cls, record.id, owner)
            with_it = catalog.list(Compared, owner, version=version.id)
            for compared in (*with_it, *catalog.list(Compared, owner, before=version.id)):
                catalog.delete(Compared, compared.id, owner)
            catalog.delete(Version, version.id, owner)
        for dashboard in catalog.list(Dashboard, owner, dataset=dataset_id):
            forget_dashboard(catalog, dashboard.id, owner)
        for kind in (Meanings, RuleSet, RuleResult, Schedule, Refresh, Segment):
            for found in catalog.list(kind, owner, dataset=dataset_id):
                catalog.delete(kind, found.id, owner)
        catalog.delete(Dataset, dataset_id, owner)


def free_name(wanted: str, taken: list[str]) -> str:
    """`wanted`, or with the first number that makes it unlike the names taken, ignoring case."""
    base = " ".join(wanted.split())[:200] or "table"
    known = {name.casefold() for name in taken}
    name, number = base, 1
    while name.casefold() in known:
        number += 1
        name = f"{base} ({number})"
    return name


def forget_dashboard(catalog: Transaction, id: str, owner: str) -> None:
    """Delete a dashboard and what belongs to it: kept states, its offline page, the links to that."""
    for kind in (View, Exported, Link):
        for record in catalog.list(kind, owner, dashboard=id):
            catalog.delete(kind, record.id, owner)
    catalog.delete(Dashboard, id, owner)
