"""Where values are missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import Say, blank, named, notes, panels, room, shown, with_notes
from core.charts.grouping import grouped
from core.charts.parts import numbered, to_table
from core.charts.words import counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Table
from core.params import ColumnNames, Number
from core.selection import Mark
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class MissingMap(Chart):
    """Where values are missing: columns against blocks of rows, from the first row to the last."""

    title = "Missing values"
    group = "Distribution"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(),
        title="Columns",
        description="The columns to look at; none chosen: those with most missing.",
    )
    blocks: Annotated[int, Number(5, 100)] = P(
        default=50, ge=1, le=100, title="Blocks", description="Into how many blocks the rows are divided."
    )

    COLUMNS: ClassVar[int] = 40

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        chosen = list(dict.fromkeys(self.columns)) or table.names()
        row_id = sql.name(sql.ROW)
        ends = {"lo": sql.template("min(:r)", r=row_id), "hi": sql.template("max(:r)", r=row_id)}
        asked = [exp.alias_(node, f"e_{key}") for key, node in ends.items()]
        asked.append(exp.alias_(sql.template("count(*)"), "e_n"))
        asked += [
            exp.alias_(sql.template("count(:x)", x=sql.name(name)), f"n{i}") for i, name in enumerate(chosen)
        ]
        facts = engine.rows(exp.select(*asked).from_(table.query.copy().subquery("t"))).to_pylist()[0]
        total = int(facts["e_n"])
        missing = {name: total - int(facts[f"n{i}"]) for i, name in enumerate(chosen)}
        gaps = [name for name in chosen if missing[name]]
        # nobody asked for the columns that have all their values: they tell nothing of a pattern
        full = [] if self.columns or not gaps else [name for name in chosen if not missing[name]]
        kept = sorted(set(chosen) - set(full), key=lambda name: -missing[name])[: self.COLUMNS]
        kept = [name for name in chosen if name in set(kept)]
        columns = {"column": "string", "block": "int64", "rows": "int64", "missing": "int64"}
        told = {
            "first": facts["e_lo"],
            "last": facts["e_hi"],
            "rows": total,
            "missing": {name: missing[name] for name in kept},
            "full": len(full),
            "left_out": len(chosen) - len(full) - len(kept),
        }
        if not total:
            return with_notes(to_table([], columns), **told)
        block = sql.template(
            "CAST(floor((:r - :lo) * :blocks / :span) AS BIGINT)",
            r=row_id, lo=int(facts["e_lo"]), blocks=float(self.blocks),
            span=float(facts["e_hi"] - facts["e_lo"] + 1),
        )  # fmt: skip
        counts = {
            f"c{i}": sql.template("count(*) - count(:x)", x=sql.name(name)) for i, name in enumerate(kept)
        }
        found = grouped(
            table, engine, {}, {"rows": sql.template("count(*)"), **counts}, {"block": block}
        ).to_pylist()
        rows = [
            {"column": name, "block": row["block"], "rows": row["rows"], "missing": row[f"c{i}"]}
            for i, name in enumerate(kept)
            for row in sorted(found, key=lambda row: row["block"])
        ]
        return with_notes(to_table(rows, columns), **told)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(note("There are no rows to draw."), say)
        names = list(dict.fromkeys(data.column("column").to_pylist()))
        grid: list[list[float | None]] = [[None] * self.blocks for _ in names]
        hover = [[""] * self.blocks for _ in names]
        behind = [[-1] * self.blocks for _ in names]
        at = {name: i for i, name in enumerate(names)}
        for row in numbered(data):
            behind[at[row["column"]]][row["block"]] = row["row"]
            grid[at[row["column"]]][row["block"]] = row["missing"] / row["rows"]
            hover[at[row["column"]]][row["block"]] = (
                f"{shown(row['column'])}: {number(row['missing'])} / {number(row['rows'])}"
            )
        rows = say(note("Rows, from the first to the last"))
        figure = panels([], title=say(note("Missing values")), x=rows, y="")
        figure.add_trace(
            go.Heatmap(z=grid, zmin=0, zmax=1, autocolorscale=True, hovertext=hover,
                       customdata=behind, hoverinfo="text", xgap=1, ygap=1,
                       colorbar={"title": {"text": say(note("Missing"))}, "tickformat": ".0%"})
        )  # fmt: skip
        figure.update_yaxes(named(names), autorange="reversed")
        figure.update_xaxes(showticklabels=False, ticks="")
        room(figure, len(names))
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows of a block in which the column's value is missing."""
        told, block = notes(data), data.column("block")[row].as_py()
        wide = (told["last"] - told["first"] + 1) / self.blocks
        # row numbers are whole: the first of a block is the first not below its start
        low, high = (told["first"] + math.ceil(wide * (block + i) - 1e-9) for i in (0, 1))
        missing = Within(column=data.column("column")[row].as_py(), missing=True)
        return Mark(parts=(Within(column=sql.ROW, low=low, high=high), missing))

    def describe(self, data: pa.Table) -> Note:
        told = notes(data)
        with_missing = {name: count for name, count in told["missing"].items() if count}
        if not with_missing:
            return note(
                "Missing values: none in {rows} row. | Missing values: none in {rows} rows.",
                rows=number(told["rows"]),
            )
        parts = [
            pair(name, f"{number(count)} ({count / told['rows']:.1%})")
            for name, count in sorted(with_missing.items(), key=lambda item: -item[1])
        ]
        return sentences(
            note(
                "Missing values in {rows} row. {list}. | Missing values in {rows} rows. {list}.",
                rows=number(told["rows"]),
                list=listed(parts),
            ),
            counted(
                "{count:,} column has all its values and is not drawn. | "
                "{count:,} columns have all their values and are not drawn.",
                told["full"],
            ),
            counted(
                "{count:,} column with fewer is not drawn. | {count:,} columns with fewer are not drawn.",
                told["left_out"],
            ),
        )

    @classmethod
    def example(cls) -> MissingMap:
        return cls(blocks=12)
