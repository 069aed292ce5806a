"""Source, Step, Chart, Model: the architecture on one screen.

    source -> table -> recipe -> chart
                              -> features -> model -> run -> evaluate / explain / score -> report

Each family is a base class here. A member is one frozen class whose typed fields are its
parameters (see `core.params`); defining it registers it. From the class come its menu entry, its
form, its JSON, its documentation and its tests.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import Field as P
from pydantic import ValidationError, model_validator

from core.errors import BadInput, BadParameter, MissingColumn, NotFound
from core.params import Field, Frozen, fields, validated
from core.wording import Note, either, note

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    import pyarrow as pa
    from sqlglot import exp

    from core.selection import Mark, Selection

ColumnType = Literal["integer", "number", "text", "boolean", "date", "datetime"]
Task = Literal["number", "category"]
Span = tuple[float | str, float | str]  # the ends of a range on an axis
Json = Any  # None, bool, int, float, str, list or dict of these


class Column(Frozen):
    """A column's name and storage type; names are unique in a table, ignoring case."""

    name: str
    type: ColumnType


Schema = tuple[Column, ...]


@dataclass(frozen=True)
class Table:
    """Rows to work on: a query that yields `columns` and the hidden row order `core.sql.ROW`.

    `others` are the tables that steps may read beside it, by the id of their version.
    """

    query: exp.Query
    columns: Schema
    others: Mapping[str, Table] = field(default_factory=dict, compare=False, repr=False)

    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def other(self, id: str) -> Table:
        """Another table that a step reads; NotFound when there is none of this id here."""
        try:
            return self.others[id]
        except KeyError:
            raise NotFound(
                "There is no table {id!r} here to read from.",
                hint="It may have been deleted. Choose another table.",
                id=id[:80],
            ) from None


class Engine(Protocol):
    """What runs a query. Seven methods; any thread may call them at the same time."""

    def schema(self, query: exp.Query) -> Schema:
        """The columns a query yields, the hidden row order left out; runs nothing."""

    def storage(self, query: exp.Query) -> dict[str, str]:
        """The engine's own type of each column, under DuckDB's names; runs nothing."""

    def rows(self, query: exp.Query, limit: int | None = None) -> pa.Table:
        """The result as one Arrow table: for small results."""

    def batches(self, query: exp.Query, size: int = 65_536) -> Iterator[pa.RecordBatch]:
        """The result as a stream of record batches, in flat memory."""

    def write(self, query: exp.Query, place: Path) -> int:
        """Write the result as a Parquet file in the query's order; returns the rows written."""

    def held(self, query: exp.Query) -> AbstractContextManager[exp.Select]:
        """The result held ready while the context lasts: for many questions about the same rows."""

    def cancel(self) -> None:
        """Interrupt what this engine is running now; those calls raise Cancelled."""


class Watch(Protocol):
    """How long work speaks to whoever follows it. Calls are cheap; `report` is throttled by nobody."""

    def report(self, kind: str, **data: Json) -> None:
        """Append an event of this kind to the work's log."""

    def progress(self, share: float | None, message: str = "") -> None:
        """How far the work is, from 0 to 1 (None: unknown), and what it is doing, in words."""

    def stopped(self) -> bool:
        """True once a person asked for the work to stop."""


class Silent:
    """A Watch that nobody follows."""

    def report(self, kind: str, **data: Json) -> None: ...

    def progress(self, share: float | None, message: str = "") -> None: ...

    def stopped(self) -> bool:
        return False


class Member(Frozen):
    """A member of a family: its fields are its parameters, its class name gives its kind."""

    title: ClassVar[str]  # as in a menu: "Fill missing values"
    group: ClassVar[str] = ""  # the heading it stands under in a menu
    members: ClassVar[dict[str, type[Any]]]

    def __init_subclass__(cls, family: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if family:
            cls.members = {}
        elif "title" in cls.__dict__:  # a base that members share has no title of its own
            if cls.kind() in cls.members:
                raise TypeError(f"two members are called {cls.kind()}")
            cls.members[cls.kind()] = cls

    @classmethod
    def kind(cls) -> str:
        """The member's name in JSON and addresses: FillMissing -> fill_missing."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def parameters(cls) -> tuple[Field, ...]:
        return fields(cls)

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: what the user gets."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def build(cls, kind: str, values: Mapping[str, Json]) -> Any:
        """The family's member `kind` with these parameters; BadParameter when one is wrong."""
        if kind not in cls.members:
            raise BadParameter(
                "There is no {family} called {kind!r}.",
                hint="There are: {known}.",
                family=cls.__name__.lower(),
                kind=kind,
                known=", ".join(sorted(cls.members)),
            )
        return validated(cls.members[kind], values)

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> Any:
        """Read back what `to_json` wrote: {"kind": ..., parameter: value, ...}."""
        values = {key: value for key, value in document.items() if key != "kind"}
        return cls.build(str(document.get("kind", "")), values)

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind(), **self.model_dump(mode="json")}

    def check(self, columns: Schema) -> None:
        """Refuse parameters that name columns which are not there, or of a type not allowed."""
        check_fields(type(self).parameters(), self, columns, self.title)

    @classmethod
    def example(cls) -> Any:
        """A member with sensible parameters for `core.examples.TABLE`; docs and tests use it."""
        return cls()


