"""The versions that a dashboard shows: of its own table, and the newest of each that single tiles are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.contracts import Schema
from core.dashboards import OWN, Board, Source, Tables
from core.store import Dataset, Version, tables
from ui import services


@dataclass(frozen=True)
class Shown:
    """The version of the dashboard's own table, and those of the others by their dataset."""

    own: Version
    beside: Mapping[str, Version]

    @classmethod
    def of(cls, version: Version, board: Board) -> Shown:
        """What this owner may see: of a dataset that is not theirs, or is gone, there is nothing."""
        return cls(version, tables.newest(services.store(), board.tables(), services.owner()))

    def at(self, table: str) -> Version | None:
        return self.own if table == OWN else self.beside.get(table)

    def columns(self, table: str) -> Schema:
        """The columns of a table; none where it is gone."""
        version = self.at(table)
        return version.columns if version is not None else ()

    def source(self) -> Source:
        """The tables as the tiles read them."""
        return _source(self.own, {name: _source(one, {}) for name, one in self.beside.items()})

    def tables(self, board: Board) -> Tables:
        versions = {OWN: self.own, **self.beside}
        return Tables.shown(board.tiles, {name: one.columns for name, one in versions.items()})

    def ids(self) -> tuple[str, ...]:
        """The versions beside the dashboard's own."""
        return tuple(version.id for version in self.beside.values())


def _source(version: Version, beside: Mapping[str, Source]) -> Source:
    key = f"{version.owner} {version.id}"
    return Source(key, tables.table(services.store(), version), version.rows, beside)


def called(version: Version) -> str:
    """The name of a version's table."""
    return services.store().get(Dataset, version.dataset, services.owner()).name
