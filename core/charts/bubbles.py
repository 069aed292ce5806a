"""Points that tell more than their place: areas for a number, shapes for a category, each with its legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.charts.coding import SYMBOLS
from core.charts.drawing import GREY, Say, shown
from core.charts.grouping import Group
from core.charts.words import counted, listed, number, sentences
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHAPES = 4  # most frequent values; with "other" and "(missing)" six shapes
SMALLEST, LARGEST = 4.0, 28.0  # across, in pixels
TEXTS = 5_000  # points that are named one by one


def marker(
    rows: Sequence[dict[str, Any]], shapes: Sequence[Group], most: float | None, usual: dict[str, Any]
) -> dict[str, Any]:
    """How the points of these rows look: `usual` without a size and a shape of their own."""
    import numpy as np

    found = dict(usual)
    if most is not None:
        found |= {"size": np.array([across(row["size"], most) for row in rows]), "opacity": 0.6}
    if len(shapes) > 1:
        place = {one: SYMBOLS[i] for i, one in enumerate(shapes)}
        found["symbol"] = [place[Group(row["shape"], row["shape_is"])] for row in rows]
    return found


def across(size: float | None, most: float) -> float:
    """How wide a point is whose area tells its size."""
    return max(SMALLEST, LARGEST * math.sqrt(max(0.0, size or 0.0) / most)) if most > 0 else SMALLEST


def legends(
    figure: go.Figure, shapes: Sequence[Group], shape: str | None, most: float | None, size: str | None,
    say: Say,
) -> None:  # fmt: skip
    """Beside the picture: what the shapes mean, and how wide three sizes are."""
    import plotly.graph_objects as go

    keys: list[tuple[str, str | None, list[tuple[str, dict[str, Any]]]]] = []
    if len(shapes) > 1:
        named = [
            (shown(say(one.words()), 24), {"symbol": SYMBOLS[i], "size": 8}) for i, one in enumerate(shapes)
        ]
        keys.append(("legend2", shape, named))
    if most is not None and most > 0:
        steps = [most, most / 4, most / 25]
        keys.append(
            (
                "legend3",
                size,
                [(number(float(f"{step:.2g}")), {"size": across(step, most)}) for step in steps],
            )
        )
    for place, (legend, title, entries) in enumerate(keys):
        for name, look in entries:
            look = {"symbol": "circle", "color": GREY.format(1), **look}  # of no group's colour
            trace = go.Scatter(
                x=[None], y=[None], mode="markers", marker=look, name=name, legend=legend, showlegend=True,
                hoverinfo="skip",
            )  # fmt: skip
            figure.add_trace(trace)
        looks = {"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1 - 0.5 * place, "yanchor": "top"}
        figure.update_layout(
            {
                legend: {
                    **looks,
                    "title": {"text": shown(title or "")},
                    "itemclick": False,
                    "itemdoubleclick": False,
                }
            }
        )


def describe(
    rows: Sequence[dict[str, Any]], shapes: Sequence[Group], shape: str | None, size: str | None
) -> Note | None:
    """What areas and shapes tell."""
    sizes = [row["size"] for row in rows if row.get("size") is not None]
    small = len(rows) - sum(value > 0 for value in sizes) if size else 0
    parts = [
        note(
            "The area of a point tells {size}, from {low} to {high}.",
            size=size, low=number(min(sizes)), high=number(max(sizes)),
        ) if sizes else None,
        counted(
            "{count:,} point has no size above 0 and is drawn smallest. | "
            "{count:,} points have no size above 0 and are drawn smallest.",
            small,
        ),
        note(
            "Its shape tells {shape}: {names}.", shape=shape, names=listed([one.words() for one in shapes])
        ) if shape and len(shapes) > 1 else None,
    ]  # fmt: skip
    return sentences(*parts) if any(parts) else None
