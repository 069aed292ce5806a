"""What stands in an offline page: each tile's answer for each combination of the filters' groups."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from core import sql
from core.charts.coding import codes
from core.charts.drawing import Say, coloured, shown
from core.charts.heads import readable
from core.charts.words import INFINITE, number
from core.contracts import Engine, Json, Table
from core.dashboards import (
    OWN,
    Answer,
    Asker,
    Board,
    ChartTile,
    Filter,
    NumberTile,
    Source,
    State,
    TableTile,
)
from core.dashboards.tiles import Tile
from core.errors import Cancelled, LimitReached, SightlineError
from core.look import SEQUENTIAL, stacked
from core.offline.choices import Choice, Option
from core.selection import Mark, selected
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROWS = 50  # of a table tile
COLUMNS = 30
CELL = 200  # characters
TABLE = 100  # rows of a chart's table
DOORS = 500  # marks of a chart that choose in a filter
BYTES = 24_000_000  # of all answers, packed
HEIGHTS = {"low": 240, "middle": 360, "high": 560}
ALL = "all0rows"  # the name of no tile
Told = Callable[[float], None]  # how far it is, from 0 to 1


@dataclass(frozen=True)
class Contents:
    """The tiles, the filters, and the packed answers: one for each combination, the last filter fastest."""

    board: Board
    choices: tuple[Choice, ...]
    titles: dict[str, str]
    filtered: Note | None  # what was filtered and selected when it was made, and stays
    rows: int  # of these rows, without the page's own filters
    views: tuple[str, ...]

    @classmethod
    def of(
        cls, asker: Asker, engine: Engine, source: Source, board: Board, now: State,
        found: tuple[Choice, ...] = (), *, say: Say = str, told: Told = lambda share: None,
    ) -> Contents:  # fmt: skip
        """Ask for everything. LimitReached where it would be too long for a file that people send around."""
        every = [*product(*((None, *one.options) for one in found))]
        views: list[str] = []
        size, whole = 0, 0
        for place, chosen in enumerate(every):
            state = now.filtered(*(Filter(selections=(one.selection,)) for one in chosen if one))
            view = View(engine, source, board, state, found, say)
            rows, text = view.text(asker)
            views.append(base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode())
            whole = rows if place == 0 else whole
            size += len(views[-1])
            if size > BYTES:
                raise LimitReached(
                    "The page would have more than {most:,} bytes of answers.",
                    hint="Choose fewer filters, or filters with fewer groups, or fewer tiles.",
                    most=BYTES,
                )
            told((place + 1) / len(every))
        titles = {tile.id: titled(tile, say) for tile in board.tiles}
        return cls(board, found, titles, _words(now, source, board), whole, tuple(views))


def unreached(what: Note) -> Note:
    """That a condition says nothing of the rows of a tile of another table."""
    return note("Not reached by “{what}”: its table has no such column.", what=what)


def titled(tile: Tile, say: Say) -> str:
    """What a tile is called; one that cannot be read is still a tile, and says why."""
    try:
        return tile.title or say(tile.words())
    except SightlineError:
        return say(note("Chart"))


def _words(now: State, source: Source, board: Board) -> Note | None:
    tables = source.tables(board.tiles)
    picks = (Filter(selections=(pick,), table=tables.home(id)) for id, pick in now.picks.items())
    words = [
        selection.describe(tables.columns.get(one.table, ()))
        for one in (*now.filters, *picks)
        for selection in one.selections
    ]
    if not words:
        return None
    found = words[0]
    for other in words[1:]:
        found = note("{a} and {b}", a=found, b=other)
    return found


@dataclass(frozen=True)
class View:
    """All tiles under one combination."""

    engine: Engine
    source: Source
    board: Board
    state: State
    choices: tuple[Choice, ...]
    say: Say

    def text(self, asker: Asker) -> tuple[int, str]:
        """How many rows it is about, and its tiles as JSON."""
        tiles = (*self.board.tiles, NumberTile(id=ALL))
        answers = asker.ask(self.source, tiles, self.state, self.board.answer, self.say(note("selected")))
        count = answers[ALL].data
        rows = 0 if count is None else int(count.column("rows")[0].as_py())
        parts = [
            f"{json.dumps(tile.id)}:{drawn}"
            for tile in self.board.tiles
            if (drawn := self._tile(tile, answers[tile.id]))
        ]
        return rows, f'{{"rows":{rows},"tiles":{{{",".join(parts)}}}}}'

    def _tile(self, tile: Tile, answer: Answer) -> str:
        if isinstance(answer.error, Cancelled):
            raise answer.error
        if answer.error is not None:  # without its hint: that may name columns which are on no tile
            return _json({"error": self.say(note(answer.error.template, **answer.error.values))})
        if isinstance(tile, ChartTile):
            return self._chart(tile, answer)
        if isinstance(tile, NumberTile):
            found = self._number(tile, answer)
            return _json({**found, "words": " · ".join((found["words"], *self._own(tile)))})
        return _json(self._table(tile, answer)) if isinstance(tile, TableTile) else ""

    def _chart(self, tile: ChartTile, answer: Answer) -> str:
        chart, data = answer.chart, answer.data
        assert chart is not None
        assert data is not None
        figure = chart.figure(data, self.say)
        if tile.title:
            figure.update_layout(title_text=shown(tile.title, 120))
        figure.update_layout(height=HEIGHTS[tile.height])
        table = readable(chart, data, self.say)
        stacked(figure, HEIGHTS[tile.height])
        told = {
            "name": _read(figure.layout.title.text) or titled(tile, self.say),
            "words": self.say(chart.describe(data)),
            "own": " ".join(self._own(tile)),
            "table": {**_cells(table, table.column_names, TABLE), "count": data.num_rows},
            "doors": self._doors(tile, answer, data.num_rows),
            "codes": codes(figure),
        }  # fmt: skip
        return f'{_json(told)[:-1]},"figure":{_plain(figure)}}}'

    def _doors(self, tile: Tile, answer: Answer, rows: int) -> dict[str, list[list[int]]]:
        """By row of data: what to choose in the page's filters to see the rows of its mark alone."""
        tables = self.source.tables(self.board.tiles)
        known = {
            part: [at, place]
            for at, choice in enumerate(self.choices)
            for place, option in enumerate(choice.options, 1)
            if (part := _part(option)) is not None and tables.reaches((option.selection,), OWN, tile.table)
        }
        found = {}
        for row in range(min(rows, DOORS) if known else 0):
            mark = answer.mark(row)
            steps = [known[part] for part in mark.parts if part in known] if mark else []
            if steps:
                found[str(row)] = steps
        return found

    def _own(self, tile: Tile) -> list[str]:
        """The rows that a tile shows alone, and what does not reach it, in words."""
        tables = self.source.tables(self.board.tiles)
        own = [note("Only rows where {what}.", what=one.describe(tables.columns.get(tile.table, ())))
               for one in tile.filters]  # fmt: skip
        missed = self.state.missed(tile, self.board.answer, tables)
        own += [unreached(one.describe(tables.columns.get(one.table, ()))) for one in missed]
        return [self.say(one) for one in own]

    def _number(self, tile: NumberTile, answer: Answer) -> dict[str, Json]:
        assert answer.data is not None
        (row,) = answer.data.to_pylist()
        words = [note("of {count:,} row | of {count:,} rows", count=int(row["rows"]))]
        if (apart := tile.apart(answer.data)) is not None:
            words = [tile.what(answer.data, tile.column), *words, apart]
        if "value_all" in row:
            words.append(
                note("{value} of all {count:,}", value=number(row["value_all"]), count=int(row["rows_all"]))
            )
        if row["infinite"]:
            words.append(note(INFINITE, count=int(row["infinite"])))
        return {"value": number(row["value"]), "words": " · ".join(map(self.say, words))}

    def _table(self, tile: TableTile, answer: Answer) -> dict[str, Json]:
        assert answer.data is not None
        source = self.source.at(tile.table) or self.source
        known = source.table.names()
        names = [name for name in tile.columns if name in known] or known
        tables = self.source.tables(self.board.tiles)
        reached = self.state.asked(tile, self.board.answer, tables).everything()
        table: Table = selected(source.table, *reached)
        kept = {name: sql.name(name) for name in names[:COLUMNS]}
        query = sql.over(table.query, kept, row=True).order_by(exp.column(sql.ROW, quoted=True)).limit(ROWS)
        found = self.engine.rows(query).select(list(kept))
        count = int(answer.data.column("rows")[0].as_py())
        told = {**_cells(found, list(kept), ROWS), "count": count, "columns": len(names)}
        return {"table": told, "words": " · ".join(self._own(tile))}


def _read(title: str | None) -> str:
    """A picture's title as it is read: without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", " ", title or "")).strip()


def _part(option: Option) -> Any:
    marks = option.selection.marks
    return marks[0].parts[0] if len(marks) == 1 and _single(marks[0]) else None


def _single(mark: Mark) -> bool:
    return len(mark.parts) == 1


def _cells(data: pa.Table, names: list[str], most: int) -> dict[str, Json]:
    """The first rows as text."""
    rows = data.select(names).slice(0, most).to_pylist()
    return {"names": names, "cells": [[_cell(row[name]) for name in names] for row in rows]}


def _cell(value: object) -> str:
    if isinstance(value, float) or value is None:
        return number(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "\u2026"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


_SVG = {"scattergl": "scatter", "scatterpolargl": "scatterpolar"}


def _plain(figure: go.Figure) -> str:
    """The figure as JSON; without a template (the page has its own) and without WebGL, which compiles."""
    from plotly.io.json import to_json_plotly

    document = coloured(figure, (), SEQUENTIAL).to_plotly_json()
    document["layout"].pop("template", None)
    for trace in document["data"]:
        trace["type"] = _SVG.get(trace["type"], trace["type"])
    return str(to_json_plotly(document))
