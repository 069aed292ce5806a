"""How rows flow from the groups of one column into those of the next."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P

from core.charts import grouping, measuring, parts
from core.charts.drawing import Say, apart, blank, notes, room, shown, with_notes
from core.charts.grouping import Group
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Number
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

LABEL = "%{label}<extra></extra>"  # on hovering: the label alone, without Plotly's own English words


class Sankey(Chart):
    """Bands from the groups of one column to those of the next, as wide as the rows they carry.

    What leaves a group is what came into it: so counts, sums and shares flow, means and changes do not.
    """

    title = "Sankey diagram"
    group = "Composition"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="Two to five columns, from left to right."
    )
    value: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Width", description="The column to measure; none counts rows."
    )
    aggregation: measuring.Adding = parts.adding_field()
    top: Annotated[int, Number(2, 20)] = P(
        default=8, ge=2, le=20, title="Most groups",
        description="How many of each column's most frequent values to show; the rest is one group, other.",
    )  # fmt: skip

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if not 2 <= len(set(self.columns)) <= 5 or len(set(self.columns)) < len(self.columns):
            raise BadParameter(
                "A Sankey diagram takes 2 to 5 different columns. Got {count}.",
                hint="Choose the columns in the order of the flow.", count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        how = self.aggregation
        wanted = {name: (name, self.top) for name in self.columns}
        cut = parts.cuts(table, engine, wanted, measuring.size(table, how, self.value))
        asked = measuring.measures(table, how, self.value)
        bands: list[dict[str, Any]] = []
        nodes: dict[tuple[int, Group], dict[str, Any]] = {}
        told: dict[str, Any] = {"negative": 0, "infinite": 0, "named": {}}
        for stage, (left, right) in enumerate(pairwise(self.columns)):
            keys = {"left": cut[left], "right": cut[right]}
            found = parts.records(grouping.grouped(table, engine, keys, asked), keys)
            own = [{**row, "stage": stage, "value": row["value"] or 0.0} for row in found if row["rows"]]
            told["named"] |= parts.named(own, {"left": left, "right": right})
            drawn = [row for row in own if row["value"] >= 0]
            order = parts.places(drawn, ["left", "right"], "value")
            bands += sorted(drawn, key=lambda row: (order["left"][row["left"]], order["right"][row["right"]]))
            told["negative"] += len(own) - len(drawn)
            for key, place in [
                ("left", stage),
                *([("right", stage + 1)] if right == self.columns[-1] else []),
            ]:
                _gather(nodes, own, key, place)
            told["infinite"] = max(told["infinite"], sum(row["infinite"] for row in own))
        columns = {"stage": "int64", "left": "group", "right": "group", "value": "float64", "rows": "float64"}
        seen = {
            (row["stage"] + side, row[key]) for row in bands for side, key in enumerate(("left", "right"))
        }
        drawn_nodes = [node for at, node in nodes.items() if at in seen]
        return with_notes(parts.to_table(bands + drawn_nodes, columns), **told, sampled=parts.sampled(cut))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
        rows = [row for row in parts.numbered(data) if row["right_is"] is not None]
        whole = {
            (row["stage"], Group(row["left"], row["left_is"])): [row["row"], number(row["value"])]
            for row in parts.numbered(data)
            if row["right_is"] is None
        }
        nodes: dict[tuple[int, Group], int] = {}
        for row in rows:
            for stage, key in ((row["stage"], "left"), (row["stage"] + 1, "right")):
                nodes.setdefault((stage, Group(row[key], row[f"{key}_is"])), len(nodes))
        names = [""] * len(nodes)
        for stage in range(len(self.columns)):
            own = [(at, say(group.words())) for (when, group), at in nodes.items() if when == stage]
            for (at, _), text in zip(own, apart([text for _, text in own], 30), strict=True):
                names[at] = text
        figure = go.Figure(
            go.Sankey(
                node={
                    "label": names, "pad": 12, "thickness": 14,
                    "customdata": [whole[node] for node in nodes],
                    "hovertemplate": "%{label}: %{customdata[1]}<extra></extra>",
                },
                link={
                    "source": [nodes[row["stage"], Group(row["left"], row["left_is"])] for row in rows],
                    "target": [nodes[row["stage"] + 1, Group(row["right"], row["right_is"])] for row in rows],
                    "value": [row["value"] for row in rows],
                    "customdata": [row["row"] for row in rows],
                    "label": [self._band(row, say) for row in rows], "hovertemplate": LABEL,
                },
            )
        )  # fmt: skip
        title = {"text": shown(say(self._title()), 120), "x": 0, "y": 0.98, "yanchor": "top"}
        figure.update_layout(title=title, margin={"t": 84})
        most = max(Counter(stage for stage, _ in nodes).values())
        room(figure, most, 26)
        stages = len(self.columns)
        for stage, name in enumerate(self.columns):
            figure.add_annotation(
                text=shown(name), showarrow=False, xref="paper", yref="paper", x=stage / (stages - 1), y=1.06,
                xanchor="left" if not stage else "right" if stage == stages - 1 else "center",
            )  # fmt: skip
        return figure

    def _band(self, row: dict[str, Any], say: Say) -> str:
        left, right = (shown(say(Group(row[key], row[f"{key}_is"]).words()), 30) for key in ("left", "right"))
        return f"{left} \u2192 {right}: {number(row['value'])}"

    def _title(self) -> Note:
        what = measuring.measured(self.aggregation, self.value)
        return note("{what} from {columns}", what=what, columns=" \u2192 ".join(self.columns))

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows that flow along a band, or all that a group has, whatever becomes of them."""
        stage, node = data.column("stage")[row].as_py(), data.column("right_is")[row].as_py() is None
        kinds = zip(data.column("stage").to_pylist(), data.column("right_is").to_pylist(), strict=True)
        alike = [at == stage and (right is None) == node for at, right in kinds]
        keys = {"left": self.columns[stage]} | ({} if node else {"right": self.columns[stage + 1]})
        return parts.mark(data.filter(alike), sum(alike[:row]), keys)

    def describe(self, data: pa.Table) -> Note:
        if not data.num_rows:
            return note("{title}: there are no rows to draw.", title=self._title())
        told = notes(data)
        bands = [row for row in data.to_pylist() if row["right_is"] is not None]
        widest = sorted(bands, key=lambda row: -row["value"])
        listed_bands = [
            pair(
                note(
                    "{one} to {other}",
                    one=parts.name_of(row, "left") or "", other=parts.name_of(row, "right") or "",
                ),
                number(row["value"]),
            )
            for row in widest
        ]  # fmt: skip
        return sentences(
            note(
                "{title}, the widest bands first. {bands}.", title=self._title(), bands=listed(listed_bands)
            ),
            counted(
                "{count:,} band is left out: its sum is below 0. | "
                "{count:,} bands are left out: their sums are below 0.",
                told["negative"],
            ),
            counted(INFINITE, told["infinite"]),
            parts.proposals(told["sampled"]),
        )

    @classmethod
    def example(cls) -> Sankey:
        return cls(columns=("region", "member"))


def _gather(
    nodes: dict[tuple[int, Group], dict[str, Any]], bands: list[dict[str, Any]], key: str, stage: int
) -> None:
    """Add up each group's bands, those left out as below 0 as well: all of its rows."""
    for band in bands:
        group = band[key]
        node = nodes.setdefault(
            (stage, group), {"stage": stage, "left": group, "right": None, "value": 0.0, "rows": 0.0}
        )
        node["value"] += band["value"]
        node["rows"] += band["rows"]
