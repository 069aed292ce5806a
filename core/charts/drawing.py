"""How charts put words and numbers on a picture: names made harmless, panels, tables of numbers.

Plotly reads a little HTML (<b>, <a href>), templates (%{x}) and LaTeX ($...$) in every text it
shows. Names of columns and values of cells are somebody else's text, so all of it passes `shown`.
"""

from __future__ import annotations

import html
import json
import math
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from core.contracts import Json
from core.wording import Note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

    from core.charts.grouping import Group

Say = Callable[[Note], str]  # a sentence in the reader's language; `str` gives the English

LONGEST = 40
TICK = 24  # characters of a name beside an axis or in a legend
ON_GROUND = "ON_GROUND"  # the name of a note whose ground hides what is behind it
MOST_TEXTS = 15  # columns of a grid whose cells have room for a number each
USUAL = 450  # pixels of a picture's height, where it names none
ABOVE = 560.0  # pixels that a legend has above a picture, on a page with a form at its side
LINE = 3  # panels beside each other, where they do not stand in a grid
_NOTES = b"sightline"
# marks that turn around the direction of whatever text follows them
_TURNING = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
GREY = "rgba(128,128,128,{})"


def shown(text: object, longest: int = LONGEST) -> str:
    """Text that Plotly shows as it stands, cut to `longest` characters."""
    plain = " ".join(str(text).translate(_TURNING).split())
    if len(plain) > longest:
        plain = plain[: longest - 1] + "\u2026"
    # entities that Plotly turns back after it looked for tags, templates and LaTeX
    return html.escape(plain, quote=False).replace("{", "&#123;").replace("$", "&#36;")


def apart(names: Sequence[object], longest: int = TICK) -> list[str]:
    """Names cut to `longest` characters, in such a way that different ones still look different.

    Where the beginnings are the same, what follows them is shown: "Regional…17 of the north".
    """
    made = [shown(name, longest) for name in names]
    for alike, times in Counter(made).items():
        own = [i for i, text in enumerate(made) if text == alike]
        plain = [" ".join(str(names[i]).split()) for i in own]
        if times == 1 or len(set(plain)) == 1:
            continue
        same = next(i for i, letters in enumerate(zip_longest(*plain)) if len(set(letters)) > 1)
        begin = max(plain[0].rfind(" ", 0, same) + 1, same - longest // 4)
        for i, text in zip(own, plain, strict=True):
            made[i] = shown(f"{text[: longest // 3].rstrip()}\u2026{text[begin:]}", longest)
    return made


def with_notes(data: pa.Table, **notes: Json) -> pa.Table:
    """The rows with what else the picture needs to know: totals, bin widths, what was left out."""
    return data.replace_schema_metadata({_NOTES: json.dumps(notes).encode()})


def notes(data: pa.Table) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data.schema.metadata or {}).get(_NOTES, b"{}"))
    return found


