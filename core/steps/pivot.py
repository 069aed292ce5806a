"""Rows made columns: one for each value of a column, one row for each group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import StrictBool, StrictInt, StrictStr, field_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen, Number
from core.steps import lookup
from core.steps.group import NUMERIC, Function, aggregated, apart, in_pandas
from core.steps.values import code, restored
from core.steps.words import named, quoted
from core.wording import Note, note

MOST = 500  # columns that one step makes
LONGEST = 200  # characters of a new column's name


class Made(Frozen):
    """The values that become columns, and what those are called."""

    values: list[StrictBool | StrictInt | StrictStr]
    names: list[StrictStr]


class Pivot(Step):
    """Turn rows into columns: one row for each group, and a column for each value of a chosen column.

    Which columns there are is learned once, in the order of the values; on new rows a value that was
    not there then has none. In rows whose value is missing nothing is counted. Cells of which a group
    has several are put together by a function; where it has none the cell is missing, and a count is 0.
    """

    title = "Rows to columns (pivot)"
    group = "Rows"
    keeps_rows = False
    keeps_order = False
    Learned = Made

    keys: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="One row for each",
        description="Rows with the same values in these columns become one row.",
        min_length=1,
    )
    names: Annotated[str, ColumnName("text", "integer", "boolean", "date")] = P(
        title="Columns from", description="The column whose values become columns."
    )
    value: Annotated[str, ColumnName()] = P(
        title="Values from", description="The column that fills the new columns."
    )
    function: Function = P(
        default="first",
        title="Put together by",
        description="What becomes of several values in one place. "
        '"first" is the first one that is not missing.',
    )
    prefix: str = P(
        default="",
        title="Before the names",
        description='What stands before each value in the name of its column, like "price ".',
        max_length=200,
    )
    most: Annotated[int, Number(2, MOST, log=True)] = P(
        default=50,
        title="Most columns",
        description="With more different values the step is refused, so that no table grows without end.",
        ge=1,
        le=MOST,
    )

    @field_validator("keys")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> Pivot:
        return cls(keys=("region",), names="member", value="quantity", function="sum", prefix="member ")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = next(column.type for column in columns if column.name == self.value)
        if self.function in NUMERIC and kind not in ("integer", "number", "boolean"):
            raise BadParameter(
                "There is no {function} of {column!r}, which is of type {kind}.",
                hint="It takes columns of type integer, number or boolean.",
                function=self.function,
                column=self.value,
                kind=kind,
            )
        if self.names in self.keys:
            raise BadParameter(
                "Rows to columns: {column!r} cannot be a row and a column at once.",
                hint="Choose other columns for the rows.",
                column=self.names,
            )

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        kind = next(column.type for column in table.columns if column.name == self.names)
        cell = sql.name(self.names)
        sound = sql.template(":x IS NOT NULL", x=cell)
        if kind == "date":  # infinite ones cannot be kept as JSON
            sound = exp.and_(sound, sql.template("isfinite(:x)", x=cell))
        query = exp.select(exp.alias_(cell, "v")).distinct().from_(table.query.subquery("t")).where(sound)
        found = engine.rows(query.order_by("v").limit(self.most + 1)).column("v").to_pylist()
        if len(found) > self.most:
            raise BadParameter(
                "{column!r} has more than {most} different values, and each would be a column.",
                hint="Group its rare values first, or allow more columns (up to {limit}).",
                column=self.names,
                most=self.most,
                limit=MOST,
            )
        return {"values": lookup.as_json(found), "names": _names(self.prefix, found, self.keys)}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        values, names = learned["values"], learned["names"]
        kind = next(column.type for column in columns if column.name == self.names)
        if len(values) != len(names) or len(values) > MOST:
            raise wrong_constant("names", f"there must be one for each of at most {MOST} values", names)
        wrong = next((value for value in values if not lookup.is_cell(value, kind)), None)
        if wrong is not None:
            raise wrong_constant("values", f"each must fit a column of type {kind}", wrong)
        wrong = next((name for name in names if not name or not lookup.is_text(name) or "\0" in name), None)
        if wrong is not None:
            raise wrong_constant("names", "each must be a name that a column can have", wrong)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        chosen = [exp.alias_(sql.name(key), key, quoted=True) for key in self.keys]
        for value, name in zip(learned["values"], learned["names"], strict=True):
            cell = sql.template(
                "CASE WHEN :name = :value THEN :x END",
                name=sql.name(self.names), value=restored(value, kinds[self.names]), x=sql.name(self.value),
            )  # fmt: skip
            chosen.append(exp.alias_(aggregated(self.function, cell), name, quoted=True))
        first = exp.alias_(sql.template("min(:row)", row=sql.name(sql.ROW)), sql.ROW, quoted=True)
        return exp.select(*chosen, first).from_(source).group_by(*(sql.name(key) for key in self.keys))

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        keys = ", ".join(apart(key, kinds) for key in self.keys)
        lines = [f"keys = [{keys}]", "groups = {'first': pd.Series(df.index, index=df.index)"
                 ".groupby(keys, sort=False, dropna=False).min()}"]  # fmt: skip
        for place, value in enumerate(learned["values"]):
            this = code(restored(value, kinds[self.names]))
            cells = f"cells = df[{self.value!r}].where((df[{self.names!r}] == {this}).fillna(False))"
            lines += [cells, f"groups[{place}] = {in_pandas(self.function, 'cells', kinds[self.value])}"]
        names = [*self.keys, "first", *learned["names"]]
        lines += [
            "df = pd.DataFrame(groups).reset_index()",
            f"df.columns = {names!r}",
            f"df.index = pd.Index(df.iloc[:, {len(self.keys)}].to_numpy())",
            f"df = df.iloc[:, {[*range(len(self.keys)), *range(len(self.keys) + 1, len(names))]!r}]",
        ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Turn the values of {names} into columns of {value}, one row for each {keys}",
            names=quoted(self.names), value=quoted(self.value), keys=named(self.keys),
        )  # fmt: skip


def _names(prefix: str, values: Iterable[Any], keys: tuple[str, ...]) -> list[str]:
    """Values as names of columns: on one line, none blank, none twice."""
    taken = {sql.ROW, *(key.casefold() for key in keys)}
    names = []
    for value in values:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        wanted = " ".join((prefix + text).replace("\0", " ").split())[:LONGEST].strip() or "empty"
        name, number = wanted, 2
        while name.casefold() in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names
