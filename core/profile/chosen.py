"""Meanings that a person has set: kept with the dataset, they stand before what a profile recognised.

choose(store, owner, dataset, "code", "postcode")        # None: as recognised again
profile = with_chosen(profile, chosen(store, owner, dataset), table, engine)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.contracts import ColumnType, Engine, Silent, Table, Watch
from core.errors import BadParameter
from core.meanings import MEANINGS
from core.personal import BY_MEANING
from core.profile.facts import ColumnProfile, Profile
from core.profile.quality import findings
from core.profile.validity import validity
from core.profile.work import Work
from core.store.records import Meanings

if TYPE_CHECKING:
    from core.store import Store

Counts = dict[str, dict[str, Any]]


def options(kind: ColumnType) -> tuple[str, ...]:
    """The meanings that a column of this storage type can have."""
    return tuple(meaning.name for meaning in MEANINGS.values() if kind in meaning.types)


def chosen(store: Store, owner: str, dataset: str) -> dict[str, str]:
    """What a person said that columns of a dataset mean: {column: meaning}."""
    found = store.list(Meanings, owner, dataset=dataset)
    return dict(found[0].chosen) if found else {}


def choose(store: Store, owner: str, dataset: str, column: str, meaning: str | None) -> None:
    """Keep what a column means; None leaves it to what the profile recognises."""
    if meaning is not None and meaning not in MEANINGS:
        raise BadParameter(
            "There is no meaning called {meaning!r}.",
            hint="There are: {known}.",
            meaning=meaning,
            known=", ".join(MEANINGS),
        )
    with store.writing() as catalog:
        kept = catalog.list(Meanings, owner, dataset=dataset)
        known = dict(kept[0].chosen) if kept else {}
        known.pop(column, None)
        if meaning is not None:
            known[column] = meaning
        if kept:
            catalog.change(Meanings, kept[0].id, owner, chosen=known)
        else:
            catalog.add(Meanings(owner=owner, dataset=dataset, chosen=known))


def with_chosen(profile: Profile, chosen: Mapping[str, str], table: Table, engine: Engine) -> Profile:
    """The profile with these meanings: valid values are counted anew, over all rows, and findings follow.

    A column that is not there, or whose storage type cannot have the meaning, keeps its own.
    """
    return with_counts(profile, chosen, counted(profile, chosen, table, engine))


def counted(
    profile: Profile, chosen: Mapping[str, str], table: Table, engine: Engine, watch: Watch | None = None
) -> Counts:
    """How many values of each column are valid and invalid for the meaning it was given, over all rows."""
    changed = list(_changed(profile, chosen).values())
    if not changed:
        return {}
    return validity(Work(table, engine, watch or Silent(), rows=profile.rows), changed)


def with_counts(profile: Profile, chosen: Mapping[str, str], counts: Mapping[str, Any]) -> Profile:
    """As `with_chosen`, with what `counted` gave; what was not counted yet is neither valid nor invalid."""
    changed = _changed(profile, chosen)
    if not changed:
        return profile
    columns = tuple(
        changed[column.name].model_copy(update=counts.get(column.name)) if column.name in changed else column
        for column in profile.columns
    )
    found = findings(columns, profile.duplicates, profile.duplicates_exact, profile.pairs)
    return profile.model_copy(update={"columns": columns, "findings": found})


def _changed(profile: Profile, chosen: Mapping[str, str]) -> dict[str, ColumnProfile]:
    return {
        column.name: _as(column, chosen[column.name])
        for column in profile.columns
        if column.name in chosen and chosen[column.name] in options(column.type) and column.present
    }


def _as(column: ColumnProfile, meaning: str) -> ColumnProfile:
    personal = column.personal
    if personal in BY_MEANING.values():  # what follows from a meaning goes with it
        personal = None
    personal = BY_MEANING.get(meaning, personal)
    changes = {"meaning": meaning, "chosen": True, "valid": None, "invalid": None, "personal": personal}
    return column.model_copy(update=changes)
