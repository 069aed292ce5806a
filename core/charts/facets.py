"""Small multiples: a panel for each value of a field, or a grid of one field down and another across."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field as P

from core.charts import drawing, parts
from core.charts.drawing import LINE, Say
from core.charts.grouping import FACETS, Cut, Group
from core.contracts import Chart, Schema
from core.errors import BadParameter
from core.selection import Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

KEYS = ("facet", "facet_row", "facet_column")
GRID = 4  # most frequent values on each side of a grid; with "other" and "(missing)" at most 36 panels
_LAST = {"value": 0, "other": 1, "missing": 2}


def facet_field() -> Any:
    return P(
        default=None, title="Panels",
        description=f"A panel for each of its {FACETS} most frequent values, and one for the rest.",
    )  # fmt: skip


def row_field() -> Any:
    return P(
        default=None, title="Panels down",
        description=f"A row of panels for each of its {GRID} most frequent values, and one for the rest.",
    )  # fmt: skip


def column_field() -> Any:
    return P(
        default=None, title="Panels across",
        description=f"A column of panels for each of its {GRID} most frequent values, and one for the rest.",
    )  # fmt: skip


class Faceted(Chart):
    """What charts with panels share. Each declares the three fields where they are to stand in its form."""

    if TYPE_CHECKING:
        facet: parts.OptionalColumn = None
        facet_row: parts.OptionalColumn = None
        facet_column: parts.OptionalColumn = None

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if self.facet and (self.facet_row or self.facet_column):
            raise BadParameter(
                "{title}: panels stand in lines, or in a grid of rows and columns; not both.",
                hint="Take {column!r} off the panels, or put it down or across.",
                title=note(self.title), column=self.facet,
            )  # fmt: skip

    def facets(self) -> dict[str, str | None]:
        """The column of each kind of panel."""
        return {"facet": self.facet, "facet_row": self.facet_row, "facet_column": self.facet_column}

    def facet_cuts(self) -> dict[str, tuple[str | None, int]]:
        """How many values of each of these columns have panels: see `parts.cuts`."""
        return {key: (column, FACETS if key == "facet" else GRID) for key, column in self.facets().items()}

    def framed(self, data: pa.Table, title: Note, x: str, y: str, say: Say) -> tuple[Panels, go.Figure]:
        """The panels that the result has, and a figure with them, its title and the names of its axes."""
        panels, down, across = Panels.of(data), self.facet_row, self.facet_column
        under = None
        if down and across:
            under = note("Panels down: {down}; across: {across}", down=down, across=across)
        elif column := down or across or self.facet:
            under = note("Panels: {column}", column=column)
        names = {key: [say(one.words()) for one in some] for key, some in panels.keys.items()}
        figure = drawing.panels(
            names.get("facet", ()), title=say(title), x=x, y=y, down=names.get("facet_row", ()),
            across=names.get("facet_column", ()), under=say(under) if under else "",
        )  # fmt: skip
        return panels, figure


def panels_of(cut: Mapping[str, Cut]) -> int:
    """How many panels there are at most."""
    return math.prod(cut[key].groups() for key in KEYS if key in cut)


def in_panel(
    chart: Chart, data: pa.Table, region: Selection | None, axes: tuple[str, str]
) -> Selection | None:
    """The rows of a region that one panel shows, named by its axes: a box over a panel ends at its sides."""
    if region is None or not isinstance(chart, Faceted):
        return region
    panels, number = list(Panels.of(data)), int(axes[0][1:] or 1) - 1  # x, x2, x3: line by line
    if not 0 <= number < len(panels):
        return region
    for key, group in panels[number].groups.items():
        column = chart.facets()[key]
        if column is not None:
            region = parts.both(region, parts.among(data, key, column, [group]))
    return region


@dataclass(frozen=True)
class Panel:
    """One panel: the groups it shows, and where its traces go (arguments of `add_trace`)."""

    groups: Mapping[str, Group]
    place: Mapping[str, int]
    number: int

    def of(self, rows: Sequence[dict[str, Any]], **chosen: Group) -> list[dict[str, Any]]:
        """The rows of `parts.numbered` that this panel shows, of these other groups."""
        return parts.of(rows, **self.groups, **chosen)


@dataclass(frozen=True)
class Panels:
    """All panels of a figure, in lines or as a grid."""

    keys: Mapping[str, Sequence[Group]]  # the groups of each kind of panel that the data has
    down: int = field(init=False)
    across: int = field(init=False)

    def __post_init__(self) -> None:
        if "facet" in self.keys:
            across = min(LINE, len(self.keys["facet"]))
            down = math.ceil(len(self.keys["facet"]) / across)
        else:
            down, across = (len(self.keys.get(key, ())) or 1 for key in KEYS[1:])
        object.__setattr__(self, "down", down)
        object.__setattr__(self, "across", across)

    @classmethod
    def of(cls, data: pa.Table) -> Panels:
        """The panels of a result, in the order of its groups; the rest and no value stand last."""
        found = {key: parts.groups(data, key) for key in KEYS if key in data.column_names}
        return cls({key: sorted(groups, key=lambda one: _LAST[one.mark]) for key, groups in found.items()})

    def __len__(self) -> int:
        return len(self.keys["facet"]) if "facet" in self.keys else self.down * self.across

    def __iter__(self) -> Iterator[Panel]:
        return iter(self._panel(number) for number in range(len(self)))

    def _panel(self, number: int) -> Panel:
        row, column = divmod(number, self.across)
        at = {"facet": number, "facet_row": row, "facet_column": column}
        groups = {key: some[at[key]] for key, some in self.keys.items()}
        return Panel(groups, {"row": row + 1, "col": column + 1} if len(self) > 1 else {}, number)

    def find(self, told: Mapping[str, Sequence[str]]) -> Panel | None:
        """The panel of groups that a result's notes name: {key: [label, mark]}."""
        wanted = {key: Group(*told[key]) for key in KEYS if key in told}  # type: ignore[arg-type]
        return next((panel for panel in self if panel.groups == wanted), None)