def check_fields(rows: tuple[Field, ...], values: Any, columns: Schema, needs: str, of: str = "") -> None:
    """Refuse values that name columns which are not there, or of a type not allowed.

    With `of`, the parameters looked at are those that name columns of that other table.
    """
    known = {column.name: column.type for column in columns}
    for row in rows:
        value = getattr(values, row.name)
        if row.kind == "rows" and row.row is not None:
            for record in value:
                check_fields(fields(row.row), record, columns, needs, of)
        if row.kind not in ("column", "columns") or value is None or row.of != of:
            continue
        for column in (value,) if row.kind == "column" else value:
            if column not in known:
                raise MissingColumn(needs=needs, column=column, candidates=", ".join(near(column, known)))
            if row.types and known[column] not in row.types:
                raise BadParameter(
                    "{needs}: {title!r} takes columns of type {allowed}; {column!r} is {got}.",
                    needs=needs,
                    title=row.title,
                    allowed=either([note(kind) for kind in row.types]),
                    column=column,
                    got=note(known[column]),
                )


def near(column: str, known: Mapping[str, Any]) -> list[str]:
    """Up to five names most like `column`, or the first five when none is like it."""
    import difflib

    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(column.casefold(), list(folded), n=5, cutoff=0.5)
    return [folded[name] for name in close] or list(known)[:5]


class Account(Frozen):
    """What a source read: rows in = rows stored + rows refused, always."""

    rows_in: int = P(ge=0)
    rows: int = P(ge=0)
    refused: int = P(ge=0)
    columns: Schema
    dialect: dict[str, Json] = P(
        default_factory=dict
    )  # how the input was read, as shown and overridden on the screen
    notes: tuple[Note, ...] = ()  # what was done on the way, in words: "two columns were called id"

    @model_validator(mode="after")
    def _adds_up(self) -> Account:
        if self.rows_in != self.rows + self.refused:
            raise ValueError(f"{self.rows_in} rows in, {self.rows} stored, {self.refused} refused")
        return self


class Source(Member, family=True):
    """Where a table comes from. Its parameters say how to read, never which file."""

    needs_file: ClassVar[bool] = True
    extensions: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        """Read into a Parquet file at `place` with the six column types, in the input's order.

        Rows that do not fit go to a UTF-8 CSV at `refused` with the columns line, reason and text.
        Memory stays flat whatever the input's size. Raises BadInput naming the place and reason.
        """


class Step(Member, family=True):
    """One recorded change to a table. It never touches its input; it compiles to SQL."""

    keeps_rows: ClassVar[bool] = True  # every row stays, and stays the same row
    keeps_order: ClassVar[bool] = True  # DuckDB yields the rows in order without sorting by ROW
    Learned: ClassVar[type[Frozen]] = Frozen  # the shape of what `learn` gives: nothing, here

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """The constants this step needs from the table (medians, categories, limits), as JSON."""
        return {}

    def reads(self) -> tuple[str, ...]:
        """The ids of the other tables it reads: each is the relation `sql.other(id)` in its query.

        A step that reads others learns their columns: {"others": {id: [{"name", "type"}, ...]}}.
        In pandas code such a table is the frame `others[id]`, whose index is its row order.
        """
        return ()

    def stays(self, learned: Mapping[str, Json]) -> bool:
        """Whether with these constants every row stays the same row, once."""
        return self.keeps_rows

    def for_new_rows(self) -> Step | None:
        """The step as rows meet it that a model is asked about: all of them stay and none are added.

        None where nothing of it is left to do.
        """
        return self

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        """Refuse constants that `learn` cannot have given: they come from a file that anyone may edit.

        BadInput names the constant, its rule and what stands there.
        """
        check_constants(self.Learned, learned)

    @abstractmethod
    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        """A query over the relation named `source`, yielding the new columns and ROW."""

    @abstractmethod
    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        """Lines of pandas code that do the same to a data frame called `df`.

        Its columns have Arrow types and its index is ROW. The code may use pd, np, pa, pc
        (pyarrow.compute), dt (datetime) and math; names come in by `repr`, never by formatting.
        """

    def describe(self) -> Note:
        """The step in one short sentence, with its parameters: "Fill missing age with the median"."""
        return note(self.title)


def check_constants(shape: type[Frozen], learned: Mapping[str, Json]) -> None:
    """BadInput unless `learned` has this shape."""
    try:
        shape.model_validate(dict(learned))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise wrong_constant(place, first["msg"], first["input"]) from None


