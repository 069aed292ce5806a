"""A table on the screen, with what each column holds drawn in its header.

    page = place("profile.rows", rows=version.rows, columns=len(version.columns))
    event = grid(data, headers, key="profile.rows", page=page)
    if event is not None and event.kind == "header":
        ...                                   # the person pressed the head of event.column

What a person gets: names with storage type and meaning; under each a bar of valid, invalid and
empty values and a small distribution; cells as they are stored, stray spaces, line ends and missing
values made visible; changed cells marked, each with the value it had before. Column and row heads
stay in sight while the rest scrolls, and a head's edge can be dragged to make its column wider.

What a page gets back is the one thing that was just done, as a `GridEvent`: a head, the type and
meaning in it, a part of its bar or a cell was pressed, or text inside a cell was selected. `wants` says
which of these the page listens to; the others cost no rerun. Rows and columns beyond the page are
fetched by turning it: the page number is the component's own state, and `place` reads it before the
rows are asked for.

By keyboard: Tab reaches the grid, arrow keys walk from head to head, down to its type, the parts of its bar
and to the cells (Home, End, Page Up and Down too), Enter presses, Shift with left and right selects
text inside a cell and Enter then hands it over.

Names and cells are other people's text: they travel as JSON and are written by `textContent` and
`setAttribute` alone. The markup, style and script beside this file are constants of the product,
sent by Streamlit itself (components v2, no frame): the page's content policy stays as it is. What is
sent is bounded: at most `COLUMNS` columns, `CELLS` cells, `LONGEST` characters of a cell; `fetched`
asks the engine for no more of a text than that.
"""

from ui.grid.heads import Bars, HeaderInfo, Values, header
from ui.grid.table import CELLS, COLUMNS, LONGEST, GridEvent, Page, fetched, grid, place

__all__ = [
    "CELLS",
    "COLUMNS",
    "LONGEST",
    "Bars",
    "GridEvent",
    "HeaderInfo",
    "Page",
    "Values",
    "fetched",
    "grid",
    "header",
    "place",
]
