"""Parts of parts: categories inside categories, each as large as its rows or its sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P

from core.charts import grouping, measuring, parts, tips
from core.charts.drawing import Say, blank, notes, shown, with_notes
from core.charts.grouping import Group
from core.charts.words import INFINITE, brief, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

LEVELS = 4
# values kept of each column, by how many columns there are: the innermost groups stay below 5,000
KEPT = {1: 50, 2: 20, 3: 10, 4: 6}


class Hierarchy(Chart):
    """What charts of parts of parts have in common: the columns from the outside in, and the sizes.

    A part is as large as its parts together: only counts, sums and shares are, means and medians are not;
    a change may be below 0, and no area is.
    """

    group = "Composition"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="One to four columns: each divides the parts of the one before it."
    )
    value: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Size", description="The column to measure; none counts rows."
    )
    aggregation: measuring.Adding = parts.adding_field()
    tooltip: tips.Tooltip = tips.field()

    SHAPE: ClassVar[str]

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if not 1 <= len(set(self.columns)) <= LEVELS or len(set(self.columns)) < len(self.columns):
            raise BadParameter(
                "{title} takes 1 to {most} different columns. Got {count}.",
                hint="Choose what to divide by, from the outside in.",
                title=note(self.title), most=LEVELS, count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        keys = self._keys()
        wanted = {key: (name, KEPT[len(keys)]) for key, name in keys.items()}
        size = measuring.size(table, self.aggregation, self.value)
        cut = parts.cuts(table, engine, wanted, size)
        asked = measuring.measures(table, self.aggregation, self.value)
        leaves = [
            row for row in parts.records(grouping.grouped(table, engine, cut, asked), cut) if row["rows"]
        ]
        infinite = sum(row["infinite"] for row in leaves)
        sized = [row for row in leaves if (row["value"] or 0) >= 0]
        nodes = self._nodes(sized, [row for row in leaves if (row["value"] or 0) < 0])
        for level in range(1, len(keys) + 1):
            own = [node for node in nodes if node["level"] == level]
            tips.add(own, table, engine, self.tooltip, {key: cut[key] for key in list(keys)[:level]})
        columns = (
            {"level": "int64"} | dict.fromkeys(keys, "group") | dict.fromkeys(("value", "rows"), "float64")
        ) | tips.columns(table, self.tooltip)
        return with_notes(
            parts.to_table(nodes, columns), infinite=infinite, negative=len(leaves) - len(sized),
            named=parts.named(leaves, keys),
            sampled=parts.sampled(cut), tips=tips.told(table, self.tooltip),
        )  # fmt: skip

    def _keys(self) -> dict[str, str]:
        return {f"part{i}": name for i, name in enumerate(self.columns)}

    def _nodes(self, leaves: list[dict[str, Any]], below: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Every part of every level, each with its size: the biggest first, "other" and missing last.

        The rows of a part are all that stand behind it, those of its parts left out as below 0 as well.
        """
        keys = list(self._keys())
        found: dict[tuple[Group, ...], dict[str, Any]] = {}
        for leaf in leaves:
            path = tuple(leaf[key] for key in keys)
            for level in range(1, len(keys) + 1):
                own = dict(zip(keys, (*path[:level], *[None] * (len(keys) - level)), strict=True))
                node = found.setdefault(path[:level], {"level": level, **own, "value": 0.0, "rows": 0.0})
                node["value"] += leaf["value"] or 0.0
                node["rows"] += leaf["rows"]
        for leaf in below:
            for level in range(1, len(keys)):
                if above := found.get(tuple(leaf[key] for key in keys[:level])):
                    above["rows"] += leaf["rows"]
        places: dict[int, list[Group]] = {}
        for level in range(1, len(keys) + 1):
            paths = [path for path in found if len(path) == level]
            places[level] = grouping.in_order([path[-1] for path in paths], _sizes(paths, found))
        at = {(level, group): i for level, order in places.items() for i, group in enumerate(order)}
        ranked = sorted(found, key=lambda path: [at[i + 1, group] for i, group in enumerate(path)])
        return [found[path] for path in ranked]

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(note("There are no rows to draw."), say)
        rows = parts.numbered(data)
        keys = list(self._keys())
        ids: dict[tuple[Group, ...], str] = {(): "all"}
        names = {"all": shown(say(note("All rows")))}
        whole = sum(row["value"] for row in rows if row["level"] == 1)
        drawn: list[dict[str, Any]] = [{"id": "all", "parent": "", "value": 0.0, "row": -1, "share": whole}]
        for row in rows:
            path = tuple(Group(row[key], row[f"{key}_is"]) for key in keys[: row["level"]])
            own = f"part {row['row']}"
            ids[path], names[own] = own, shown(say(path[-1].words()))
            # a part whose parts are drawn is as large as these: sums of floats need not agree
            size = row["value"] if row["level"] == len(keys) else 0.0
            drawn.append(
                {"id": own, "parent": ids[path[:-1]], "value": size, "row": row["row"], "share": row["value"]}
            )
        shape = getattr(go, self.SHAPE)
        figure = go.Figure(
            shape(
                ids=[node["id"] for node in drawn], labels=[names[node["id"]] for node in drawn],
                parents=[node["parent"] for node in drawn], values=[node["value"] for node in drawn],
                customdata=[node["row"] for node in drawn], branchvalues="remainder", sort=False,
                hovertext=[self._hover(names[node["id"]], node["share"], whole) for node in drawn],
                text=[brief(node["share"]) for node in drawn], textinfo="label+text",
                hoverinfo="text", maxdepth=3,
            )
        )  # fmt: skip
        figure.update_layout(
            uniformtext={"minsize": 10, "mode": "hide"},  # what is too small to be read is said on hovering
            title={"text": shown(say(self._title()), 120), "x": 0, "y": 0.98, "yanchor": "top"},
        )
        return tips.put(figure, data, say)

    def _hover(self, name: str, value: float, whole: float) -> str:
        return f"{name}: {number(value)} ({value / whole:.1%})" if whole else f"{name}: {number(value)}"

    def _title(self) -> Note:
        what = measuring.measured(self.aggregation, self.value)
        return note("{what} by {columns}", what=what, columns=", ".join(self.columns))

    def mark(self, data: pa.Table, row: int) -> Mark:
        level = data.column("level")[row].as_py()
        keys = dict(list(self._keys().items())[:level])
        return parts.mark(data, row, keys)

    def describe(self, data: pa.Table) -> Note:
        if not data.num_rows:
            return note("{title}: there are no rows to draw.", title=self._title())
        rows, told = data.to_pylist(), notes(data)
        whole = sum(row["value"] for row in rows if row["level"] == 1)
        outer = [
            pair(
                parts.name_of(row, "part0") or "",
                note(
                    "{value} ({share})",
                    value=number(row["value"]),
                    share=f"{row['value'] / (whole or 1):.1%}",
                ),
            )
            for row in rows
            if row["level"] == 1
        ]
        return sentences(
            note(
                "{title}: {whole} in all, in {count} part of parts. {outer}. | "
                "{title}: {whole} in all, in {count} parts of parts. {outer}.",
                title=self._title(), whole=number(whole), outer=listed(outer),
                count=sum(row["level"] == len(self.columns) for row in rows),
            ),
            counted(
                "{count:,} part is left out: its sum is below 0. | "
                "{count:,} parts are left out: their sums are below 0.",
                told["negative"],
            ),
            tips.describe(data),
            counted(INFINITE, told["infinite"]),
            parts.proposals(told["sampled"]),
        )  # fmt: skip


class Treemap(Hierarchy):
    """Parts of parts as rectangles inside rectangles: large areas are large sums or many rows."""

    title = "Treemap"
    SHAPE = "Treemap"

    @classmethod
    def example(cls) -> Treemap:
        return cls(columns=("region", "member"))


class Sunburst(Hierarchy):
    """Parts of parts as rings around a middle: each ring divides the one inside it."""

    title = "Sunburst"
    SHAPE = "Sunburst"

    @classmethod
    def example(cls) -> Sunburst:
        return cls(columns=("region", "member"))


def _sizes(
    paths: list[tuple[Group, ...]], found: dict[tuple[Group, ...], dict[str, Any]]
) -> dict[Group, float]:
    sizes: dict[Group, float] = {}
    for path in paths:
        sizes[path[-1]] = sizes.get(path[-1], 0.0) + found[path]["value"]
    return sizes
