"""The answers of a dashboard's tiles: each asked for once, several at the same time, from one reading.

Tiles that show the same selected rows share one reading of the file: their columns of these rows are held
in the engine's memory, and all of them ask there. To hold all rows would take longer than to read them.
What was answered is kept while there is room for it, by what it depends on: the owner's version, the tile,
and the conditions that reach it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Table
from core.dashboards.answers import Answer, answered
from core.dashboards.state import Asked, State
from core.dashboards.tables import OWN, Tables
from core.dashboards.tiles import TextTile, Tile, Way
from core.errors import NotFound, SightlineError
from core.filters import every
from core.selection import Selection, selected

WORTH = 300_000  # rows of a table: below, each tile reads the file itself as quickly
MOST = 1_000_000_000  # bytes of rows and columns that are held for one dashboard at once
KEPT = 100_000_000  # bytes of answers that are kept
AT_ONCE = 4
WIDE = 16  # columns: a tile that asks about more of them reads the file itself
_ASIDE = {"id", "title", "width", "height", "answer", "filters", "table"}  # of a tile: no part of its rows
_BYTES: dict[ColumnType, int] = {"boolean": 1, "date": 4, "text": 24}  # of a value; of other types 8


@dataclass(frozen=True)
class Source:
    """The table that a dashboard shows; `key` stands for its owner and version, which never changes.

    `beside` are the tables of single tiles by their dataset.
    """

    key: str
    table: Table
    rows: int
    beside: Mapping[str, Source] = field(default_factory=dict)

    def at(self, table: str) -> Source | None:
        """The table of a tile; None where it is no longer there."""
        return self if table == OWN else self.beside.get(table)

    def tables(self, tiles: Iterable[Tile]) -> Tables:
        """What is known of the tables of these tiles."""
        columns = {name: one.table.columns for name, one in self.beside.items()}
        return Tables.shown(tiles, {OWN: self.table.columns, **columns})


@dataclass(frozen=True)
class _Question:
    tile: Tile
    asked: Asked
    own: Selection | None
    flag: str
    zoom: Selection | None

    def key(self, source: Source) -> str:
        tile = self.tile.model_dump_json(exclude=_ASIDE)
        asked = self.asked.model_dump_json(exclude_defaults=True)
        own = "" if self.own is None else self.own.model_dump_json(exclude_defaults=True)
        zoom = "" if self.zoom is None else self.zoom.model_dump_json(exclude_defaults=True)
        return "\n".join((source.key, tile, asked, own, self.flag, zoom))

    def reads(self, table: Table) -> frozenset[str]:
        asked = (*self.asked.highlight, *every(self.tile.filters))
        conditions = frozenset(c for one in asked for c in one.columns())
        return (self.tile.reads(table.columns) | conditions) & frozenset(table.names())


class Asker:
    """Asks the engine what tiles show; one for all sessions of a server."""

    def __init__(self, engine: Engine, *, kept: int = KEPT, at_once: int = AT_ONCE) -> None:
        self._engine, self._room = engine, kept
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="tile")
        self._known: OrderedDict[str, Answer] = OrderedDict()
        self._taken = 0
        self._lock = threading.Lock()

    def ask(
        self, source: Source, tiles: Sequence[Tile], now: State, way: Way, flag: str = "selected"
    ) -> dict[str, Answer]:
        """The answer of each tile by its id."""
        found: dict[str, Answer] = {}
        open_: dict[tuple[str, tuple[Selection, ...]], list[_Question]] = {}
        tables = source.tables(tiles)
        for tile in tiles:
            own = source.at(tile.table)
            if isinstance(tile, TextTile):
                found[tile.id] = Answer()
                continue
            if own is None:
                found[tile.id] = Answer(error=_gone())
                continue
            asked, pick, zoom = now.asked(tile, way, tables), now.picks.get(tile.id), now.zooms.get(tile.id)
            question = _Question(tile, asked, pick, flag, zoom)
            if (known := self._look(question.key(own))) is not None:
                found[tile.id] = known
            elif (wrong := _misfit(tile, own.table)) is not None:
                found[tile.id] = Answer(error=wrong)
            else:
                open_.setdefault((tile.table, asked.filter), []).append(question)
        for (table, filters), questions in open_.items():
            found |= self._together(source.at(table) or source, filters, questions)
        return found

    def _together(
        self, source: Source, filters: tuple[Selection, ...], questions: Sequence[_Question]
    ) -> dict[str, Answer]:
        """The answers of questions about the same rows of a table."""
        rows = selected(source.table, *filters)
        with ExitStack() as stack:
            shared = [one for one in questions if len(one.reads(source.table)) <= WIDE]
            held = self._held(source, rows, shared, stack) if filters else None

            def work(question: _Question) -> Answer:
                table = held if held is not None and question in shared else rows
                return answered(
                    question.tile, table, self._engine, question.asked, question.own, question.flag,
                    question.zoom, source.table,
                )  # fmt: skip

            count = self._threads.submit(self._count, rows if held is None else held)
            waiting = [self._threads.submit(work, question) for question in questions]
            answers = [replace(one.result(), rows=count.result()) for one in waiting]
        for question, answer in zip(questions, answers, strict=True):
            self._keep(question.key(source), answer)
        return {question.tile.id: answer for question, answer in zip(questions, answers, strict=True)}

    def _held(
        self, source: Source, rows: Table, questions: Sequence[_Question], stack: ExitStack
    ) -> Table | None:
        """The rows held ready, where several questions would read a long file; None where they are not."""
        if source.rows < WORTH or len(questions) < 2:
            return None
        names = frozenset().union(*(question.reads(source.table) for question in questions))
        columns = tuple(column for column in source.table.columns if column.name in names)
        width = 8 + sum(_BYTES.get(column.type, 8) for column in columns)
        if source.rows * width > MOST and self._count(rows) * width > MOST:
            return None
        chosen = {column.name: sql.name(column.name) for column in columns}
        held = stack.enter_context(self._engine.held(sql.over(rows.query, chosen, row=True)))
        return Table(held, columns, source.table.others)

    def _count(self, rows: Table) -> int:
        query = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(rows.query.copy().subquery("t"))
        return int(self._engine.rows(query).column("n")[0].as_py())

    def _look(self, key: str) -> Answer | None:
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            return known

    def _keep(self, key: str, answer: Answer) -> None:
        """Keep an answer, and let go of those that nobody asked for longest."""
        with self._lock:
            before = self._known.pop(key, None)
            self._known[key] = answer
            self._taken += _size(answer) - (0 if before is None else _size(before))
            while self._taken > self._room and len(self._known) > 1:
                _, gone = self._known.popitem(last=False)
                self._taken -= _size(gone)


def _gone() -> NotFound:
    return NotFound(
        "The table of this tile is no longer there.", hint="Delete the tile, or add it anew of another table."
    )


def _misfit(tile: Tile, table: Table) -> SightlineError | None:
    """Why a tile does not fit the table's columns, all of which are named there."""
    try:
        tile.check(table.columns)
    except SightlineError as error:
        return error
    return None


def _size(answer: Answer) -> int:
    """Bytes of an answer, its key and its keeping among them."""
    return 5_000 + (0 if answer.data is None else int(answer.data.nbytes))
