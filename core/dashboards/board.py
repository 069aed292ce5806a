"""A dashboard as it is laid out: its tiles in order, and what they do about what is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from pydantic import ValidationError, model_validator

from core.contracts import Json
from core.dashboards.state import State
from core.dashboards.tables import OWN
from core.dashboards.tiles import ACROSS, Tile, Way, new_id
from core.errors import BadParameter, NotFound
from core.filters import Filter
from core.params import Frozen
from core.selection import Selection

if TYPE_CHECKING:
    from core.store.records import Dashboard

TILES = 40


class Board(Frozen):
    """Tiles in order in a grid of so many columns, with what it was kept with filtered, selected, zoomed."""

    tiles: Annotated[tuple[Tile, ...], P(max_length=TILES)] = ()
    across: int = P(default=2, ge=1, le=ACROSS)
    answer: Way = "filter"
    filters: tuple[Filter, ...] = ()
    picks: dict[str, Selection] = P(default_factory=dict)
    zooms: dict[str, Selection] = P(default_factory=dict)

    @model_validator(mode="after")
    def _told_apart(self) -> Board:
        if len({tile.id for tile in self.tiles}) < len(self.tiles):
            raise ValueError("two tiles have one name")
        return self

    @classmethod
    def of(cls, record: Dashboard) -> Board:
        """The parts of a record of the store. BadParameter where they cannot be read."""
        parts = {name: getattr(record, name) for name in cls.model_fields}
        return cls.from_json(parts)

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> Board:
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadParameter(
                "This is no dashboard, at {place}: {rule}.",
                hint="It may have been made by a newer Sightline.",
                place=".".join(map(str, first["loc"])) or "all of it",
                rule=first["msg"].removeprefix("Value error, "),
            ) from None

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def state(self) -> State:
        """The filters, selections and zooms it was kept with."""
        kept = State(filters=self.filters, picks=self.picks, zooms=self.zooms)
        return kept.kept(tile.id for tile in self.tiles)

    def keeping(self, now: State) -> Board:
        """The same tiles, kept with what is filtered, selected and zoomed now."""
        return self.model_copy(update={"filters": now.filters, "picks": now.picks, "zooms": now.zooms})

    def tables(self) -> tuple[str, ...]:
        """The datasets that tiles show beside the dashboard's own, each once."""
        return tuple(dict.fromkeys(tile.table for tile in self.tiles if tile.table != OWN))

    def lines(self) -> list[list[Tile]]:
        """The tiles line by line, as they fit beside each other."""
        found: list[list[Tile]] = []
        room = 0
        for tile in self.tiles:
            width = min(tile.width, self.across)
            if width > room:
                found.append([])
                room = self.across
            found[-1].append(tile)
            room -= width
        return found

    def at(self, id: str) -> int:
        """The place of a tile; NotFound where there is none of this name."""
        for place, tile in enumerate(self.tiles):
            if tile.id == id:
                return place
        raise NotFound("There is no tile {id!r} on this dashboard.", id=id[:40])

    def with_tile(self, tile: Tile) -> Board:
        """With one more tile at the end, or with this one in place of the one of its name."""
        if len(self.tiles) >= TILES and tile.id not in {one.id for one in self.tiles}:
            raise BadParameter(
                "A dashboard has at most {most} tiles.",
                hint="Begin another dashboard, or delete a tile.",
                most=TILES,
            )
        if tile.id in {one.id for one in self.tiles}:
            return self._tiles(tuple(tile if one.id == tile.id else one for one in self.tiles))
        return self._tiles((*self.tiles, tile))

    def without(self, id: str) -> Board:
        """Without a tile, and what was selected on it."""
        place = self.at(id)
        board = self._tiles(self.tiles[:place] + self.tiles[place + 1 :])
        return board.keeping(board.state())

    def moved(self, id: str, by: int) -> Board:
        """With a tile so many places farther on, or back."""
        place = self.at(id)
        to = max(0, min(len(self.tiles) - 1, place + by))
        others = [*self.tiles[:place], *self.tiles[place + 1 :]]
        return self._tiles((*others[:to], self.tiles[place], *others[to:]))

    def doubled(self, id: str) -> Board:
        """With a second tile like this one right after it."""
        place = self.at(id)
        again = self.tiles[place].model_copy(update={"id": new_id()})
        if len(self.tiles) >= TILES:
            return self.with_tile(again)  # which refuses it
        return self._tiles((*self.tiles[: place + 1], again, *self.tiles[place + 1 :]))

    def _tiles(self, tiles: tuple[Tile, ...]) -> Board:
        return self.model_copy(update={"tiles": tiles})