def wrong_constant(place: str, rule: str, value: Json) -> BadInput:
    """What to say of a learned constant that breaks its rule."""
    got = repr(value)
    return BadInput(
        "What it learned does not fit, at {place}: {rule}. It has {got}.",
        hint="Learn the recipe again on the table it was made for.",
        place=place[:200],
        rule=rule.removeprefix("Value error, "),
        got=got if len(got) <= 200 else got[:199] + "\u2026",
    )


class Chart(Member, family=True):
    """A typed description of a picture. It asks the engine for a small result and draws that."""

    lasting: ClassVar[bool] = False  # places with names on its axes stay the same, whatever rows are drawn

    @abstractmethod
    def data(self, table: Table, engine: Engine) -> pa.Table:
        """The aggregated rows to draw: bounded whatever the table's size."""

    @abstractmethod
    def figure(self, data: pa.Table, say: Callable[[Note], str] = str) -> go.Figure:
        """The picture of `data`: plain traces, no colours or fonts of its own theme.

        `say` gives the words on it in the reader's language; without it they are English.
        """

    @abstractmethod
    def describe(self, data: pa.Table) -> Note:
        """The picture in words, with its numbers, for whoever cannot see it."""

    BRUSHED: ClassVar[bool] = False  # a dragged box is a condition on axes: those on several axes hold all

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        """Which rows of the table stand behind this row of `data`; None: no rows of its own.

        Each point of the figure carries the number of its row of `data` first in its `customdata`.
        """
        return None

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The rows in a visible or dragged range of the axes, in their units; None: it has no ranges.

        On axes of categories the units are places, counted from 0; on axes of dates they are ISO texts.
        """
        return None

    def zoom(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The rows that are drawn anew of a range that was zoomed to; None: only the picture comes closer.

        What looks back, as running totals and forecasts do, would change its numbers without the rows
        before the range.
        """
        return self.region(data, x, y)

    def brush(self, figure: go.Figure, data: pa.Table, taken: Selection) -> None:
        """Draw on the figure which parts of its axes are taken, where the chart is `BRUSHED`."""


@dataclass(frozen=True)
class Matrix:
    """Encoded rows: `x` float64 [n, p], `y` [n] float64 (task number) or int64 class codes.

    `rows` [n] are their numbers in the table, from 0, in its order; None where there is no table.
    """

    x: np.ndarray
    y: np.ndarray
    rows: np.ndarray | None = None

    def only(self, chosen: np.ndarray) -> Matrix:
        """The rows where `chosen` [n] is true."""
        rows = None if self.rows is None else self.rows[chosen]
        return Matrix(self.x[chosen], self.y[chosen], rows)


@dataclass(frozen=True)
class Layout:
    """How a model wants its features laid out in columns."""

    centred: bool = True  # numbers have their mean taken away; without it they are only scaled
    reference: bool = True  # the most frequent category of a column has no 0/1 column of its own
    calendar: bool = False  # dates also give 0/1 columns for months and weekdays


@dataclass(frozen=True)
class TrainingData:
    """What a model is fitted on. `valid` is for early stopping and curves, never for the result."""

    train: Matrix
    valid: Matrix | None
    task: Task
    features: tuple[str, ...]  # [p] names as a person reads them: "age", "region = North"
    classes: tuple[str, ...] = ()  # labels of the class codes, in code order


class Fitted(Protocol):
    """A fitted model, on encoded features (standardised numbers and 0/1 columns)."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Task number: [n] predictions in the target's units. Category: [n, classes] probabilities."""

    def tensors(self) -> dict[str, np.ndarray]:
        """Everything `Model.load` needs, by name; written as safetensors."""

    def facts(self) -> dict[str, Json]:
        """What else is known about the fit, as JSON: solver, epochs run, device, warnings."""


class Model(Member, family=True):
    """A family of functions and the way to fit one. Its parameters are the sliders."""

    tasks: ClassVar[tuple[Task, ...]]

    def layout(self) -> Layout:
        """How this model wants its features laid out."""
        return Layout()

    def wants_validation(self) -> bool:
        """Whether some training rows are set aside for curves and early stopping."""
        return False

    @abstractmethod
    def fit(self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None = None) -> Fitted:
        """Fit on the training rows; reports an "epoch" event after each epoch of descent.

        Stops within one epoch of `watch.stopped()` and keeps the best weights so far. Descent
        keeps its state in the file `checkpoint`, and goes on from there when the file exists.
        """

    @abstractmethod
    def load(self, tensors: Mapping[str, np.ndarray], facts: Mapping[str, Json]) -> Fitted:
        """The fitted model again, from what `Fitted.tensors` and `Fitted.facts` gave."""


@dataclass
class Recorded(Silent):
    """A Watch that keeps what it is told; tests and notebooks read it."""

    events: list[dict[str, Json]] = field(default_factory=list)

    def report(self, kind: str, **data: Json) -> None:
        self.events.append({"kind": kind, **data})
