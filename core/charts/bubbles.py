"""Points that tell more than their place: areas for a number, shapes for a category, each with its legend."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.charts.coding import SYMBOLS
from core.charts.drawing import GREY, Say, shown
from core.charts.grouping import Group
from core.charts.words import brief, counted, listed, number, sentences
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHAPES = 4  # most frequent values; with "other" and "(missing)" six shapes
SMALLEST, LARGEST = 4.0, 28.0  # across, in pixels
INK = 55_000.0  # square pixels that all points together may cover: a fourth of a picture
TEXTS = 5_000  # points that are named one by one


@dataclass(frozen=True)
class Sizes:
    """What the areas of points tell: the smallest and the largest value, and how wide the largest is."""

    least: float
    most: float
    wide: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Sizes:
        """The more points there are, the smaller all of them: many large ones would hide each other."""
        some = [value for value in values if value is not None and value > 0]
        if not some:
            return cls(0.0, 0.0, SMALLEST)
        most = max(some)
        inked = sum(value / most for value in some) * math.pi / 4
        return cls(min(some), most, min(LARGEST, max(2 * SMALLEST, math.sqrt(INK / inked))))

    def across(self, value: float | None) -> float:
        """How wide the point of a value is, whose area tells it."""
        share = max(0.0, value or 0.0) / self.most if self.most > 0 else 0.0
        return max(SMALLEST, self.wide * math.sqrt(share))

    def steps(self) -> list[float]:
        """Values to name in the legend: the largest, a small one that there is, and one between them."""
        low = max(self.least, self.most / 25)
        middle = ((math.sqrt(self.most) + math.sqrt(low)) / 2) ** 2
        return list(dict.fromkeys(float(f"{step:.2g}") for step in (self.most, middle, low)))


def marker(
    rows: Sequence[dict[str, Any]], shapes: Sequence[Group], sizes: Sizes | None, usual: dict[str, Any]
) -> dict[str, Any]:
    """How the points of these rows look: `usual` without a size and a shape of their own."""
    import numpy as np

    found = dict(usual)
    if sizes is not None:
        found |= {"size": np.array([sizes.across(row["size"]) for row in rows]), "opacity": 0.6}
        found["line"] = {"width": 0.8 if sizes.wide > LARGEST / 2 else 0}  # around small ones it hides them
    if len(shapes) > 1:
        place = {one: SYMBOLS[i] for i, one in enumerate(shapes)}
        found["symbol"] = [place[Group(row["shape"], row["shape_is"])] for row in rows]
    return found


def legends(
    figure: go.Figure, shapes: Sequence[Group], shape: str | None, sizes: Sizes | None, size: str | None,
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
    if sizes is not None and sizes.most > 0:
        named = [(brief(step), {"size": sizes.across(step)}) for step in sizes.steps()]
        keys.append(("legend3", size, named))
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
                    "title": {"text": shown(title or "", 20), "font": {"size": 13}},
                    "itemsizing": "trace",  # areas are what is told here
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
