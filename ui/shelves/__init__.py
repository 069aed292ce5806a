"""The fields of a table and the shelves of a chart: a field is dragged onto a shelf, or picked by keyboard.

    event = board(fields, shelves, key="charts.board")
    if event is not None and event.kind == "put":
        ...                                   # event.column was put on event.shelf, from event.source

What a person gets: the columns with their type and meaning as a small sign, those in use marked, a box
to find one among many; beside them the shelves with what stands on each. A field is dragged onto a
shelf, from shelf to shelf, or off it; a press on a field adds it where its meaning asks for it.

By keyboard: Tab goes from field to field (Enter adds one) and to the shelves, each of which has a list of
the columns it takes and a button for each column on it that takes it off.

What a page gets back is the one thing that was just done, once. Names are other people's text: they
travel as JSON and are written by `textContent` alone; what comes back is checked against what was sent.
"""

from ui.shelves.board import BoardEvent, FieldInfo, Shelf, board

__all__ = ["BoardEvent", "FieldInfo", "Shelf", "board"]
