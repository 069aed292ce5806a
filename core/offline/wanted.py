"""What an offline page is to be made of: everything that it depends on, so that one wish has one page."""

from __future__ import annotations

import hashlib
from typing import Any

from core.contracts import Json, Schema
from core.dashboards import OWN, Board, ChartTile, Filter, State, TableTile
from core.filters import every
from core.offline.contents import COLUMNS
from core.params import Frozen
from core.selection import Selection
from core.store.records import Version


class Wanted(Frozen):
    """A page of these tiles, of this version, filtered so, with these filters of its own."""

    dashboard: str = ""  # empty: a chart's own page
    title: str
    version: str
    board: dict[str, Json]  # a core.dashboards.Board
    state: dict[str, Json]  # a core.dashboards.State
    filters: tuple[str, ...] = ()
    language: str = "en"
    patterns: bool = False
    beside: tuple[str, ...] = ()  # the versions of the other tables that tiles show

    @classmethod
    def of(cls, board: Board, now: State, version: Version, **more: Any) -> Wanted:
        """What is shown of a dashboard now; what the dashboard itself was kept with is no part of it."""
        bare = board.keeping(State())
        return cls(board=bare.to_json(), state=now.to_json(), version=version.id, **more)

    @classmethod
    def of_chart(
        cls, chart: dict[str, Json], rows: tuple[Selection, ...], version: Version, **more: Any
    ) -> Wanted:
        """One chart, of the rows that are in all the selections."""
        tile = ChartTile(id="chart", chart=chart, height="high")
        now = State(filters=tuple(Filter(selections=(one,)) for one in rows))
        return cls.of(Board(tiles=(tile,), across=1), now, version, **more)

    def parts(self) -> tuple[Board, State]:
        return Board.from_json(self.board), State.from_json(self.state)

    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def shows(self, columns: Schema, table: str = OWN) -> list[str]:
        """The columns of a table of which something stands in the page: drawn, listed, filtered by."""
        board, now = self.parts()
        tiles = [tile for tile in board.tiles if tile.table == table]
        own = (one for tile in tiles for one in every(tile.filters))
        asked = (*now.selections(), *now.zooms.values(), *own)
        names = {*self.filters, *(name for one in asked for name in one.columns())}
        for tile in tiles:
            if isinstance(tile, TableTile):
                names |= {*(tile.columns or [column.name for column in columns])[:COLUMNS]}
            elif tile.fits(columns):
                names |= tile.reads(columns)
        return [column.name for column in columns if column.name in names]
