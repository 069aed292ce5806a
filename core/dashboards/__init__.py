"""Dashboards: linked views of one or several tables, for what of them is not screen.

    board = Board.of(record)                         # tiles in order, shared filters, how tiles answer
    now = board.state()                              # what is filtered, and selected on which tile
    asked = now.asked("t1", board.answer)            # what of it reaches one tile
    answers = asker.ask(source, board.tiles, now, board.answer)    # the tiles' rows by the tiles' ids

What a person selects on a tile is a `core.selection.Selection` and reaches all other tiles: they show
its rows alone ("filter"), or all rows with these told apart by colour ("highlight"). A tile of another
table is reached by what is said of columns that its table has too.
"""

from core.dashboards.answers import Answer, answered
from core.dashboards.asking import Asker, Source
from core.dashboards.board import Board
from core.dashboards.state import Asked, State
from core.dashboards.tables import OWN, Tables
from core.dashboards.tiles import ChartTile, NumberTile, TableTile, TextTile, Tile
from core.filters import Filter

__all__ = [
    "OWN",
    "Answer",
    "Asked",
    "Asker",
    "Board",
    "ChartTile",
    "Filter",
    "NumberTile",
    "Source",
    "State",
    "TableTile",
    "Tables",
    "TextTile",
    "Tile",
    "answered",
]
