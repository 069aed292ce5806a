"""Rows of a segment, marked in a column."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core.contracts import Column, ColumnType, Json, Schema, Step
from core.errors import BadParameter, SightlineError
from core.ordinal import dated
from core.params import Text
from core.selection import Mark, Selection
from core.steps.naming import NewName, target, with_result
from core.steps.words import quoted
from core.within import Within
from core.wording import Note, note

LONGEST = 200_000  # characters of what says which rows are meant


class FlagRows(Step):
    """Say in a column of its own which rows are in a segment: true or false, never missing.

    Which rows are meant is written as charts and dashboards write a selection: naming a segment there and
    using it as a column fills it in. A row must be in all selections that stand there.
    """

    title = "Mark rows of a segment"
    group = "Columns"

    name: NewName = P(
        title="Name",
        description="What the column is called. A column of the same name is replaced.",
        min_length=1,
        max_length=1_000,
    )
    selections: Annotated[
        str, Text(lines=4, example='[{"marks": [{"parts": [{"column": "region", "values": ["North"]}]}]}]')
    ] = P(
        title="Rows",
        description="A list of selections as JSON, as a chart, a dashboard or a segment gives them.",
        min_length=2,
        max_length=LONGEST,
    )

    @field_validator("selections")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            if not read(value)[0]:
                raise ValueError("a list of one selection or more is needed")
        except (ValueError, RecursionError, SightlineError) as error:
            raise ValueError(f"must be selections as JSON: {str(error)[:200]}") from None
        return value

    @classmethod
    def of(
        cls, name: str, selections: tuple[Selection, ...], kinds: Mapping[str, ColumnType] | None = None
    ) -> FlagRows:
        """The step that marks the rows that are in all these selections.

        With the columns' types the ends of its ranges of dates are written, and told, as dates.
        """
        made: FlagRows = cls.build(cls.kind(), cls.given(name, selections, kinds or {}))
        return made

    @classmethod
    def given(
        cls, name: str, selections: tuple[Selection, ...], kinds: Mapping[str, ColumnType]
    ) -> dict[str, str]:
        """The step's parameters."""
        document = [one.to_json() for one in selections]
        for part in (
            part for one in document for mark in one.get("marks", ()) for part in mark.get("parts", ())
        ):
            for end in ("low", "high"):
                if end in part:
                    part[end] = dated(kinds.get(part["column"], "number"), part[end])
        return {"name": name, "selections": json.dumps(document, ensure_ascii=False)}

    @classmethod
    def example(cls) -> FlagRows:
        north = Mark(parts=(Within(column="region", values=("North",), missing=True),))
        cheap = Mark(
            parts=(Within(column="price", low=1.0, high=10.0), Within(column="id", values=("3", "4")))
        )
        early = Within(column="day", high=19_800.0, outside=True, missing=True)
        return cls.of("early or north", (Selection(marks=(north, cheap)), Selection.of(early)))

    def chosen(self) -> tuple[Selection, ...]:
        """The selections, read."""
        return read(self.selections)[0]

    def _dates(self) -> dict[str, ColumnType]:
        """The columns of which it says itself that they hold dates or times."""
        return read(self.selections)[1]

    def with_names(self, names: Mapping[str, str]) -> FlagRows:
        """The step with columns called otherwise in its selections."""

        def called(part: Within) -> Within:
            return part.model_copy(update={"column": names.get(part.column, part.column)})

        kinds = {names.get(column, column): kind for column, kind in self._dates().items()}
        return FlagRows.of(self.name, tuple(_each(one, called) for one in self.chosen()), kinds)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for selection in self.chosen():
            if selection.by_order():
                raise BadParameter(
                    "{title}: these rows are places in the table, and another version has other rows there.",
                    hint="Select rows by what is in them.",
                    title=self.title,
                )
            if selection.looks_around():
                raise BadParameter(
                    "{title}: these rows were found by the first of their group, which other rows change.",
                    hint="Select rows by what is in them.",
                    title=self.title,
                )
            selection.where(columns)
            for part in (part for mark in selection.marks for part in mark.parts):
                for value in part.values or ():
                    _cell(value, kinds[part.column], part.column)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        node = exp.and_(*[selection.where(columns) for selection in self.chosen()])
        return with_result(source, columns, target(columns, self.name, self.name), node)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = ["met = np.full(len(df), True)"]
        for selection in self.chosen():
            lines.append(f"some = np.full(len(df), {not selection.marks})")
            for mark in selection.marks:
                tests = [_code(part, kinds[part.column]) for part in mark.parts]
                lines.append(f"some |= {' & '.join(tests) if tests else 'True'}")
            lines.append(f"met &= {'~' if selection.exclude else ''}some")
        place = target(columns, self.name, self.name)
        column = "pd.Series(met, index=df.index, dtype='bool[pyarrow]')"
        return "\n".join([*lines, f"df = df.assign(**{{{place!r}: {column}}})"])

    def describe(self) -> Note:
        dates = tuple(Column(name=quoted(column)[1:-1], type=kind) for column, kind in self._dates().items())
        first, *others = [_each(selection, _short).describe(dates, most=2) for selection in self.chosen()]
        what = first
        if others:
            rest = others[0] if len(others) == 1 else note("{count} more", count=len(others))
            what = note("{a} and {b}", a=first, b=rest)
        return note("Mark in {column} the rows where {what}", column=quoted(self.name), what=what)