def blank(text: Note, say: Say) -> go.Figure:
    """A picture that says why there is nothing to see."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=shown(say(text), 200), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
    )
    return figure


def panels(
    facets: Sequence[str], *, title: str, x: str, y: str, down: Sequence[str] = (),
    across: Sequence[str] = (), under: str = "",
) -> go.Figure:  # fmt: skip
    """A figure with panels that share their axes: one for each facet, or a grid of rows and columns.

    Without any it has one panel, which needs no name. `under` stands below the title, smaller.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    columns = min(LINE, len(facets)) or len(across) or 1
    rows = math.ceil(len(facets) / columns) or len(down) or 1
    several = rows * columns > 1
    if not several:
        figure = go.Figure()
    else:
        room = max(12, 80 // columns)  # letters that a name has
        names = {"subplot_titles": facets, "row_titles": down, "column_titles": across}
        figure = make_subplots(
            rows=rows, cols=columns, shared_xaxes="all", shared_yaxes="all",
            horizontal_spacing=min(0.04, 0.2 / columns),
            vertical_spacing=min(0.12, 0.5 / rows) if facets else min(0.06, 0.2 / rows),
            **{key: [shown(name, room) for name in some] for key, some in names.items() if some},
        )  # fmt: skip
        figure.update_layout(height=(260 if facets or rows < 3 else 190) * rows + 120)
        figure.update_annotations(font=None)  # of the theme, not of the library
    top = 84 if several else 56  # the title keeps clear of the panels' own titles
    text = shown(title, 120)
    room = top + _second_line(text) + (18 if under else 0)
    figure.update_layout(title={"text": text, "x": 0, "y": 0.98, "yanchor": "top"}, margin={"t": room})
    if under:
        figure.update_layout(title={"subtitle": {"text": shown(under, 120)}})
    # inner axes repeat the outer ones; a long name of the measure would reach beyond its axis
    if not several:
        figure.update_xaxes(title={"text": shown(x)})
    for column in range(columns if several else 0):  # below the last panel of each column
        last = (len(facets) - 1 - column) // columns + 1 if facets else rows
        figure.update_xaxes(title={"text": shown(x)}, showticklabels=True, row=last, col=column + 1)
    figure.update_yaxes(title={"text": wrapped(y, 24 if several else 40)}, **({"col": 1} if several else {}))
    return figure


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Text in lines of about this width, the last cut short, that Plotly shows as it stands.

    Chinese has no spaces to break at, and its characters are twice as wide.
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text) * 3 > len(text)
    found = textwrap.wrap(" ".join(text.split()), width // 2 if wide else width)
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return "<br>".join(shown(line, width // 2 if wide else width) for line in found)


class Legend:
    """The traces of each group: one name and colour in all panels, in the legend with the first one."""

    def __init__(self, groups: Sequence[Group], say: Say) -> None:
        self._numbers = {group: number for number, group in enumerate(groups)}
        self._waiting = set(groups) if len(groups) > 1 else set()
        self._names = dict(zip(groups, apart([say(group.words()) for group in groups]), strict=True))
        self._say = say

    def entry(self, group: Group, rows: Sequence[object]) -> dict[str, Any]:
        """What the trace of a group's rows is told about its name, its colour and the legend."""
        shows = bool(rows) and group in self._waiting
        self._waiting -= {group} if shows else set()
        return {
            "name": self._names[group],
            "legendgroup": f"{group.mark} {shown(self._say(group.words()), 200)}",
            "meta": colour_meta(self._numbers[group]), "showlegend": shows,
        }  # fmt: skip

    def put(self, figure: go.Figure, name: str | None) -> None:
        """Head the legend with the column whose values it names, clear of the figure's title."""
        figure.update_layout(legend={"title": {"text": shown(name or "")}})
        if len(self._numbers) > 1:
            make_room(figure, [self._say(group.words()) for group in self._numbers], name or "")


def _second_line(title: str) -> int:
    return 22 if "<br>" in title else 0


def make_room(figure: go.Figure, names: Sequence[str], title: str = "") -> None:
    """Room for the figure's title and a legend of these names above the picture.

    As wide as the picture is on a page with a form at its side; Plotly does not keep the two apart.
    """
    items = [50.0 + 7 * min(len(one), TICK) for one in names]
    lines = 1
    if sum(items) + 7 * min(len(title), LONGEST) > ABOVE:
        lines = math.ceil(len(items) / max(1, ABOVE // max(items))) + bool(title)
        # beside several lines Plotly forgets the title's width, and cuts the last name of each
        figure.update_layout(legend={"title": {"side": "top"}})
    head, several = figure.layout.title, len([*figure.select_xaxes()]) > 1
    under = (18 if head.subtitle.text else 0) + (28 if several else 0)  # and the panels' own titles
    figure.update_layout(margin={"t": 62 + 22 * lines + _second_line(head.text or "") + under})


def logarithmic(values: Iterable[float | None]) -> dict[str, Any]:
    """An axis on which equal distances multiply, marked at 1, 2, 5, 10, 20, 50 and so on.

    Left alone, Plotly writes single digits between the powers: 2 for 200, and for 0.2.
    """
    some = [value for value in values if value is not None and value > 0]
    low, high = (math.log10(end(some)) for end in (min, max)) if some else (0.0, 0.0)
    if high - low < 1:  # its own marks are full numbers then
        return {"type": "log"}
    step = math.ceil((high - low) / 8)
    powers = range(math.floor(low), math.ceil(high) + 1, step)
    marks = [m * 10.0**p for p in powers for m in ((1, 2, 5) if high - low < 3.5 else (1,)) if p < 308]
    return {"type": "log", "tickmode": "array", "tickvals": marks}


def named(names: Sequence[object]) -> dict[str, Any]:
    """An axis of names at the places 0, 1, 2, ...: names alone would make one of two that look alike."""
    places = list(range(len(names)))
    return {
        "tickmode": "array", "tickvals": places, "ticktext": apart(names), "ticklabeloverflow": "allow",
        "ticks": "",
    }  # fmt: skip


def categories(groups: Sequence[Group], say: Say) -> dict[str, Any]:
    """An axis of groups at the places 0, 1, 2, ..."""
    return named([say(group.words()) for group in groups])


def strips(groups: Sequence[Group], say: Say) -> dict[str, Any]:
    """An axis of groups that leaves room beside the first and the last one.

    Ranges given outright would leave the other axis of panels without any: a fault of Plotly's.
    """
    return categories(groups, say) | {"autorangeoptions": {"include": [-0.6, len(groups) - 0.4]}}


def cell_texts(grid: Sequence[Sequence[Any]], write: Callable[[Any], str]) -> dict[str, Any]:
    """The numbers in the cells of a grid, where there is room for them: it is read without its shades too."""
    if not grid or len(grid[0]) > MOST_TEXTS:
        return {}
    text = [["" if value is None else write(value) for value in line] for line in grid]
    return {"text": text, "texttemplate": "%{text}"}


def room(figure: go.Figure, lines: int, each: int = 20) -> None:
    """Make the picture as high as so many names one below the other need."""
    figure.update_layout(height=max(USUAL, 150 + each * lines))


def colour_meta(number: int) -> dict[str, int]:
    """Marks a trace with the number of its colour in the theme: equal in every panel."""
    return {"colour": number}


def coloured(figure: go.Figure, colours: Sequence[str], scale: Sequence[tuple[float, str]] = ()) -> go.Figure:
    """Give the marked traces their colours of a theme, in place; returns the figure.

    Left alone, Plotly counts traces, and the same group would change its colour from panel to panel.
    `scale` shades the areas and dots of maps; without it, the scale of the figure's own template does.
    """
    for trace in figure.data:
        meta = trace.meta if isinstance(trace.meta, dict) else {}
        if "colour" in meta and colours:
            colour = colours[meta["colour"] % len(colours)]
            if hasattr(trace, "marker"):
                trace.marker.color = colour
            if hasattr(trace, "line"):
                trace.line.color = colour
        elif "ground" in meta:
            _grey(trace, meta["ground"])
        elif "shade" in meta:
            trace.fillcolor = shade(meta["shade"], scale or _own_scale(figure))
            trace.line.color = GREY.format(0.8)
        elif "shades" in meta:
            steps = scale or _own_scale(figure)
            trace.marker.color = [shade(one, steps) for one in meta["shades"]]
            trace.marker.line.color = GREY.format(1)
    return figure


def _grey(trace: Any, kind: str) -> None:
    """The ground of a map: a grey that is seen through stands back on a light page and on a dark one."""
    trace.line.color = GREY.format(0.22 if kind == "net" else 0.6)
    if kind == "land":
        trace.fillcolor = GREY.format(0.14)
    elif kind == "bare":
        trace.fillcolor = GREY.format(0.06)
        trace.fillpattern.fgcolor = GREY.format(0.45)


def _own_scale(figure: go.Figure) -> Sequence[tuple[float, str]]:
    own = figure.layout.template.layout.colorscale.sequential
    return own or ((0.0, "#eef4f3"), (0.5, "#5fa8a1"), (1.0, "#0d3f3c"))


def shade(part: float | None, scale: Sequence[tuple[float, str]]) -> str:
    """The colour at a part of the way along a scale of "#rrggbb" colours; None: there is nothing to shade."""
    if part is None:
        return GREY.format(0.14)
    steps = [*scale]
    after = next((i for i, (end, _) in enumerate(steps) if end >= part), len(steps) - 1)
    (a, low), (b, high) = steps[max(0, after - 1)], steps[after]
    share = 0.0 if b == a else (part - a) / (b - a)
    mixed = (
        round(int(low[i : i + 2], 16) * (1 - share) + int(high[i : i + 2], 16) * share) for i in (1, 3, 5)
    )
    return "#" + "".join(f"{one:02x}" for one in mixed)
