"""The drawing of a lineage: every edge is drawn, and none runs through a thing it does not concern."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from core.store.lineage import Lineage, Node
from core.wording import note
from ui.lineage import laid


def graph(nodes: int, seed: int) -> Lineage:
    chance = random.Random(seed)
    edges = {(f"n{n - 1}", f"n{n}") for n in range(1, nodes) if chance.random() < 0.8}
    for _ in range(nodes // 3):
        start, end = sorted(chance.sample(range(nodes), 2))
        edges.add((f"n{start}", f"n{end}"))
    made = tuple(Node(id=f"n{n}", kind="version", title=note("{text}", text=str(n))) for n in range(nodes))
    return Lineage(version="n0", nodes=made, edges=tuple(sorted(edges)))


@pytest.mark.parametrize("seed", range(20))
def test_edges_meet_their_ends_and_nothing_else(seed: int) -> None:
    found = graph(30, seed)
    place, rows = laid(found), {node.id: row for row, node in enumerate(found.nodes)}
    ends = set()
    for track in place.edges:
        (x, top), (last, bottom) = track[0], track[-1]
        start, end = f"n{int(top)}", f"n{int(bottom)}"
        assert (place.lanes[start], place.lanes[end]) == (x, last)
        ends.add((start, end))
        for (x1, y1), (x2, y2) in pairwise(track):
            if x1 == x2:  # a straight part down its lane
                crossed = [n for n, lane in place.lanes.items() if lane == x1 and y1 < rows[n] < y2]
                assert crossed == []
    assert ends == set(found.edges)


def test_a_chain_stays_in_one_lane() -> None:
    found = graph(30, 1).model_copy(update={"edges": tuple((f"n{n}", f"n{n + 1}") for n in range(29))})
    assert set(laid(found).lanes.values()) == {0}
    assert laid(found).width == 1


def test_what_leads_nowhere_shares_a_lane() -> None:
    found = graph(12, 1).model_copy(update={"edges": tuple(("n0", f"n{n}") for n in range(1, 12))})
    place = laid(found)
    assert place.width == 1
    assert {place.lanes[f"n{n}"] for n in range(1, 12)} == {0.5}
    assert len(place.edges) == 11


def test_an_axis_that_is_not_shown_is_given_no_room() -> None:
    import plotly.graph_objects as go

    from ui.figures import _short_ticks

    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]))
    assert _short_ticks(figure, "x")
    figure.update_xaxes(visible=False)
    assert not _short_ticks(figure, "x")
