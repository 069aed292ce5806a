"""The rows of a table tile, a page at a time."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st
from sqlglot import exp

from core import sql
from core.dashboards import TableTile
from core.selection import Selection
from core.store import Version
from ui import services
from ui.behind import pack, table_of, unpack
from ui.grid import HeaderInfo, Page, fetched, grid, place
from ui.text import plain


def rows_of(
    version: Version, tile: TableTile, reached: tuple[Selection, ...], count: int, height: int
) -> None:
    """The rows that are in all the selections, with the tile's columns."""
    known = {column.name: column for column in version.columns}
    names = [name for name in tile.columns if name in known] or list(known)
    key = f"dash.rows.{tile.id}"
    page = place(key, rows=count, columns=len(names))
    data, numbers = _page(version.id, pack(reached), tuple(page.names(names)), page, services.owner())
    grid(
        data, [HeaderInfo(name, known[name].type) for name in data.column_names], key=key, page=page,
        numbers=numbers, wants=(), height=height, label=tile.title or plain("Rows"),
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=64)
def _page(
    version_id: str, packed: str, names: tuple[str, ...], page: Page, owner: str
) -> tuple[pa.Table, list[int]]:
    # the arguments name everything the answer depends on: versions are immutable
    version = services.store().get(Version, version_id, owner)
    table = table_of(version, unpack(packed))
    known = {column.name: column for column in table.columns}
    shown = fetched(known[name] for name in names)
    query = sql.over(table.query, shown, row=True).order_by(exp.column(sql.ROW, quoted=True))
    found = services.engine().rows(query.limit(page.rows).offset(page.first))
    return found.select(list(names)), [number + 1 for number in found.column(sql.ROW).to_pylist()]
