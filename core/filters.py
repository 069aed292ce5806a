"""Rows with a name: what a segment is wherever it is used, as a filter of a page or the rows of a fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field as P

from core.contracts import Schema
from core.params import Frozen
from core.selection import Selection
from core.wording import Note, note


class Filter(Frozen):
    """The rows that are in all these selections; `name` is the segment's, where it is one.

    It says itself which rows are meant: what uses a segment stays as it is when that is deleted.
    """

    selections: Annotated[tuple[Selection, ...], P(min_length=1, max_length=20)]
    name: str = P(default="", max_length=200)
    segment: str = P(default="", max_length=100)  # its id in the store
    table: str = P(default="", max_length=100)  # the dataset it is of, where that is not the page's own

    def describe(self, columns: Schema) -> Note:
        """Its name, or what is true of its rows."""
        return note("{name}", name=self.name) if self.name else self.words(columns)

    def words(self, columns: Schema) -> Note:
        """What is true of its rows."""
        words = [selection.describe(columns) for selection in self.selections]
        found = words[0]
        for other in words[1:]:
            found = note("{a} and {b}", a=found, b=other)
        return found


def every(filters: Iterable[Filter]) -> tuple[Selection, ...]:
    """What rows are in that all the filters leave."""
    return tuple(one for each in filters for one in each.selections)
