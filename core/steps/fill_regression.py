"""Missing numbers estimated from the other numbers of their row, by regressions that were learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import StrictInt, StrictStr, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Table
from core.params import Frozen, Number
from core.steps.fill_by_others import MOST, USABLE, FillByOthers, as_stored, put_in
from core.steps.numbers import drawn, unused, usable
from core.steps.outliers import Limit
from core.steps.words import named
from core.wording import Note, note

LEARNED = 20_000  # rows that the regressions are learned from
ROUNDS = 10


class Pass(Frozen):
    """One regression: the column it estimates, and what each of the others counts for."""

    column: StrictInt
    intercept: Limit
    weights: list[Limit]  # of all other columns, in their order


class Regressions(Frozen):
    """The columns with a value, what their missing cells begin with, their limits, and the regressions."""

    columns: list[StrictStr] = P(default_factory=list)
    start: list[Limit] = P(default_factory=list)
    low: list[Limit] = P(default_factory=list)
    high: list[Limit] = P(default_factory=list)
    passes: list[Pass] = P(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> Regressions:
        count = len(self.columns)
        if not all(len(part) == count for part in (self.start, self.low, self.high)):
            raise ValueError("each column needs a start and its limits")
        if any(low > high for low, high in zip(self.low, self.high, strict=True)):
            raise ValueError("the lower limit must not lie above the upper one")
        if len(self.passes) > MOST * ROUNDS:
            raise ValueError(f"there are at most {MOST * ROUNDS} regressions")
        for row in self.passes:
            if not 0 <= row.column < count or len(row.weights) != count - 1:
                raise ValueError("a regression is of one of the columns, from all others")
        return self


class FillByRegression(FillByOthers):
    """Replace missing numbers by what the other numbers of their row let expect.

    Each column is estimated from all the others by a Bayesian ridge regression; missing cells begin with
    the column's mean and are estimated anew in each round (scikit-learn's IterativeImputer). The
    regressions of every round are learned once, from at most 20,000 rows drawn by their place, and the
    same numbers are used on new rows. No estimate lies beyond the smallest and the largest value of its
    column. Columns of whole numbers stay whole: estimates are rounded. Infinite and very large values are
    taken for the mean where they would say something of others, and stay as they are.
    """

    title = "Fill by regression"
    Learned = Regressions

    rounds: Annotated[int, Number(1, ROUNDS)] = P(
        default=5,
        title="Rounds",
        description="How many times every column is estimated anew, unless nothing changes any more.",
        ge=1,
        le=ROUNDS,
    )

    @classmethod
    def example(cls) -> FillByRegression:
        return cls(columns=("price", "quantity"), others=("id",), rounds=3)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """What scikit-learn's imputer learned, round by round."""
        import numpy as np

        data = drawn(table, self._all(), LEARNED, engine)
        there = [place for place in range(data.shape[1]) if not np.isnan(data[:, place]).all()]
        if not there:
            return Regressions().model_dump(mode="json")
        data = data[:, there]
        low, high = np.nanmin(data, axis=0), np.nanmax(data, axis=0)
        return {
            "columns": [self._all()[place] for place in there],
            "start": np.nanmean(data, axis=0).tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
            "passes": _regressions(data, low, high, self.rounds) if len(there) > 1 else [],
        }

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        found = Regressions.model_validate(dict(learned))
        mark = unused(columns)
        latest = [f"{mark}{place}" for place in range(len(found.columns))]
        begun = [
            exp.alias_(sql.template("coalesce(:x, :start)", x=usable(sql.name(name)), start=float(start)),
                       latest[place], quoted=True)
            for place, (name, start) in enumerate(zip(found.columns, found.start, strict=True))
        ]  # fmt: skip
        stages = [exp.select("*", *begun).from_(source)]
        for number, row in enumerate(found.passes):
            cell = sql.name(found.columns[row.column])
            estimate = self._estimate(row, found, latest)
            kept = sql.template(
                "CASE WHEN :x IS NULL THEN :estimate ELSE :old END",
                x=usable(cell), estimate=estimate, old=sql.name(latest[row.column]),
            )  # fmt: skip
            latest[row.column] = f"{mark}{number}_{row.column}"
            stage = exp.select("*", exp.alias_(kept, latest[row.column], quoted=True))
            stages.append(stage.from_(f"pass_{number}"))
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name) for column in columns}
        kinds = {column.name: column.type for column in columns}
        for place, name in enumerate(found.columns):
            if name in self.columns:
                made = as_stored(sql.name(latest[place]), kinds[name] == "integer")
                chosen[name] = sql.template("coalesce(:x, :made)", x=sql.name(name), made=made)
        query = sql.select(f"pass_{len(stages) - 1}", chosen)
        for number, stage in enumerate(stages):
            query = query.with_(f"pass_{number}", as_=stage, copy=False)
        return query

    def _estimate(self, row: Pass, found: Regressions, latest: list[str]) -> exp.Expr:
        total: exp.Expr = sql.literal(float(row.intercept))
        others = [place for place in range(len(found.columns)) if place != row.column]
        for weight, place in zip(row.weights, others, strict=True):
            part = sql.template(":w * :x", w=float(weight), x=sql.name(latest[place]))
            total = exp.Add(this=total, expression=part)
        limited: exp.Expr = sql.template(
            "greatest(:low, least(:high, :x))",
            low=float(found.low[row.column]), high=float(found.high[row.column]), x=total,
        )  # fmt: skip
        return limited

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        found = Regressions.model_validate(dict(learned))
        if not found.columns:
            return "pass  # there were no values to learn from"
        kinds = {column.name: column.type for column in columns}
        passes = [(row.column, float(row.intercept), list(map(float, row.weights))) for row in found.passes]
        lines = [
            *USABLE,
            f"x = [usable(pa.array(df[name])) for name in {found.columns!r}]",
            "missing = [np.isnan(cells) for cells in x]",
            f"start = {list(map(float, found.start))!r}",
            f"low, high = {list(map(float, found.low))!r}, {list(map(float, found.high))!r}",
            "x = [np.where(gone, first, cells) for gone, first, cells in zip(missing, start, x)]",
            f"passes = {passes!r}",
            "for column, made, weights in passes:",
            "    others = x[:column] + x[column + 1 :]",
            "    for weight, cells in zip(weights, others):",
            "        made = made + weight * cells",
            "    made = np.maximum(low[column], np.minimum(high[column], made))",
            "    x[column] = np.where(missing[column], made, x[column])",
        ]
        for place, name in enumerate(found.columns):
            if name in self.columns:
                lines += put_in(name, f"x[{place}]", kinds[name] == "integer")
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Fill missing {columns} by regression on {others}",
            columns=named(self.columns), others=named(self._all()),
        )  # fmt: skip


def _regressions(data: Any, low: Any, high: Any, rounds: int) -> list[dict[str, Json]]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401, it cannot be had otherwise
    from sklearn.impute import IterativeImputer
    from sklearn.linear_model import BayesianRidge

    imputer = IterativeImputer(
        BayesianRidge(), max_iter=rounds, imputation_order="roman", min_value=low, max_value=high,
        random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        # the number of rounds is what was asked for, not a failure to go further
        warnings.simplefilter("ignore", ConvergenceWarning)
        imputer.fit(data)
    return [
        {
            "column": int(step.feat_idx),
            "intercept": float(step.estimator.intercept_),
            "weights": step.estimator.coef_.tolist(),
        }
        for step in imputer.imputation_sequence_
    ]
