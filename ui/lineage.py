"""Where a table comes from, drawn: a line for each thing, and lanes that lead from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.look import DARK, LIGHT
from core.store import Version
from core.store.lineage import Lineage, Node, lineage
from ui import services
from ui.figures import dark, show
from ui.text import plain, plain_said, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 34  # pixels
ACROSS = 34  # lanes that would fit beside each other
LONGEST = 70  # characters of a line
SYMBOLS = {
    "source": "square", "database": "square", "query": "diamond", "recipe": "diamond", "version": "circle",
    "run": "triangle-up", "chart": "star", "prediction": "pentagon", "gone": "x",
}  # fmt: skip
WORDS = {
    "source": "Source", "database": "Source", "query": "Query", "recipe": "Steps", "version": "Table",
    "run": "Model", "chart": "Chart", "prediction": "Predictions", "gone": "Deleted",
}  # fmt: skip
ORDER = ("Source", "Query", "Steps", "Table", "Model", "Chart", "Predictions", "Deleted")


@dataclass
class Laid:
    """Where each node stands: its lane, in its row; and the points that each edge runs through."""

    lanes: dict[str, float] = field(default_factory=dict)
    edges: list[list[tuple[float, float]]] = field(default_factory=list)
    width: int = 1


def drawn(version: Version) -> None:
    """The lineage of a version with its text alternative."""
    found = lineage(services.store(), services.owner(), version.id)
    st.caption(t("From the sources at the top to this table, and what was made from it below."))
    show(picture(found), in_words(found), key="history.lineage", tools=False)
    if found.left_out:
        st.caption(t("{count:,} more table farther back | {count:,} more tables farther back",
                     count=found.left_out))  # fmt: skip


def laid(found: Lineage) -> Laid:
    """A row for each node in order; an edge keeps a lane of its own until it reaches its end.

    What was made of one thing alone, and leads nowhere, hangs beside one lane that all of it shares.
    """
    lanes = _Lanes(found)
    for node in found.nodes:
        if lanes.hangs(node.id):
            lanes.hang(node.id)
        else:
            lanes.put(node.id)
            lanes.lead(node.id)
    return lanes.made


class _Lanes:
    """The lanes while the rows are filled, from the top: which node each leads to."""

    def __init__(self, found: Lineage) -> None:
        self.made = Laid()
        self._rows = {node.id: row for row, node in enumerate(found.nodes)}
        self._onward: dict[str, list[str]] = {node.id: [] for node in found.nodes}
        self._behind: dict[str, list[str]] = {node.id: [] for node in found.nodes}
        for start, end in sorted(found.edges, key=lambda edge: self._rows[edge[1]]):
            self._onward[start].append(end)
            self._behind[end].append(start)
        self._lanes: list[str | None] = []
        self._open: dict[tuple[int, str], list[list[tuple[float, float]]]] = {}
        self._shared: dict[str, int] = {}  # the lane beside which a node's leaves hang

    def hangs(self, id: str) -> bool:
        return self._leaf(id) and self._behind[id][0] in self._shared

    def _leaf(self, id: str) -> bool:
        return not self._onward[id] and len(self._behind[id]) == 1

    def hang(self, id: str) -> None:
        (start,) = self._behind[id]
        lane, row, top = self._shared[start], self._rows[id], self._rows[start]
        self.made.lanes[id] = lane + 0.5
        begun = (self.made.lanes[start], float(top))
        self.made.edges.append([begun, (lane, top + 0.6), (lane, row - 0.5), (lane + 0.5, row)])
        if self._lanes[lane] == id:
            self._lanes[lane] = None

    def put(self, id: str) -> None:
        """The node, where the first lane that leads to it comes down; the others turn to it."""
        coming = [lane for lane, end in enumerate(self._lanes) if end == id]
        lane, row = coming[0] if coming else self._free(), self._rows[id]
        for one in coming:
            for track in self._open.pop((one, id)):
                if one != lane:
                    track.append((one, row - 0.6))
                track.append((lane, row))
            self._lanes[one] = None
        self.made.lanes[id] = lane

    def lead(self, id: str) -> None:
        """A lane from a node to each that came of it, or the lane that leads there already."""
        lane, row = int(self.made.lanes[id]), self._rows[id]
        leaves = [end for end in self._onward[id] if self._leaf(end)]
        leaves = leaves if len(leaves) > 1 else []
        for end in self._onward[id]:
            if end in leaves:
                continue
            there = next((n for n, known in enumerate(self._lanes) if known == end), None)
            if there is None:
                there = self._beside(lane)
                self._lanes[there] = end
            track = [(float(lane), float(row))]
            if there != lane:
                track.append((there, row + 0.6))
            self._open.setdefault((there, end), []).append(track)
            self.made.edges.append(track)
        if leaves:
            self._shared[id] = self._beside(lane)
            self._lanes[self._shared[id]] = leaves[-1]  # free again once the last of them hangs there
        self.made.width = max(self.made.width, len(self._lanes))

    def _beside(self, lane: int) -> int:
        return lane if self._lanes[lane] is None else self._free()

    def _free(self) -> int:
        """The first lane that leads nowhere; a new one when all do."""
        if None in self._lanes:
            return self._lanes.index(None)
        self._lanes.append(None)
        return len(self._lanes) - 1


def picture(found: Lineage) -> go.Figure:
    """The lanes on the left, a line of words for each node on the right."""
    import plotly.graph_objects as go

    place, made = laid(found), go.Figure()
    for track in place.edges:
        made.add_scatter(
            x=[x for x, _ in track], y=[y for _, y in track], mode="lines", hoverinfo="skip",
            showlegend=False, line={"width": 1.5, "color": "#8a9896"},
        )  # fmt: skip
    for word in ORDER:
        nodes = [node for node in found.nodes if WORDS[node.kind] == word]
        if nodes:
            _marks(made, found, place, nodes, word)
    rows = {node.id: row for row, node in enumerate(found.nodes)}
    for node in found.nodes:
        words = _safe(_line(node))
        made.add_annotation(
            x=place.width - 0.2, y=rows[node.id],
            text=f"<b>{words}</b>" if node.id == found.version else words,
            showarrow=False, xanchor="left", align="left", font={"size": 13},
        )  # fmt: skip
    made.update_layout(
        height=70 + ROW * len(found.nodes),
        margin={"l": 8, "r": 8, "t": 40, "b": 8, "autoexpand": False},  # a short picture keeps its rows
        xaxis={"visible": False, "range": [-0.6, max(ACROSS, place.width + 12)], "fixedrange": True},
        yaxis={"visible": False, "range": [len(found.nodes) - 0.4, -0.6], "fixedrange": True},
    )
    return made


def _marks(made: go.Figure, found: Lineage, place: Laid, nodes: Sequence[Node], word: str) -> None:
    rows = {node.id: row for row, node in enumerate(found.nodes)}
    sizes = [15 if node.id == found.version else 11 for node in nodes]
    colour = (DARK if dark() else LIGHT)[ORDER.index(word)]
    made.add_scatter(
        x=[place.lanes[node.id] for node in nodes], y=[rows[node.id] for node in nodes], mode="markers",
        name=plain(WORDS[nodes[0].kind]), text=[_safe(_whole(node)) for node in nodes],
        hovertemplate="%{text}<extra></extra>",
        marker={"symbol": SYMBOLS[nodes[0].kind], "size": sizes, "color": colour},
    )  # fmt: skip


def _line(node: Node) -> str:
    """A node in one line: a recipe with its steps, as far as they fit."""
    words = _whole(node)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _whole(node: Node) -> str:
    parts = [plain_said(node.title)]
    if node.steps:
        parts.append(plain("; ").join(plain_said(step) for step in node.steps))
    elif node.detail is not None:
        parts.append(plain_said(node.detail))
    return plain(": ").join(parts) if node.steps else " · ".join(parts)


def _safe(text: str) -> str:
    """Plotly reads tags in its texts: other people's text shows its angle brackets as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_words(found: Lineage) -> str:
    """The picture in words: each thing with what it comes from."""
    told = []
    for node in found.nodes:
        behind = [plain_said(one.title) for one in found.before(node.id)]
        if behind:
            told.append(plain("{what}, from {origins}", what=_whole(node), origins=behind))
        else:
            told.append(_whole(node))
    return ". ".join(told) + "."
