"""What comes next: a forecast with intervals, always beside the naive guess it has to beat."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts import gaps, measuring, parts, series, smoothing, steps
from core.charts.drawing import Say, blank, make_room, notes, panels, shown, with_notes
from core.charts.rehearsal import rehearsed, verdict
from core.charts.series import Series
from core.charts.smoothing import Form
from core.charts.words import number, sentences
from core.contracts import Engine, Table
from core.params import Number
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

MOST = 500  # steps that a forecast learns from
NEEDED = 12  # steps, at the least
_NUMBERS = ("value", "test", "tested", "naive", "forecast", "low_80", "high_80", "low_95", "high_95", "rows")
_LOGARITHMS = {"by fit": None, "as they are": False, "logarithm": True}


class Forecast(Series):
    """How a series may go on, with intervals, and how well the same way would have told its last steps."""

    title = "Forecast"

    horizon: Annotated[int, Number(1, 60)] = P(
        default=12, ge=1, le=366, title="Steps ahead", description="How many steps to look ahead."
    )
    scale: Literal["by fit", "as they are", "logarithm"] = P(
        default="by fit", title="Scale",
        description="Logarithms suit what grows by per cents; by fit takes the scale that fits better.",
    )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        rows, facts = self._series(table, engine, MOST)
        rows = [dict.fromkeys(_NUMBERS) | row for row in rows]
        ahead = self._look(rows, facts) if rows else []
        columns = {"x": "string"} | dict.fromkeys(_NUMBERS, "float64")
        return with_notes(parts.to_table([*rows, *ahead], columns), **facts, steps=len(rows))

    def _look(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> list[dict[str, Any]]:
        """The steps ahead; what the held-out steps would have been told goes into the rows."""
        facts |= {"problem": None, "season": 1, "short": None}
        if len(rows) < NEEDED:
            facts["problem"] = "few"
            return []
        values, facts["bridged"] = series.whole([row["value"] for row in rows])
        if _LOGARITHMS[self.scale] and min(values) <= 0:
            facts["problem"] = "logarithm"
            return []
        held = max(1, min(self.horizon, len(values) // 4))
        season = series.season_of(facts, self.season)
        if season > 1 and len(values) - held < smoothing.least(season):
            facts["short"], season = {"season": season, "needed": smoothing.least(season) + held}, 1
        facts["season"] = season
        if not self._tested(rows, held, season, facts):
            facts["problem"] = "none"
            return []
        return self._ahead(rows[-1]["x"], values, season, facts)

    def _tested(self, rows: list[dict[str, Any]], held: int, season: int, facts: dict[str, Any]) -> bool:
        """Tell steps that are known from those before them, several times, as the naive guesses do too."""
        measured = [row["value"] for row in rows]
        found = rehearsed(measured, held, season, _LOGARITHMS[self.scale])
        if found is None:
            return False
        facts["test"] = found.judged(measured)
        for i, block in enumerate(found.blocks):  # where they overlap, the one that knew most is shown
            told = zip(block.told.value, block.naive[facts["test"]["guess"]], strict=True)
            for row, (value, other) in zip(rows[block.origin : block.origin + held], told, strict=True):
                row |= {"tested": float(value), "naive": float(other), "test": float(i + 1)}
        return True

    def _ahead(
        self, last: str, values: list[float], season: int, facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        chosen = smoothing.best(values, season, _LOGARITHMS[self.scale])
        told = smoothing.ahead(values, chosen.form, self.horizon, chosen.found) if chosen else None
        if told is None or chosen is None:
            facts["problem"] = "none"
            return []
        facts["form"] = vars(chosen.form)
        guess = smoothing.naive(values, season if facts["test"]["guess"] == "season" else 1, self.horizon)
        moment, found = steps.moment_of(last), []
        for i in range(self.horizon):
            later = moment and steps.after(moment, facts["grain"])
            if later is None:
                break
            moment = later
            row = dict.fromkeys(_NUMBERS) | {"x": moment.isoformat(sep=" "), "naive": float(guess[i])}
            row["forecast"] = float(told.value[i])
            for level, (low, high) in zip(smoothing.LEVELS, told.bounds, strict=True):
                row |= {f"low_{level}": float(low[i]), f"high_{level}": float(high[i])}
            found.append(row)
        return found

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        what, rows = say(measuring.measured(self.aggregation, self.y)), parts.numbered(data)
        figure = panels([], title=say(self._title(facts)), x=self.x, y=what)

        def add(key: str, colour: int, name: Note, dash: str, lines: list[list[dict[str, Any]]]) -> None:
            apart = [part for line in lines for part in (*line, None)][:-1]  # lines that do not meet
            figure.add_trace(
                go.Scatter(
                    x=[part and part["x"] for part in apart], y=[part and part[key] for part in apart],
                    mode="lines", name=shown(say(name)), line={"dash": dash}, meta={"colour": colour},
                    hoverinfo="x+y+name",
                )
            )  # fmt: skip

        known = rows[: facts["steps"]]
        figure.add_trace(
            go.Scatter(
                x=[row["x"] for row in known], y=[row["value"] for row in known],
                customdata=[row["row"] if row["value"] is not None else -1 for row in known],
                name=shown(say(note("Measured"))), line={"dash": "solid"}, meta={"colour": 0},
                hoverinfo="x+y+name", showlegend=True, **gaps.seen({"mode": "lines"}, known),
            )
        )  # fmt: skip
        ahead = rows[facts["steps"] :]
        if ahead:
            for level in reversed(smoothing.LEVELS):
                figure.add_traces(_band(ahead, level, say))
            tests = [[*own] for key, own in groupby(rows, lambda row: row["test"]) if key is not None]
            add("naive", 2, note("Naive guess"), "dash", [*tests, ahead])
            add("tested", 1, note("Tests on known steps"), "dot", tests)
            add("forecast", 1, note("Forecast"), "solid", [ahead])
        steps.dated(figure, data)
        figure.update_layout(
            legend={"traceorder": "normal"}
        )  # what is measured first, for eyes and arrow keys
        names = [trace.name for trace in figure.data if trace.showlegend is not False]
        make_room(figure, names)
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        facts = notes(data)
        if row >= facts["steps"] or data.column("value")[row].as_py() is None:
            return None
        return steps.door(self.x, facts, data.column("x")[row].as_py())

    def _title(self, facts: dict[str, Any]) -> Note:
        what = measuring.measured(self.aggregation, self.y)
        return note(
            "Forecast of {what} by {x}, step: {grain}", what=what, x=self.x, grain=note(facts["grain"])
        )

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            what = measuring.measured(self.aggregation, self.y)
            return note("{what} by {x}: there are no values to draw.", what=what, x=self.x)
        if facts["problem"]:
            return sentences(
                _PROBLEMS[facts["problem"]].model_copy(
                    update={"values": {"needed": NEEDED, "steps": facts["steps"]}}
                ), series.left_out(facts, self.x),
            )  # fmt: skip
        ahead = data.to_pylist()[facts["steps"] :]
        return sentences(
            *(_value(row) for row in dict.fromkeys((0, len(ahead) - 1)) for row in (ahead[row],)),
            verdict(facts["test"]), _form(Form(**facts["form"])),
            note("The intervals do not know that the weights were fitted: expect them somewhat too narrow."),
            note("A season of {season} steps needs {needed} steps or more; it is left out.", **facts["short"])
            if facts["short"] else None,
            series.left_out(facts, self.x),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Forecast:
        return cls(x="day", aggregation="sum", y="quantity", grain="quarter", horizon=4)


_BAND = "rgba(128,128,128,0.25)"  # grey on light and dark, so that the line stands out; darker where both lie
_PROBLEMS = {
    "few": note("A forecast needs {needed} steps or more; there are {steps}."),
    "logarithm": note("There is no forecast: the logarithm needs values above zero."),
    "none": note("There is no forecast: these {steps} steps leave nothing to fit."),
}


def _value(row: dict[str, Any]) -> Note:
    return note(
        "{at}: {value}, with 80% between {low_80} and {high_80}, with 95% between {low_95} and {high_95}.",
        at=row["x"].removesuffix(" 00:00:00"), value=number(row["forecast"]),
        **{key: number(row[key]) for key in _NUMBERS if key[-1].isdigit()},
    )  # fmt: skip


def _band(rows: list[dict[str, Any]], level: int, say: Say) -> list[go.Scatter]:
    """What lies between the bounds of an interval, without an outline: it would look like a course."""
    import plotly.graph_objects as go

    bounds: list[dict[str, Any]] = [
        {"showlegend": False, "name": ""},
        {
            "fill": "tonexty",
            "fillcolor": _BAND,
            "legendrank": 1001,
            "name": shown(say(note("{level}% interval", level=level))),
        },
    ]
    return [
        go.Scatter(
            x=[row["x"] for row in rows], y=[row[f"{end}_{level}"] for row in rows], mode="lines",
            line={"width": 0}, hoverinfo="skip", meta={"colour": 1}, **style,
        )
        for end, style in zip(("low", "high"), bounds, strict=True)
    ]  # fmt: skip


def _form(form: Form) -> Note:
    parts = [note("level")]
    if form.trend:
        parts.append(note("a trend that levels off") if form.damped else note("trend"))
    if form.season > 1:
        parts.append(note("a season of {steps} steps", steps=form.season))
    if form.log:
        return note("Exponential smoothing of the logarithm, with {parts}.", parts=parts)
    return note("Exponential smoothing with {parts}.", parts=parts)
