"""How pictures look on a light page and on a dark one: palettes, fonts, grid."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from core.charts.drawing import ON_GROUND, USUAL, shade, wrapped

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Told apart by people with any of the common colour-vision deficiencies, on both backgrounds:
# neighbours in the list differ in lightness as well as in hue.
LIGHT = ("#2a6fbb", "#d07a22", "#1f8a70", "#b2559b", "#4796d3", "#b5462f", "#7a6bb8", "#8a8f1d")
DARK = ("#6aa9ee", "#f0a35b", "#4fc3a1", "#d98cc6", "#9ccbf5", "#ee8a73", "#a99ae6", "#c3c85a")
SEQUENTIAL = ((0.0, "#eef4f3"), (0.5, "#5fa8a1"), (1.0, "#0d3f3c"))
SEQUENTIAL_DARK = ((0.0, "#1b2a2c"), (0.5, "#2f8b83"), (1.0, "#c9f2ea"))
DIVERGING = ((0.0, "#b5462f"), (0.5, "#f3f2ef"), (1.0, "#2a6fbb"))
DIVERGING_DARK = ((0.0, "#b9523b"), (0.5, "#232b2e"), (1.0, "#3672bd"))
GROUND = ("rgba(255,255,255,0.75)", "rgba(18,24,26,0.75)")  # behind words over a picture; at night
PAGE = ("#ffffff", "#12181a")  # .streamlit/config.toml
INK = ("#3d4947", "#c8d2d0")  # of words on the page
HEAD, LINE, UNDER = 40, 22, 18  # pixels above a legend: a title's, its further lines', a subtitle's
LETTER = 6.5  # pixels of a letter beside an axis
TILE_HEAD = 15  # pixels of the letters of a title in a tile
TITLE, TILE_TITLE = 58, 36  # letters of a title in one line: on a page, in a tile
CELLS, TILE = 400, 180  # pixels that the cells of a grid have together: on a page, in a tile
SMALL = 8  # pixels of the smallest letters
WIDE = 560  # pixels of a picture where the page is narrow


@cache
def template_of(night: bool) -> go.layout.Template:
    """Fonts, grid and colours for the dark theme, or the light one."""
    import plotly.graph_objects as go

    muted, grid = ("#7d8b8a", "#2b3538") if night else ("#7f8c8a", "#e6ebea")
    ink = INK[night]
    colours = DARK if night else LIGHT
    axis = {
        "gridcolor": grid, "linecolor": grid, "zerolinecolor": grid, "automargin": True,
        "ticklabelstandoff": 4,
        "title": {"standoff": 8, "font": {"size": 13}}, "tickfont": {"size": 12},
    }  # fmt: skip
    sequential = SEQUENTIAL_DARK if night else SEQUENTIAL
    # beside the bar: above it a title stands on the topmost number, and a long one narrows the picture
    title = {"side": "right", "font": {"size": 12}}
    scale = {"outlinewidth": 0, "thickness": 12, "xpad": 6, "tickfont": {"size": 12}, "title": title}
    return go.layout.Template(
        layout={
            "colorway": colours,
            "font": {"family": "Source Sans, Source Sans Pro, sans-serif", "size": 13, "color": ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "colorscale": {
                "sequential": sequential,
                "sequentialminus": [(1 - at, one) for at, one in sequential[::-1]],
                "diverging": DIVERGING_DARK if night else DIVERGING,
            },
            "title": {"font": {"size": 17}},
            "legend": {
                "orientation": "h",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "title": {"text": "", "font": {"size": 13}},
            },
            "coloraxis": {"colorbar": scale},
            "margin": {"l": 16, "r": 16, "t": 40, "b": 16},
            "shapedefaults": {"line": {"color": ink}},  # reference lines
            "hoverlabel": {"font": {"size": 13}},
            # over a see-through picture Plotly would lay a grey block
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": muted, "activecolor": ink},
            "bargap": 0.06,
            "polar": {
                "bgcolor": "rgba(0,0,0,0)",
                "radialaxis": {"gridcolor": grid, "linecolor": grid},
                "angularaxis": {"gridcolor": grid, "linecolor": grid},
            },
        },
        data={
            "heatmap": [{"colorbar": scale}],
            "bar": [{"error_y": {"color": ink, "thickness": 1.5}}],
            "candlestick": [_candles(colours)],
            # left alone, bands are white on a clear background, and rises and falls are green and red
            "sankey": [{"link": {"color": "rgba(200,210,208,0.25)" if night else "rgba(61,73,71,0.16)"}}],
            # heads as light as their parts, so that both can be read; a line of the page between all
            "treemap": [{"marker": {"depthfade": False, "line": {"width": 1, "color": PAGE[night]}}}],
            "sunburst": [{"leaf": {"opacity": 1}}],  # paler ones are read less well
            "waterfall": [
                {
                    "increasing": {"marker": {"color": colours[0]}},
                    "decreasing": {"marker": {"color": colours[1]}},
                    "totals": {"marker": {"color": muted}},
                    "connector": {"line": {"color": grid}},
                }
            ],
        },
    )


def _candles(colours: Sequence[str]) -> dict[str, Any]:
    """Rising and falling in colours that are told apart with any colour vision; red and green are not."""
    sides = zip(("increasing", "decreasing"), colours, strict=False)
    return {side: {"line": {"color": colour}} for side, colour in sides}


def stacked(figure: go.Figure, height: int | None = None) -> None:
    """Title, legend and picture one below the other, and room for upright names below it, in place.

    `height`: the room that there is; without it the picture takes what it needs.
    """
    layout = figure.layout
    if layout.height is None and height is None:
        layout.height = USUAL
    if height is None:
        layout.height += _upright(figure)
    if height is not None:
        _narrowed(figure)
    _broken(figure, TITLE if height is None else TILE_TITLE, height or layout.height)
    if (
        layout.legend.y is None and layout.title.text
    ):  # a long legend pushes the picture down, not over the title
        above = HEAD + LINE * layout.title.text.count("<br>") + (UNDER if layout.title.subtitle.text else 0)
        layout.legend.update(yref="container", y=1 - above / (height or layout.height), yanchor="top")


def _narrowed(figure: go.Figure) -> None:
    """A picture that may be as narrow as a tile: a smaller title, and room for the names around a radar."""
    figure.layout.title.font.size = TILE_HEAD
    figure.update_polars(selector=lambda polar: polar.domain.x, domain_x=[0.3, 0.7])


def _broken(figure: go.Figure, width: int, room: float) -> None:
    """A title that is wider than the picture goes on in a second line, and the picture makes room."""
    title = figure.layout.title
    if not title.text or "<br>" in title.text:
        return
    made = wrapped(html.unescape(title.text), width)
    if "<br>" in made:
        title.text = made
        if title.y is not None:  # Plotly places the last line there, not the first
            title.y -= LINE / room
        figure.layout.margin.t = (figure.layout.margin.t or HEAD) + LINE


def _upright(figure: go.Figure) -> int:
    """How many more pixels names below the picture need where they do not fit side by side."""
    needs = [0]
    for axis in figure.select_xaxes():
        names = [html.unescape(name) for name in axis.ticktext or ()]
        longest = LETTER * max(map(len, names), default=0)
        start, end = axis.domain or (0, 1)
        if names and longest > WIDE * (end - start) / len(names):
            needs.append(round(longest) - 40)  # some room is below every picture
    return max(needs)


def grounded(figure: go.Figure, night: bool, *, narrow: bool = False) -> None:
    """Words that stand over marks can be read there, in place: by a ground behind them, or by their ink.

    `narrow`: the picture may be as narrow as a tile of a dashboard.
    """
    figure.update_annotations(selector={"name": ON_GROUND}, bgcolor=GROUND[night])
    for trace in figure.select_traces(selector={"type": "heatmap", "texttemplate": "%{text}"}):
        shared = figure.layout.coloraxis
        ends = (shared.cmin, shared.cmax) if trace.coloraxis else (trace.zmin, trace.zmax)
        _in_cells(trace, ends, night, TILE if narrow else CELLS)
    for trace in figure.data:
        if trace.type in ("treemap", "sunburst"):
            _in_slices(trace, DARK if night else LIGHT, INK[night])


def _in_cells(trace: go.Heatmap, ends: tuple[float | None, float | None], night: bool, wide: float) -> None:
    """The numbers in the cells of a grid in black or white, whichever stands out from the cell's shade.

    Left alone, Plotly writes dark grey on every shade but the darkest. Where cells are too small for
    numbers that can be read, they have none.
    """
    longest = max((len(text) for line in trace.text for text in line), default=0)
    size = min(12, int(wide / len(trace.text[0]) / (0.62 * max(1, longest))))
    if size < SMALL:
        trace.text = trace.texttemplate = None
        return
    values = [value for line in trace.z for value in line if value is not None]
    low = min(values, default=0.0) if ends[0] is None else ends[0]
    high = max(values, default=0.0) if ends[1] is None else ends[1]
    scale = (DIVERGING, DIVERGING_DARK) if low < 0 < high else (SEQUENTIAL, SEQUENTIAL_DARK)
    steps = scale[night] if high > 0 or low == high else [(1 - at, one) for at, one in scale[night][::-1]]
    trace.textfont.size = size  # its own would be by the length of what stands in the brackets, too
    trace.text = [
        [
            f'<span style="color:{ink_on(shade(part(value, low, high), steps))}">{text}</span>'
            if text
            else ""
            for value, text in zip(*cells, strict=True)
        ]
        for cells in zip(trace.z, trace.text, strict=True)
    ]


def _in_slices(trace: go.Treemap | go.Sunburst, colours: Sequence[str], plain: str) -> None:
    """The names in the parts of a whole in black or white: each part has the colour of its outermost one."""
    names = trace.labels if trace.ids is None else trace.ids
    above = dict(zip(names, trace.parents, strict=True))
    outer = [id for id, parent in above.items() if not parent]
    if len(outer) == 1:  # all rows together: it has no colour of its own
        outer = [id for id, parent in above.items() if parent == outer[0]]
    ink = {id: ink_on(colours[i % len(colours)]) for i, id in enumerate(outer)}
    for id in names:
        path = [id]
        while path[-1] not in ink and above[path[-1]]:
            path.append(above[path[-1]])
        ink |= dict.fromkeys(path, ink[path[-1]]) if path[-1] in ink else {}
    trace.textfont.color = [ink.get(id, plain) for id in names]


def part(value: float | None, low: float, high: float) -> float | None:
    """How far a value lies from the lowest to the highest; halves, for a range may leave the doubles."""
    if value is None:
        return None
    return (value / 2 - low / 2) / (high / 2 - low / 2) if low < high else 0.5


def ink_on(ground: str) -> str:
    """Black or white, whichever is read better on a colour: one of them always stands out 4.5 to 1."""
    return "#000" if contrast(ground, "#000000") > contrast(ground, "#ffffff") else "#fff"


def contrast(one: str, other: str) -> float:
    """How much two colours "#rrggbb" stand out from each other, as WCAG 2 counts it: from 1 to 21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