def read(text: str) -> tuple[tuple[Selection, ...], dict[str, ColumnType]]:
    """Selections as the step's text has them, and the type of the columns whose ends stand there as dates."""
    document = json.loads(text)
    if not isinstance(document, list):
        raise ValueError("a list of one selection or more is needed")
    found = tuple(Selection.from_json(one) for one in document)
    parts = (part for one in document for mark in one.get("marks", ()) for part in mark.get("parts", ()))
    ends = ((part["column"], part.get(end)) for part in parts for end in ("low", "high"))
    return found, {
        column: "datetime" if len(end) > 10 else "date" for column, end in ends if isinstance(end, str)
    }


def _each(selection: Selection, change: Callable[[Within], Within]) -> Selection:
    marks = tuple(Mark(parts=tuple(map(change, mark.parts))) for mark in selection.marks)
    return selection.model_copy(update={"marks": marks})


def _short(part: Within) -> Within:
    """The condition with its names as a sentence shows them."""
    values = None if part.values is None else tuple(quoted(value)[1:-1] for value in part.values)
    return part.model_copy(update={"column": quoted(part.column)[1:-1], "values": values})


def _cell(value: str, kind: ColumnType, column: str) -> object:
    """A value of a selection as the column's type; BadParameter where it is not written as that is."""
    try:
        if kind == "text":
            return value
        if kind == "integer" and str(int(value)) == value:
            return int(value)
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        if kind == "date" and dt.date.fromisoformat(value).isoformat() == value:
            return dt.date.fromisoformat(value)
        if kind == "datetime":
            moment = dt.datetime.fromisoformat(value)
            text = moment.isoformat(sep=" ")
            if value == (text.rstrip("0") if moment.microsecond else text):
                return moment
        if kind == "number" and repr(float(value)) == value:
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise BadParameter(
        "{value!r} is no value of {column!r}, which is {kind}.",
        hint="Select the rows again on this table.",
        value=value[:80], column=column, kind=note(kind),
    )  # fmt: skip


def _code(part: Within, kind: ColumnType) -> str:
    """The condition as an expression that gives a Boolean array."""
    x = f"df[{part.column!r}]"
    empty = f"pc.is_null(pa.array({x})).to_numpy(zero_copy_only=False)"  # NaN is no missing value
    test = ""
    if part.values is not None:
        test = _among([_cell(value, kind, part.column) for value in part.values], x)
    elif part.low is not None or part.high is not None:
        test = _between(part, kind, x, empty)
    if part.outside:
        test = f"(~{empty} & ~{test})" if test else f"(~{empty})"
    if part.missing:
        test = f"({test} | {empty})" if test else empty
    return test


def _among(cells: list[object], x: str) -> str:
    """Values are compared as they are written, but 0.0 and -0.0 are one; what is not a number is itself."""
    odd = [cell for cell in cells if isinstance(cell, float) and (math.isnan(cell) or cell == 0)]
    tests = []
    if plain := [cell for cell in cells if cell not in odd]:
        tests.append(f"{x}.isin([{', '.join(map(_python, plain))}]).to_numpy(dtype=bool)")
    numbers = f"{x}.to_numpy(dtype='float64', na_value=1.0)"
    for cell in odd:
        tests.append(f"np.isnan({numbers})" if math.isnan(cell) else f"({numbers} == 0)")
    return f"({' | '.join(tests)})" if tests else "np.full(len(df), False)"


def _between(part: Within, kind: ColumnType, x: str, empty: str) -> str:
    """Numbers as they are, NaN in no range; dates as days and times as seconds since 1970."""
    stored = {"date": "int32", "datetime": "int64"}.get(kind, "float64")
    cells = f"pc.cast(pa.array({x}), pa.{stored}(), safe=False).to_numpy(zero_copy_only=False)"
    values = f"({cells} / 1e6)" if kind == "datetime" else cells
    tests = [f"~{empty}"]
    if part.low is not None:
        tests.append(f"({values} >= {part.low!r})")
    if part.high is not None:
        tests.append(f"({values} {'<=' if part.closed else '<'} {part.high!r})")
    return f"({' & '.join(tests)})"


def _python(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return f"pd.Timestamp({cell.isoformat(sep=' ')!r})"
    if isinstance(cell, dt.date):
        return f"dt.date({cell.year}, {cell.month}, {cell.day})"
    if isinstance(cell, float) and math.isinf(cell):
        return f'float("{cell}")'
    return repr(cell)
