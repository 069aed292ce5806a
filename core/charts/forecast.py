"""What comes next: a forecast with intervals, always beside the naive guess it has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts import grouping, parts, series, smoothing, steps
from core.charts.drawing import Say, blank, notes, panels, shown, with_notes
from core.charts.series import Series
from core.charts.smoothing import Form
from core.charts.words import number, sentences
from core.contracts import Engine, Span, Table
from core.params import Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

MOST = 500  # steps that a forecast learns from
NEEDED = 12  # steps, at the least
_NUMBERS = ("value", "tested", "naive", "forecast", "low_80", "high_80", "low_95", "high_95", "rows")
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
        if season > 1 and len(values) - held < 2 * season + 3:
            facts["short"], season = {"season": season, "needed": 2 * season + 3 + held}, 1
        facts["season"] = season
        if not self._tested(rows, values, held, season, facts):
            facts["problem"] = "none"
            return []
        return self._ahead(rows[-1]["x"], values, season, facts)

    def _tested(
        self, rows: list[dict[str, Any]], values: list[float], held: int, season: int, facts: dict[str, Any]
    ) -> bool:
        """Tell the last steps from those before them, as the naive guess does too, and compare both."""
        known, truth = values[:-held], values[-held:]
        chosen = smoothing.best(known, season, _LOGARITHMS[self.scale])
        told = smoothing.ahead(known, chosen[0], held) if chosen else None
        if told is None:
            return False
        guess = smoothing.naive(known, season, held)
        for row, value, other in zip(rows[-held:], told.value, guess, strict=True):
            row |= {"tested": float(value), "naive": float(other)}
        scale = smoothing.naive_error(known, season)
        errors = {
            "forecast": sum(abs(a - b) for a, b in zip(told.value, truth, strict=True)) / held,
            "naive": sum(abs(a - b) for a, b in zip(guess, truth, strict=True)) / held,
        }
        low, high = told.bounds[-1]
        facts["test"] = {
            "held": held,
            "inside": sum(bool(a <= y <= b) for a, y, b in zip(low, truth, high, strict=True)),
            **{
                key: {"mae": float(error), "mase": float(error / scale) if scale else None}
                for key, error in errors.items()
            },
        }  # fmt: skip
        return True

    def _ahead(
        self, last: str, values: list[float], season: int, facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        chosen = smoothing.best(values, season, _LOGARITHMS[self.scale])
        told = smoothing.ahead(values, chosen[0], self.horizon) if chosen else None
        if told is None or chosen is None:
            facts["problem"] = "none"
            return []
        facts["form"] = vars(chosen[0])
        guess = smoothing.naive(values, season, self.horizon)
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
        what, rows = say(grouping.measured(self.aggregation, self.y)), parts.numbered(data)
        figure = panels([], title=say(self._title(facts)), x=self.x, y=what)

        def add(key: str, colour: int, name: Note | None, **style: Any) -> None:
            own = [row for row in rows if row[key] is not None]
            width = {"width": 0} if name is None else {}
            figure.add_trace(
                go.Scatter(
                    x=[row["x"] for row in own], y=[row[key] for row in own], mode="lines",
                    name=shown(say(name)) if name else "", showlegend=name is not None,
                    line={"dash": style.pop("dash", "solid"), **width}, meta={"colour": colour},
                    hoverinfo="x+y+name" if name else "skip", **style,
                )
            )  # fmt: skip

        if facts["steps"] < data.num_rows:
            for level in reversed(smoothing.LEVELS):
                add(f"low_{level}", 1, None)
                add(
                    f"high_{level}",
                    1,
                    note("{level}% interval", level=level),
                    fill="tonexty",
                    fillcolor=_BAND,
                )
            add("naive", 2, note("Naive guess"), dash="dash")
            add("tested", 1, note("Test on the last steps"), dash="dot")
            add("forecast", 1, note("Forecast"))
        measured = [row for row in rows[: facts["steps"]] if row["value"] is not None]
        add("value", 0, note("Measured"), customdata=[row["row"] for row in measured])
        figure.update_xaxes(type="date")
        figure.update_layout(margin={"t": 104})  # room for a legend of two lines under the title
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        facts = notes(data)
        if row >= facts["steps"] or data.column("value")[row].as_py() is None:
            return None
        return steps.door(self.x, facts, data.column("x")[row].as_py())

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return Selection.of(*parts.span(self.x, notes(data)["kind"], x)) if x is not None else Selection()

    def _title(self, facts: dict[str, Any]) -> Note:
        what = grouping.measured(self.aggregation, self.y)
        return note(
            "Forecast of {what} by {x}, step: {grain}", what=what, x=self.x, grain=note(facts["grain"])
        )

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            what = grouping.measured(self.aggregation, self.y)
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
            judged(facts["test"], facts["season"]), _form(Form(**facts["form"])),
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


def judged(test: dict[str, Any], season: int) -> Note:
    """Whether the forecast beats the naive guess on the steps that were held out, with both errors."""
    own, other = test["forecast"], test["naive"]
    words = {
        "held": test["held"], "inside": test["inside"], "mae": number(own["mae"]),
        "mase": number(own["mase"]), "naive_mae": number(other["mae"]), "naive_mase": number(other["mase"]),
    }  # fmt: skip
    guess = note("as one season before") if season > 1 else note("as the last step")
    if own["mae"] < other["mae"]:
        share = note("{share}% smaller than", share=number(round((1 - own["mae"] / other["mae"]) * 100)))
        verdict = note("The forecast beats the naive guess.")
    else:
        share = note("no smaller than")
        verdict = note("The forecast does not beat the naive guess: rather trust that one.")
    return sentences(
        verdict,
        note(
            "Tested on the last {held} steps, told from those before: its mean absolute error is {mae} "
            "(MASE {mase}), {share} that of the naive guess, {guess}: {naive_mae} (MASE {naive_mase}). "
            "{inside} of the {held} lay within the 95% interval.", share=share, guess=guess, **words,
        ),
    )  # fmt: skip


def _form(form: Form) -> Note:
    parts = [note("level")]
    if form.trend:
        parts.append(note("a trend that levels off") if form.damped else note("trend"))
    if form.season > 1:
        parts.append(note("a season of {steps} steps", steps=form.season))
    if form.log:
        return note("Exponential smoothing of the logarithm, with {parts}.", parts=parts)
    return note("Exponential smoothing with {parts}.", parts=parts)
