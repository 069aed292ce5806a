"""The tables of a dashboard: its own, those of single tiles, and what reaches from one into another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.contracts import Schema

if TYPE_CHECKING:
    from core.dashboards.tiles import Tile
    from core.selection import Selection

OWN = ""  # the dashboard's own table; all others go by their dataset


@dataclass(frozen=True)
class Tables:
    """The columns of each table, as far as it is there, and which table each tile is of."""

    columns: Mapping[str, Schema] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def shown(cls, tiles: Iterable[Tile], columns: Mapping[str, Schema]) -> Tables:
        return cls(columns, {tile.id: tile.table for tile in tiles})

    def home(self, tile: str) -> str:
        """The table that a tile is of, by the tile's id."""
        return self.of.get(tile, OWN)

    def reaches(self, selections: Iterable[Selection], home: str, there: str) -> bool:
        """Whether what is said of the rows of one table says something of another's.

        It does where that has all of its columns, by name and type. Places in a table are its own.
        """
        if home == there:
            return True
        known, other = (
            {column.name: column.type for column in self.columns.get(name, ())} for name in (home, there)
        )
        asked = {column for one in selections for column in one.columns()}
        return all(name in known and known[name] == other.get(name) for name in asked)


ALONE = Tables()  # of a dashboard all of whose tiles are of one table
