"""How many get from one stage to the next."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import grouping, measuring, parts
from core.charts.drawing import (
    Say,
    blank,
    categories,
    colour_meta,
    notes,
    panels,
    room,
    shown,
    with_notes,
)  # fmt: skip
from core.charts.grouping import Group
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.words import listed, number, pair, sentences
from core.contracts import Chart, ColumnType, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames, Number
from core.selection import Mark
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Funnel(Chart):
    """How many rows reach each stage, and which share of them goes on to the next."""

    title = "Funnel"
    group = "Composition"

    stages: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(), title="Stages as columns",
        description="In their order: a row reaches a stage whose column is true or has a value.",
    )  # fmt: skip
    x: OptionalColumn = P(
        default=None, title="Or stages as values", description="A column whose values are the stages."
    )
    order: Literal["by size", "by name"] = P(
        default="by size",
        title="Order of values",
        description="How the stages of a column follow each other.",
    )
    unit: OptionalColumn = P(
        default=None,
        title="Count different",
        description="Count different values of it, such as customers; none counts rows.",
    )
    top: Annotated[int, Number(2, 50)] = parts.top_field(12)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if bool(self.stages) == bool(self.x) or len(self.stages) == 1 or len(self.stages) > 12:
            raise BadParameter(
                "A funnel needs 2 to 12 columns as stages, or one column whose values are the stages.",
                hint="Choose one of the two.",
            )

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        rows = self._by_values(table, engine) if self.x else self._by_columns(table, engine)
        return with_notes(
            parts.to_table(rows, {"x": "group", "value": "float64", "rows": "float64"}),
            types={column: kinds(table)[column] for column in self.stages},
        )

    def _by_values(self, table: Table, engine: Engine) -> list[dict[str, Any]]:
        cut = parts.cuts(table, engine, {"x": (self.x, self.top)})
        rows, _ = parts.measured_groups(table, engine, cut, "distinct" if self.unit else "count", self.unit)
        size = parts.sizes(rows, "x", "value")
        stages = grouping.in_order(list(size), size if self.order == "by size" else {})
        place = {stage: i for i, stage in enumerate(stages)}
        return sorted(rows, key=lambda row: place[row["x"]])

    def _by_columns(self, table: Table, engine: Engine) -> list[dict[str, Any]]:
        asked: list[exp.Expr] = []
        so_far: exp.Expr = exp.true()
        for i, column in enumerate(self.stages):
            reached = _reached(column, kinds(table)[column])
            so_far = exp.and_(so_far, reached.where(kinds(table)[column]))
            # what is counted: the unit's values, or a constant that every row has
            unit = sql.name(self.unit) if self.unit else exp.Literal.number(1)
            held = sql.template("CASE WHEN :c THEN :u END", c=exp.paren(so_far), u=unit)
            how = "count(DISTINCT :h)" if self.unit else "count(:h)"
            asked.append(exp.alias_(sql.template(f"CAST({how} AS DOUBLE)", h=held), f"v{i}"))
            asked.append(
                exp.alias_(sql.template("CAST(count_if(:c) AS DOUBLE)", c=exp.paren(so_far)), f"n{i}")
            )
        row = engine.rows(exp.select(*asked).from_(table.query.copy().subquery("t"))).to_pylist()[0]
        if not row["n0"]:
            return []
        return [
            {"x": Group(column), "value": row[f"v{i}"], "rows": row[f"n{i}"]}
            for i, column in enumerate(self.stages)
        ]

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
        rows, stages = parts.numbered(data), parts.groups(data, "x")
        title = note("{title}, and the share of the first", title=self._title())
        figure = panels([], title=say(title), x="", y="")
        hover = []
        for row, before, stage in zip(rows, [None, *rows], stages, strict=False):
            share = _share(row, rows[0]) if before is None else _share(row, before)
            hover.append(
                say(
                    note(
                        "{stage}: {value} ({of_first} of the first stage, {of_last} of the one before)",
                        stage=shown(say(stage.words())), value=number(row["value"]),
                        of_first=_share(row, rows[0]), of_last=share,
                    )
                )
            )  # fmt: skip
        figure.add_trace(
            go.Funnel(
                x=[row["value"] for row in rows], y=list(range(len(rows))), orientation="h", hovertext=hover,
                hoverinfo="text", text=[f"{number(row['value'])} · {_share(row, rows[0])}" for row in rows],
                textinfo="text", customdata=[row["row"] for row in rows], meta=colour_meta(0),
            )
        )  # fmt: skip
        figure.update_yaxes(categories(stages, say), autorange="reversed")
        figure.update_xaxes(visible=False)
        room(figure, len(stages), 24)
        return figure

    def _title(self) -> Note:
        what = measuring.measured("distinct" if self.unit else "count", self.unit)
        return note("{what} by stage", what=what)

    def mark(self, data: pa.Table, row: int) -> Mark:
        if self.x:
            return parts.mark(data, row, {"x": self.x})
        types = notes(data)["types"]
        return Mark(parts=tuple(_reached(column, types[column]) for column in self.stages[: row + 1]))

    def describe(self, data: pa.Table) -> Note:
        rows = data.to_pylist()
        if not rows:
            return note("{title}: there are no rows to draw.", title=self._title())
        stages = [
            pair(
                parts.name_of(row, "x") or "",
                note(
                    "{value} ({share} of the first)", value=number(row["value"]), share=_share(row, rows[0])
                ),
            )
            for row in rows
        ]
        falls = [(_loss(row, after), after) for row, after in pairwise(rows)]
        worst = max(falls, key=lambda fall: fall[0], default=None)
        return sentences(
            note("{title}. {stages}.", title=self._title(), stages=listed(stages)),
            note(
                "Most are lost before {stage}: {share}.",
                stage=parts.name_of(worst[1], "x"), share=f"{worst[0]:.1%}",
            )
            if worst and worst[0] > 0 else None,
        )  # fmt: skip

    @classmethod
    def example(cls) -> Funnel:
        return cls(x="region")


def _reached(column: str, kind: ColumnType) -> Within:
    """Whether a row reached a stage: its column is true, or has a value."""
    return (
        Within(column=column, values=("true",)) if kind == "boolean" else Within(column=column, outside=True)
    )


def _share(row: dict[str, Any], of: dict[str, Any]) -> str:
    return f"{row['value'] / of['value']:.1%}" if of["value"] else "\u2013"


def _loss(before: dict[str, Any], after: dict[str, Any]) -> float:
    return 1 - after["value"] / before["value"] if before["value"] else 0.0
