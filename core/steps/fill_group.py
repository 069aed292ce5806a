"""Missing values filled from the rows of the same group: the median price of a region, not of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as P
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr, field_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadParameter
from core.params import ColumnNames, Frozen, Number
from core.steps import lookup
from core.steps.missing import FillMissing
from core.steps.values import code, restored
from core.steps.words import named
from core.wording import Note, note

GROUPS = 20_000  # groups that are kept for one column: those with the most values
MOST = 4  # columns that make a group

Cell = StrictBool | StrictInt | StrictFloat | StrictStr


class GroupValues(Frozen):
    """The groups of one column, a list of cells for each column that makes them, and each one's value."""

    keys: list[list[Cell | None]]
    values: list[Cell]


class Filling(Frozen):
    """What was learned: the groups of each column, and the value of all rows where that is asked for."""

    groups: dict[str, GroupValues] = P(default_factory=dict)
    overall: dict[str, Cell | None] = P(default_factory=dict)


class FillByGroup(Step):
    """Replace missing values by what is usual in the row's group: the mean, the median or the most frequent.

    The values are learned from the table once and used again on new rows. A missing key is a group of its
    own. Rows of a group that has too few values, or that was not there when the step learned, get the
    value of all rows, or stay as they are. Of equally frequent values the smallest counts. A column of
    whole numbers stays one when all learned values are whole. The 20,000 groups with the most values are
    kept. Infinite values do not count.
    """

    title = "Fill by group"
    group = "Missing values"
    keeps_order = False  # found with a join
    Learned = Filling

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns whose missing values are filled.", min_length=1
    )
    by: Annotated[tuple[str, ...], ColumnNames("text", "integer", "boolean", "date")] = P(
        title="Group by",
        description="Rows with the same values in these columns form a group; up to four columns.",
        min_length=1,
        max_length=MOST,
    )
    method: Literal["median", "mean", "most frequent"] = P(
        default="median",
        title="Fill with",
        description="Mean and median need columns of numbers; the most frequent value takes any column.",
    )
    least: Annotated[int, Number(1, 100, 1)] = P(
        default=1,
        title="Fewest values",
        description="A group with fewer values says nothing.",
        ge=1,
        le=1_000_000,
    )
    otherwise: Literal["the value of all rows", "stay missing"] = P(
        default="the value of all rows",
        title="Otherwise",
        description="What rows get whose group says nothing.",
    )

    @field_validator("columns", "by")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> FillByGroup:
        return cls(columns=("price", "quantity"), by=("region", "member"))

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if both := [column for column in self.columns if column in self.by]:
            raise BadParameter(
                "Fill by group: {column!r} cannot say what its own value is.",
                hint="Choose another column to group by.",
                column=both[0],
            )
        kinds = {column.name: column.type for column in columns}
        for column in self.columns:
            if self.method != "most frequent" and kinds[column] not in ("integer", "number"):
                raise BadParameter(
                    "Fill by group: the {method} needs a column of numbers; {column!r} is {kind}.",
                    hint="Choose most frequent for it.",
                    method=self.method,
                    column=column,
                    kind=kinds[column],
                )

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        kinds = {column.name: column.type for column in table.columns}
        overall: dict[str, Json] = {}
        if self.otherwise == "the value of all rows":
            overall = FillMissing(columns=self.columns, method=self.method).learn(table, engine)["values"]
        groups = {}
        for column in self.columns:
            rows = engine.rows(self._usual(table, column, kinds))
            keys = [lookup.as_json(rows.column(f"k{place}").to_pylist()) for place in range(len(self.by))]
            values = lookup.as_json(rows.column("v").to_pylist())
            if kinds[column] == "integer" and all(value == int(value) for value in values):
                values = [int(value) for value in values]
            groups[column] = {"keys": keys, "values": values}
        return {"groups": groups, "overall": overall}

    def _usual(self, table: Table, column: str, kinds: Mapping[str, ColumnType]) -> exp.Select:
        """The groups with enough values of a column, and what is usual in each."""
        cell = sql.name(column)
        sound = sql.template(":x IS NOT NULL", x=cell)
        for name in (column, *self.by):
            if kinds[name] in ("number", "date", "datetime"):  # infinite ones cannot be kept as JSON
                finite = sql.template("COALESCE(isfinite(:x), TRUE)", x=sql.name(name))
                sound = exp.and_(sound, finite)
        keys = [exp.alias_(sql.name(name), f"k{place}") for place, name in enumerate(self.by)]
        places = [f"k{place}" for place in range(len(self.by))]
        if self.method == "most frequent":
            # 0.0 + x: minus zero and zero are one value
            value = sql.template("0.0 + :x", x=cell) if kinds[column] == "number" else cell
            counts = exp.select(*keys, exp.alias_(value, "v"), exp.alias_(sql.template("count(*)"), "m"))
            counts = counts.from_(table.query.subquery("t")).where(sound)
            counts = counts.group_by(*(str(place) for place in range(1, len(self.by) + 2)))
            by = ", ".join(places)
            ranked = exp.select(
                "*",
                exp.alias_(
                    sql.template(f"row_number() OVER (PARTITION BY {by} ORDER BY m DESC, v)"), "place"
                ),
                exp.alias_(sql.template(f"sum(m) OVER (PARTITION BY {by})"), "n"),
            ).from_(counts.subquery("counted"))
            found = exp.select(*places, "v", "n").from_(ranked.subquery("ranked")).where("place = 1")
        else:
            function = "avg(:x)" if self.method == "mean" else "median(:x)"
            found = exp.select(
                *keys,
                exp.alias_(sql.template(function, x=cell), "v"),
                exp.alias_(sql.template("count(:x)", x=cell), "n"),
            )
            found = found.from_(table.query.subquery("t")).where(sound)
            found = found.group_by(*(str(place) for place in range(1, len(self.by) + 1)))
        enough = exp.select("*").from_(found.subquery("usual"))
        enough = enough.where(sql.template("n >= :least", least=self.least))
        return enough.order_by(exp.column("n").desc(), *places).limit(GROUPS)

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        kinds = {column.name: column.type for column in columns}
        for column in self.columns:
            found = learned.get("groups", {}).get(column)
            if found is None:
                raise wrong_constant(f"groups.{column}", "it is missing", learned.get("groups"))
            kind = "number" if self._wide(column, kinds, learned) else kinds[column]
            self._check_groups(f"groups.{column}", found, kinds, kind)
            if self.otherwise == "the value of all rows":
                if column not in learned.get("overall", {}):
                    raise wrong_constant(f"overall.{column}", "it is missing", learned.get("overall"))
                if not lookup.is_cell(learned["overall"][column], kind):
                    rule = f"it must fit a column of type {kind}"
                    raise wrong_constant(f"overall.{column}", rule, learned["overall"][column])

    def _check_groups(
        self, place: str, found: Mapping[str, Json], kinds: Mapping[str, ColumnType], kind: ColumnType
    ) -> None:
        keys, values = found["keys"], found["values"]
        if len(keys) != len(self.by) or any(len(part) != len(values) for part in keys):
            raise wrong_constant(place, "it must give each group one value", found)
        for part, of in (
            (values, kind),
            *((part, kinds[by]) for part, by in zip(keys, self.by, strict=True)),
        ):
            wrong = next((cell for cell in part if not lookup.is_cell(cell, of)), None)
            if wrong is not None:
                raise wrong_constant(place, f"each must fit a column of type {of}", wrong)
        cells = [[restored(cell, kinds[by]) for cell in part] for part, by in zip(keys, self.by, strict=True)]
        if len(values) > GROUPS or len(set(zip(*cells, strict=True))) < len(values):
            raise wrong_constant(place, f"it must name at most {GROUPS} groups, each once", found)

    def _wide(self, column: str, kinds: Mapping[str, ColumnType], learned: Mapping[str, Json]) -> bool:
        """Whether a column of whole numbers becomes one of numbers: a mean of 2.5 is filled in as 2.5."""
        found = [*learned["groups"][column]["values"], self._overall(column, learned)]
        return kinds[column] == "integer" and any(isinstance(value, float) for value in found)

    def _overall(self, column: str, learned: Mapping[str, Json]) -> Json:
        return learned.get("overall", {}).get(column) if self.otherwise != "stay missing" else None

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name, "s") for column in columns}
        joins = []
        for place, column in enumerate(self.columns):
            wide = self._wide(column, kinds, learned)
            kind: ColumnType = "number" if wide else kinds[column]
            cell, alias = exp.cast(chosen[column], sql.STORAGE[kind]) if wide else chosen[column], f"g{place}"
            overall = restored(self._overall(column, learned), kind)
            usual = exp.column("v", table=alias, quoted=True)
            chosen[column] = sql.template(
                "coalesce(:x, :v, :all)", x=cell, v=usual, all=_typed(overall, kind)
            )
            joins.append((alias, learned["groups"][column], kind))
        query = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in chosen.items()])
        query = query.select(sql.name(sql.ROW, "s")).from_(exp.alias_(exp.to_table(source), "s", table=True))
        for alias, found, kind in joins:
            lists: dict[str, Any] = {
                f"k{place}": (part, kinds[by])
                for place, (part, by) in enumerate(zip(found["keys"], self.by, strict=True))
            }
            same = [
                sql.template(
                    ":x IS NOT DISTINCT FROM :k",
                    x=sql.name(by, "s"),
                    k=exp.column(f"k{place}", table=alias, quoted=True),
                )
                for place, by in enumerate(self.by)
            ]
            known = lookup.relation(alias, {**lists, "v": (found["values"], kind)})
            query = query.join(known, on=exp.and_(*same), join_type="left")
        return query

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        parts = ", ".join(f"pa.array(df[{by!r}]).to_pylist()" for by in self.by)
        lines = [f"groups = list(zip({parts}))"]
        for column in self.columns:
            kind: ColumnType = "number" if self._wide(column, kinds, learned) else kinds[column]
            found, arrow = learned["groups"][column], lookup.ARROW[kind]
            keys = ", ".join(
                lookup.in_python(part, kinds[by]) for part, by in zip(found["keys"], self.by, strict=True)
            )
            overall = code(restored(self._overall(column, learned), kind))
            lines += [
                f"usual = dict(zip(zip({keys}), {lookup.in_python(found['values'], kind)}))",
                f"filled = pa.array([usual.get(group) for group in groups], {arrow})",
                f"filled = pc.coalesce(pa.array(df[{column!r}]).cast({arrow}), filled, "
                f"pa.scalar({overall}, {arrow}))",
                f"df[{column!r}] = pd.Series(pd.arrays.ArrowExtensionArray(filled), index=df.index)",
            ]
        return "\n".join(lines)

    def describe(self) -> Note:
        what = {
            "most frequent": note("the most frequent value"),
            "mean": note("the mean"),
            "median": note("the median"),
        }
        return note(
            "Fill missing {columns} with {value} of the same {by}",
            columns=named(self.columns), value=what[self.method], by=named(self.by),
        )  # fmt: skip


def _typed(value: Any, kind: ColumnType) -> exp.Expr:
    """A literal that has the column's type even where it is missing."""
    return exp.cast(sql.literal(value), sql.STORAGE[kind]) if value is None else sql.literal(value)
