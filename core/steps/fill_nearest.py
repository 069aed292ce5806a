"""Missing numbers filled from the rows that are most alike in the other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import StrictStr, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Table
from core.params import Frozen, Number
from core.steps import lookup
from core.steps.fill_by_others import USABLE, FillByOthers, as_stored, put_in
from core.steps.numbers import LARGEST, drawn, unused, usable
from core.steps.outliers import Limit
from core.steps.words import named
from core.wording import Note, note

KEPT = 500  # rows that are kept to compare with


class Neighbours(Frozen):
    """The columns with a value, what a difference in each counts for, their means, and the rows kept."""

    columns: list[StrictStr] = P(default_factory=list)
    weights: list[Limit] = P(default_factory=list)  # one over the variance
    means: list[Limit] = P(default_factory=list)
    rows: list[list[Limit | None]] = P(default_factory=list)  # a list of cells for each column

    @model_validator(mode="after")
    def _fits(self) -> Neighbours:
        count = len(self.columns)
        if not all(len(part) == count for part in (self.weights, self.means, self.rows)):
            raise ValueError("each column needs a weight, a mean and the cells of the rows")
        if len({len(cells) for cells in self.rows}) > 1 or any(len(cells) > KEPT for cells in self.rows):
            raise ValueError(f"each column needs as many cells, and at most {KEPT}")
        if any(not 0 <= weight <= LARGEST for weight in self.weights):
            raise ValueError("a difference counts for nothing or more")
        return self


class FillNearest(FillByOthers):
    """Replace missing numbers by the mean of the most similar rows.

    How far two rows are apart is measured over the numbers that both have, each in standard deviations
    (scikit-learn's KNNImputer on standardised columns); of equally near rows the one that was drawn
    first counts. At most 500 rows, drawn by their place, are kept in the step to compare with, so that
    new rows are filled in the same way. A row with nothing to compare by gets the mean. Columns of whole
    numbers stay whole: means are rounded. Infinite and very large values are not compared, and stay.
    """

    title = "Fill from nearest rows"
    keeps_order = False  # found with joins
    Learned = Neighbours

    nearest: Annotated[int, Number(1, 20)] = P(
        default=5, title="Nearest rows", description="The mean of how many rows is taken.", ge=1, le=100
    )

    @classmethod
    def example(cls) -> FillNearest:
        return cls(columns=("price", "quantity"), others=("id",), nearest=3)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        import numpy as np

        names = self._all()
        data = drawn(table, names, KEPT, engine)
        there = [place for place in range(len(names)) if not np.isnan(data[:, place]).all()]
        found = Neighbours(
            columns=[names[place] for place in there],
            weights=[_weight(float(np.nanvar(data[:, place]))) for place in there],
            means=[float(np.nanmean(data[:, place])) for place in there],
            rows=[[None if np.isnan(x) else float(x) for x in data[:, place]] for place in there],
        )
        return found.model_dump(mode="json")

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        found, kinds = Neighbours.model_validate(dict(learned)), {c.name: c.type for c in columns}
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name, "s") for column in columns}
        joins = []
        for place, name in enumerate(found.columns):
            if name not in self.columns:
                continue
            alias, mean = f"n{place}", sql.literal(float(found.means[place]))
            made = sql.template("coalesce(:v, :mean)", v=exp.column("v", table=alias, quoted=True), mean=mean)
            made = as_stored(made, kinds[name] == "integer")
            chosen[name] = sql.template("coalesce(:x, :made)", x=chosen[name], made=made)
            joins.append((alias, self._means(source, columns, found, place)))
        query = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in chosen.items()])
        query = query.select(sql.name(sql.ROW, "s")).from_(exp.alias_(exp.to_table(source), "s", table=True))
        for alias, means in joins:
            same = exp.EQ(this=sql.name(sql.ROW, "s"), expression=sql.name(sql.ROW, alias))
            # not copied: what was learned is as long as the rows that were kept
            query = query.join(means.subquery(alias, copy=False), on=same, join_type="left", copy=False)
        return query

    def _means(self, source: str, columns: Schema, found: Neighbours, place: int) -> exp.Select:
        """For each row that lacks one column the mean of the nearest rows that have it."""
        mark = unused(columns)
        own = {f"{mark}x{i}": usable(sql.name(name)) for i, name in enumerate(found.columns)}
        lacking = sql.select(source, own).where(sql.template(":x IS NULL", x=sql.name(found.columns[place])))
        kept: dict[str, Any] = {f"{mark}y{i}": (cells, "number") for i, cells in enumerate(found.rows)}
        count = len(found.rows[place])
        known = lookup.relation("k", {**kept, f"{mark}r": (list(range(count)), "integer")})
        apart, both = self._apart(found, mark)
        pairs = exp.select(
            sql.name(sql.ROW, "q"),
            exp.alias_(sql.name(f"{mark}y{place}", "k"), "y"),
            exp.alias_(sql.name(f"{mark}r", "k"), "r"),
            exp.alias_(sql.template(":apart / NULLIF(:both, 0)", apart=apart, both=both), "d"),
        )
        pairs = pairs.from_(lacking.subquery("q", copy=False), copy=False)
        pairs = pairs.join(known, join_type="cross", copy=False)
        best = sql.template(
            "arg_min(y, struct_pack(d := d, r := r), :nearest)", nearest=min(self.nearest, max(count, 1))
        )
        nearest = exp.select(sql.name(sql.ROW), exp.alias_(best, "best"))
        nearest = nearest.from_(pairs.subquery("pairs", copy=False), copy=False)
        nearest = nearest.where("y IS NOT NULL AND d IS NOT NULL", copy=False).group_by("1", copy=False)
        mean = sql.template("list_sum(best) / len(best)")
        means = exp.select(sql.name(sql.ROW), exp.alias_(mean, "v", quoted=True))
        return means.from_(nearest.subquery("near", copy=False), copy=False)

    def _apart(self, found: Neighbours, mark: str) -> tuple[exp.Expr, exp.Expr]:
        """The sum of the weighted squares of what two rows differ by, and how many numbers both have."""
        total: exp.Expr = sql.literal(0.0)
        both: exp.Expr = sql.literal(0)
        for i, weight in enumerate(found.weights):
            x, y = sql.name(f"{mark}x{i}", "q"), sql.name(f"{mark}y{i}", "k")
            part = sql.template("coalesce((:x - :y) * (:x - :y) * :w, 0.0)", x=x, y=y, w=float(weight))
            total = exp.Add(this=total, expression=part)
            there = sql.template("CASE WHEN :x IS NULL OR :y IS NULL THEN 0 ELSE 1 END", x=x, y=y)
            both = exp.Add(this=both, expression=there)
        return exp.paren(total), exp.paren(both)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        found, kinds = Neighbours.model_validate(dict(learned)), {c.name: c.type for c in columns}
        if not found.columns:
            return "pass  # there were no values to learn from"
        rows = [[None if cell is None else float(cell) for cell in cells] for cells in found.rows]
        lines = [
            *USABLE,
            f"x = np.array([usable(pa.array(df[name])) for name in {found.columns!r}])",
            f"kept = np.array({rows!r}, dtype=float)",
            f"weights, means = {list(map(float, found.weights))!r}, {list(map(float, found.means))!r}",
            "def nearest(row, column):",
            "    total, both = np.zeros(kept.shape[1]), np.zeros(kept.shape[1])",
            "    for cell, cells, weight in zip(row, kept, weights):",
            "        part = (cell - cells) * (cell - cells) * weight",
            "        total, both = total + np.where(np.isnan(part), 0.0, part), both + ~np.isnan(part)",
            "    found = np.flatnonzero((both > 0) & ~np.isnan(kept[column]))",
            '    order = np.argsort(total[found] / both[found], kind="stable")',
            f"    best = kept[column][found[order[:{self.nearest}]]]",
            "    return best.mean() if len(best) else means[column]",
        ]
        for place, name in enumerate(found.columns):
            if name in self.columns:
                lines += [
                    f"filled, gone = x[{place}].copy(), df[{name!r}].isna().to_numpy()",
                    f"filled[gone] = [nearest(row, {place}) for row in x.T[gone]]",
                    *put_in(name, "filled", kinds[name] == "integer"),
                ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Fill missing {columns} from the {count} row nearest in {others} | Fill missing "
                "{columns} from the {count} rows nearest in {others}",
            columns=named(self.columns), count=self.nearest, others=named(self._all()),
        )  # fmt: skip


def _weight(variance: float) -> float:
    """One over the variance; a column without any says nothing of how far rows are apart."""
    return 1 / variance if variance > 1 / LARGEST else 0.0
