"""A recipe of eight steps on 10,000,000 rows to Parquet, beside the query by hand and beside pandas.

    python -m bench recipe

By hand: what a person who knows DuckDB would write, one query for the constants that the recipe
learns (a median, two quartiles, mean and deviation) and one that writes the file. pandas does the
same steps as far as its memory goes, on a tenth of the rows. The preview is what the page asks for
after a step was edited: constants learned again, effects of all steps, SQL, pandas code, one page.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import core.steps  # noqa: F401, registers the members
from bench.profile import ROWS, best, generated, opened
from core import sql
from core.contracts import Json, Step, Table
from core.engine.duckdb import DuckEngine
from core.recipe import Recipe, compare, replace

LOOKED = 200_000  # rows on which the page tries a recipe
STEPS: list[dict[str, Json]] = [
    {"kind": "filter_rows", "conditions": [{"column": "quantity", "operator": ">=", "value": "5"}]},
    {"kind": "fill_missing", "columns": ["score"], "method": "median"},
    {"kind": "clip_outliers", "columns": ["price"], "method": "iqr", "reach": 1.5},
    {"kind": "derived_column", "name": "amount", "formula": "price * quantity"},
    {"kind": "replace_values", "columns": ["region"], "values": [
        {"find": "Centre", "put": "Center"}, {"find": "West", "missing": True}]},
    {"kind": "change_case", "columns": ["customer"], "case": "upper"},
    {"kind": "date_parts", "column": "day", "year": True, "month": True, "weekday": False},
    {"kind": "normalise_numbers", "columns": ["score"], "method": "z"},
]  # fmt: skip
LEARNED = """
    WITH kept AS (SELECT price, score FROM read_parquet('{place}') WHERE quantity >= 5),
    filled AS (SELECT price, coalesce(score, (SELECT quantile_cont(score, 0.5) FROM kept)) AS score FROM kept)
    SELECT (SELECT quantile_cont(score, 0.5) FROM kept), quantile_cont(price, 0.25),
        quantile_cont(price, 0.75), avg(score), stddev_pop(score) FROM filled
"""
WRITTEN = """
    COPY (
        SELECT id, price, (score - {mean}) / {sd} AS score, quantity, region, customer, member, day, moment,
            price * quantity AS amount, year(day) AS "day year", month(day) AS "day month"
        FROM (
            SELECT id, greatest({low}, least({high}, price)) AS price, coalesce(score, {median}) AS score,
                quantity,
                CASE region WHEN 'Centre' THEN 'Center' WHEN 'West' THEN NULL ELSE region END AS region,
                upper(customer) AS customer, member, day, moment
            FROM read_parquet('{place}') WHERE quantity >= 5
        )
    ) TO '{out}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)
"""


def ours(table: Table, engine: DuckEngine, out: Path) -> None:
    """Learn the constants and write the rows."""
    recipe = Recipe.from_json(STEPS).learn(table, engine)
    engine.write(recipe.apply(table, engine).query, out)


def by_hand(place: Path, out: Path) -> None:
    connection = duckdb.connect()
    median, q1, q3, mean, sd = connection.execute(LEARNED.format(place=place)).fetchall()[0]
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    facts = {"median": median, "low": low, "high": high, "mean": mean, "sd": sd}
    connection.execute(WRITTEN.format(place=place, out=out, **facts))


def by_pandas(place: Path, out: Path) -> None:
    df = pd.read_parquet(place)
    df = df[df["quantity"] >= 5].copy()
    df["score"] = df["score"].fillna(df["score"].median())
    q1, q3 = df["price"].quantile(0.25), df["price"].quantile(0.75)
    df["price"] = df["price"].clip(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))
    df["amount"] = df["price"] * df["quantity"]
    df["region"] = df["region"].replace({"Centre": "Center"}).mask(df["region"] == "West")
    df["customer"] = df["customer"].str.upper()
    day = pd.to_datetime(df["day"])
    df["day year"], df["day month"] = day.dt.year, day.dt.month
    df["score"] = (df["score"] - df["score"].mean()) / df["score"].std(ddof=0)
    df.to_parquet(out, compression="zstd", index=False)


def previewed(table: Table, engine: DuckEngine, learned: Recipe, index: int) -> None:
    """What the page asks for once the step at `index` was edited."""
    step = {**STEPS[index], "reach": 2.0} if index == 2 else STEPS[index]
    recipe = replace(learned, index, Step.from_json(step)).learn(table, engine)
    recipe.effects(table, engine)
    recipe.sql(table, engine)
    recipe.pandas(table, engine)
    found = compare(recipe, table, engine, start=1, end=len(STEPS))
    rows = engine.rows(found.after.query, 50).column(sql.ROW).to_pylist()
    found.changed_cells(engine, rows, longest=200)


def head(table: Table) -> Table:
    inside = sql.template(":row < :count", row=sql.name(sql.ROW), count=LOOKED)
    names = {column.name: sql.name(column.name) for column in table.columns}
    query: Any = sql.select("t", names).from_(table.query.subquery("t")).where(inside)
    return Table(query, table.columns)


def summed(place: Path) -> tuple[Any, ...]:
    query = (
        'SELECT count(*), sum(amount), sum(score * quantity), count(region), sum("day year"), min(customer)'
    )
    return duckdb.execute(f"{query} FROM read_parquet('{place}')").fetchall()[0]


def main(rows: int = ROWS) -> None:
    engine = DuckEngine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = generated(folder / "long.parquet", rows)
        tenth = generated(folder / "tenth.parquet", rows // 10)
        table, small = opened(place, engine), opened(tenth, engine)
        results = best({
            "our recipe": lambda: ours(table, engine, folder / "ours.parquet"),
            "DuckDB by hand": lambda: by_hand(place, folder / "hand.parquet"),
        })  # fmt: skip
        ends = summed(folder / "ours.parquet"), summed(folder / "hand.parquet")
        if any(a != b and abs(a - b) > 1e-6 * abs(b) + 1e-3 for a, b in zip(*ends, strict=True) if a != b):
            raise SystemExit(f"not the same rows: {ends}")
        results |= best({
            "our recipe, a tenth": lambda: ours(small, engine, folder / "ours.parquet"),
            "pandas, a tenth": lambda: by_pandas(tenth, folder / "pandas.parquet"),
        })  # fmt: skip
        print(f"{rows:,} rows x {len(table.columns)} columns, {len(STEPS)} steps, the best of three rounds")
        for called, (cpu, wall, grown) in results.items():
            print(f"{called:22} {cpu:6.2f} cpu-s  {wall:6.2f} s  +{grown:5.0f} MB")
        part = head(table)
        learned = Recipe.from_json(STEPS).learn(part, engine)
        edited = best({
            "the first step": lambda: previewed(part, engine, learned, 0),
            "the third step": lambda: previewed(part, engine, learned, 2),
            "the last step": lambda: previewed(part, engine, learned, len(STEPS) - 1),
        })  # fmt: skip
        for called, (cpu, wall, _) in edited.items():
            print(f"preview after editing {called:14} {cpu:6.2f} cpu-s  {wall:6.2f} s")


if __name__ == "__main__":
    main()
