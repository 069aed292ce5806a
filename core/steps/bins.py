"""Numbers sorted into classes."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Step, Table
from core.errors import BadParameter
from core.params import ColumnName, Frozen, Number, Text
from core.steps.words import quoted
from core.wording import Note, note


class Edges(Frozen):
    """The edges between classes, rising."""

    edges: tuple[Annotated[float, P(strict=True)], ...] = P(min_length=1, max_length=2_000)

    @model_validator(mode="after")
    def _rise(self) -> Edges:
        if any(low >= high for low, high in itertools.pairwise(self.edges)):
            raise ValueError("must rise")
        return self


class BinNumbers(Step):
    """Sort numbers into classes: of equal width, of equal size, or with edges of your own.

    The edges are learned from the table and kept. The first class reaches down and the last one up
    without end, so that every later value has a class. A value on an edge belongs to the class above
    it. Missing values stay missing.
    """

    title = "Bin numbers"
    group = "Columns"
    Learned = Edges

    column: Annotated[str, ColumnName("integer", "number")] = P(
        title="Column", description="The column of numbers."
    )
    method: Literal["equal width", "quantiles", "own edges"] = P(
        default="quantiles",
        title="Classes",
        description="equal width: edges at equal distances. quantiles: about as many rows in each class; "
        "edges that coincide are merged. own edges: those given below.",
    )
    count: Annotated[int, Number(2, 20, step=1)] = P(
        default=4,
        title="How many",
        description="The number of classes, unless the edges are your own.",
        ge=2,
        le=100,
    )
    edges: Annotated[str, Text(example="18, 65")] = P(
        default="",
        title="Own edges",
        description='Numbers in rising order with commas between: "18, 65" makes three classes.',
        max_length=2_000,
    )
    labels: Literal["ranges", "numbers", "own labels"] = P(
        default="ranges",
        title="Labels",
        description="ranges: such as 18 to 65. numbers: 1, 2, 3 from the lowest. own labels: those below.",
    )
    names: Annotated[str, Text(example="young, grown-up, old")] = P(
        default="",
        title="Own labels",
        description="One for each class from the lowest, with commas between.",
        max_length=2_000,
    )
    name: str = P(
        default="",
        title="Name",
        description='What the new column is called; when empty, like "age bin".',
        max_length=1_000,
    )

    @model_validator(mode="after")
    def _own(self) -> BinNumbers:
        if self.method == "own edges":
            self._own_edges()
        if self.labels == "own labels" and not self._own_labels():
            raise ValueError("must have labels to use as own labels")
        return self

    @classmethod
    def example(cls) -> BinNumbers:
        return cls(column="price", method="quantiles", count=3)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """The edges between the classes, rising; infinite values do not count in finding them."""
        edges = self._own_edges() if self.method == "own edges" else self._found_edges(table, engine)
        self._names_for(edges)  # own labels that do not fit are refused now
        return {"edges": edges}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        self._names_for(list(learned["edges"]))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        edges = learned["edges"]
        x = sql.name(self.column)
        case = exp.Case().when(sql.template(":x IS NULL", x=x), exp.Null())
        names = self._names_for(edges)
        for edge, name in zip(edges, names, strict=False):
            case = case.when(sql.template(":x < :edge", x=x, edge=float(edge)), sql.literal(name))
        chosen = [exp.alias_(sql.name(column.name), column.name, quoted=True) for column in columns]
        made = exp.alias_(case.else_(sql.literal(names[-1])), self._called(), quoted=True)
        return exp.select(*chosen, made, sql.name(sql.ROW)).from_(source)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        edges = [float(edge) for edge in learned["edges"]]
        names = self._names_for(edges)
        kind = "'int64[pyarrow]'" if self.labels == "numbers" else "pd.ArrowDtype(pa.string())"
        x = f"df[{self.column!r}]"
        return (
            f"values = {x}.to_numpy('float64', na_value=np.nan)\n"
            f"labels = pd.Series({names!r}, dtype={kind})\n"
            f"places = np.searchsorted({edges!r}, values, side='right')\n"
            f"df[{self._called()!r}] = labels.take(places).set_axis(df.index).where({x}.notna())"
        )

    def describe(self) -> Note:
        how = {
            "equal width": note("{count} classes of equal width", count=self.count),
            "quantiles": note("{count} classes of equal size", count=self.count),
            "own edges": note("classes with the edges {edges}", edges=quoted(self.edges)[1:-1]),
        }
        return note("Bin {column} into {classes}", column=quoted(self.column), classes=how[self.method])

    def _called(self) -> str:
        return self.name or f"{self.column} bin"

    def _found_edges(self, table: Table, engine: Engine) -> list[float]:
        value = sql.template(
            "CASE WHEN isfinite(CAST(:x AS DOUBLE)) THEN CAST(:x AS DOUBLE) END", x=sql.name(self.column)
        )
        shares = [step / self.count for step in range(1, self.count)]
        if self.method == "quantiles":
            asked = [sql.template("quantile_cont(:x, :q)", x=value, q=share) for share in shares]
        else:
            asked = [sql.template("min(:x)", x=value), sql.template("max(:x)", x=value)]
        named = [exp.alias_(node, f"e{place}") for place, node in enumerate(asked)]
        found = engine.rows(exp.select(*named).from_(table.query.subquery("source"))).to_pylist()[0]
        values = list(found.values())
        if values[0] is None:
            raise BadParameter("{column!r} has no values to find classes from.", column=self.column)
        if self.method == "equal width":
            low, high = values
            values = [low * (1 - share) + high * share for share in shares] if low < high else [low]
        return sorted(set(values))

    def _own_edges(self) -> list[float]:
        try:
            values = [float(text) for text in self.edges.replace(";", ",").split(",")]
        except ValueError:
            raise ValueError(
                f"must have edges that are numbers with commas between, not {self.edges!r}"
            ) from None
        if not all(map(math.isfinite, values)) or values != sorted(set(values)):
            raise ValueError(f"must have edges that rise and are finite, not {self.edges!r}")
        return values

    def _own_labels(self) -> list[str]:
        return [text.strip() for text in next(csv.reader([self.names], skipinitialspace=True), [])]

    def _names_for(self, edges: list[float]) -> list[str] | list[int]:
        """One label for each class, from the lowest."""
        if self.labels == "numbers":
            return list(range(1, len(edges) + 2))
        if self.labels == "ranges":
            shown = _distinct(edges)
            between = [f"{low} to {high}" for low, high in itertools.pairwise(shown)]
            return [f"below {shown[0]}", *between, f"{shown[-1]} and above"]
        labels = self._own_labels()
        if len(labels) != len(edges) + 1:
            raise BadParameter(
                "There are {classes} classes of {column!r} and {labels} labels.",
                hint="The edges are {edges}: give one label more than there are edges.",
                classes=len(edges) + 1,
                labels=len(labels),
                column=self.column,
                edges=", ".join(_distinct(edges)),
            )
        return labels


def _distinct(edges: list[float]) -> list[str]:
    """The edges with as few digits as tell them apart, at least four."""
    for digits in range(4, 18):
        shown = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(shown)) == len(edges) and (
            digits >= 6 or all(float(s) == e for s, e in zip(shown, edges, strict=True))
        ):
            return shown
    return [repr(edge) for edge in edges]
