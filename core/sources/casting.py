"""From rows of text to a stored table: the types of its columns, and the rows that break an asked one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from core.contracts import Watch
from core.sources import typed
from core.sources.forms import TEXT, Form
from core.sources.records import NONE, SPACES, TAB
from core.sources.refusals import Refusals
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Casting:
    """Writes a relation of text columns c0, c1, ... as a table, each in the form that all its values have."""

    connection: Any
    names: Sequence[str]
    ways: Sequence[Form]  # that a column may be read in
    asked: Mapping[int, Form]  # the forms a person chose for columns
    missing: Sequence[str]
    delimiter: str
    scratch: Path
    place: Path
    reading: Path
    watch: Watch
    notes: list[Note] = field(default_factory=list)

    def run(
        self,
        relation: str,
        sample: pa.Table,
        refusals: Refusals | None = None,
        line_of: Callable[[int], int] = int,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[int, list[Form]]:
        """Find each column's form and write; returns the rows and the forms.

        With `refusals`, rows that break an asked type are refused: `line_of` finds their line from the
        relation's column `line`. Otherwise they are an error (see `typed.unfit`). `check` is
        called before anything is written, and may raise.
        """
        self.notes = []
        fits = typed.fitting(self.connection, sample, self.ways, self.missing)
        use, unsure = self._guess(sample, fits)
        check()
        if unsure:
            self._settle(relation, unsure, use)
        try:
            return self._write(relation, use), use
        except duckdb.Error as error:
            if not typed.unfit(error):
                raise
        self._settle(relation, {i: f for i, f in enumerate(fits) if i not in self.asked and f}, use)
        drop = bool(self.asked) and refusals is not None
        if refusals is not None and drop:
            self._refuse_unfit(relation, refusals, line_of)
        return self._write(relation, use, drop_unfit=drop), use

    def _write(self, relation: str, use: list[Form], *, drop_unfit: bool = False) -> int:
        return typed.write(
            self.connection,
            relation,
            typed.schema(self.names, use),
            use,
            self.scratch,
            self.place,
            self.watch,
            reading=self.reading,
            drop_unfit=drop_unfit,
        )

    def _guess(self, sample: pa.Table, fits: list[list[Form]]) -> tuple[list[Form], dict[int, list[Form]]]:
        use: list[Form] = []
        unsure: dict[int, list[Form]] = {}
        empty = {"", *self.missing}
        for i, some in enumerate(fits):
            form, ambiguous = typed.chosen(some)
            if i in self.asked:
                form, ambiguous = self.asked[i], False
            elif ambiguous or (some and not set(sample.column(i).unique().to_pylist()) - empty - {None}):
                unsure[i] = some
            use.append(form or TEXT)
        return use, unsure

    def _settle(self, relation: str, unsure: dict[int, list[Form]], use: list[Form]) -> None:
        self.watch.progress(None, "Finding the columns' types")
        for i, some in typed.settled(self.connection, relation, unsure).items():
            form, ambiguous = typed.chosen(some)
            use[i] = form or TEXT
            if ambiguous:
                self.notes.append(
                    note(
                        "{column!r} holds dates whose day and month could be either way round: "
                        "it stays text until the order is chosen",
                        column=self.names[i],
                    )
                )

    def _refuse_unfit(self, relation: str, refusals: Refusals, line_of: Callable[[int], int]) -> None:
        asked = self.asked
        cells = ", ".join(f"c{i}" for i in range(len(self.names)))
        casts = ", ".join(f"{form.cast(f'c{i}')} AS v{i}" for i, form in asked.items())
        tests = [f"coalesce({form.good(f'c{i}', f'v{i}')}, false)" for i, form in asked.items()]
        query = (
            f"SELECT line, [{', '.join(tests)}], {cells} "
            f"FROM (SELECT line, {cells}, {casts} FROM {relation}) "
            f"WHERE NOT ({' AND '.join(tests)}) ORDER BY line"
        )
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(2_000):
                for line, good, *row in rows:
                    wrong = next(i for i, fine in zip(asked, good, strict=True) if not fine)
                    reason = f"{self.names[wrong]}: {row[wrong]!r:.100} is no {asked[wrong].type}"
                    refusals.add(line_of(line), reason, _joined(row, self.delimiter))


def _joined(row: Sequence[str | None], delimiter: str) -> str:
    out = io.StringIO()
    mark = {TAB: "\t", SPACES: " ", NONE: ","}.get(delimiter, delimiter)
    csv.writer(out, delimiter=mark if len(mark) == 1 else ",", lineterminator="").writerow(
        ["" if cell is None else cell for cell in row]
    )
    return out.getvalue()[:1000]
