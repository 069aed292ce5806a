"""What is offered for a column's head and for a cell, and the rows that each offer says it touches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.engine.duckdb import DuckEngine
from core.recipe import Recipe, RecipeStep
from core.suggest import Suggestion, for_cell, for_column
from tests.steps.tables import fetched, put

CITIES = ["Oslo", "oslo", "Oslo ", "Rome", None, "Rome", "Oslo"]


def kinds(found: list[Suggestion]) -> list[str]:
    return [one.step.kind() for one in found]


def really_touched(one: Suggestion, rows: pa.Table, folder: Path, engine: DuckEngine) -> int:
    """Counted in Python, by doing it: rows that went, or whose old or new cells differ."""
    table = put(folder, rows)
    done = Recipe(steps=(RecipeStep(step=one.step),)).learn(table, engine).apply(table, engine)
    after = fetched(done, engine)
    if one.removes:
        return int(rows.num_rows - after.num_rows)
    new = [name for name in after.column_names if name not in rows.column_names]
    before, now = rows.to_pylist(), after.to_pylist()

    def differs(old: dict[str, Any], row: dict[str, Any]) -> bool:
        same = all(str(old[name]) == str(row[name]) for name in old if name in row)
        return not same or any(row[name] is not None for name in new)

    return sum(differs(old, row) for old, row in zip(before, now, strict=True))


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        (["5 kg", "11 lb", "3 kg", None], "convert_units"),
        (["1,234.50", "2,000.00", "17.10"], "change_type"),
        (["03/04/2024", "2024-05-06", "7 May 2024"], "mixed_dates"),
        (["7:10 a.m.", "19:30", "11:05 PM"], "read_times"),
        ([" a", "b ", "c"], "trim_text"),
        (["a, b", "c, d", "e, f"], "split_column"),
        ([1.0, 2.0, None, 4.0], "fill_missing"),
    ],
)
def test_a_head_offers_the_step_for_what_the_column_holds(
    values: list[Any], offered: str, engine: DuckEngine, tmp_path: Path
) -> None:
    rows = pa.table({"x": values})
    found = for_column(put(tmp_path, rows), engine, "x")
    assert offered in kinds(found)


def test_every_offer_says_how_many_rows_it_touches(engine: DuckEngine, tmp_path: Path) -> None:
    rows = pa.table({"city": CITIES, "n": [1, 2, 3, 4, 5, 6, 7]})
    offers = for_column(put(tmp_path, rows), engine, "city")
    offers += for_cell(put(tmp_path, rows), engine, "city", "Oslo")
    offers += for_cell(put(tmp_path, rows), engine, "city", None)
    offers += for_cell(put(tmp_path, rows), engine, "n", 3)
    checked = 0
    for one in offers:
        if not one.open and one.step.kind() not in ("drop_columns", "rename_columns"):
            assert one.touched == really_touched(one, rows, tmp_path, engine), one.step
            checked += 1
    assert checked >= 10


def test_a_cell_offers_to_keep_drop_replace_and_mend_its_value(engine: DuckEngine, tmp_path: Path) -> None:
    rows = pa.table({"city": CITIES})
    found = for_cell(put(tmp_path, rows), engine, "city", "oslo")
    kept, dropped = [one for one in found if one.step.kind() == "filter_rows"][:2]
    assert (kept.touched, dropped.touched) == (6, 1)
    spelt = next(one for one in found if one.remark is not None)
    assert {(pair.before, pair.after) for pair in spelt.pairs} == {("oslo", "Oslo"), ("Oslo ", "Oslo")}
    assert any(one.open for one in found), "another value may be put there, which a person types"


def test_what_goes_shows_no_cells_after_it(engine: DuckEngine, tmp_path: Path) -> None:
    found = for_column(put(tmp_path, pa.table({"a": [1, 2], "b": [3, 4]})), engine, "a")
    (gone,) = [one for one in found if one.step.kind() == "drop_columns"]
    assert gone.pairs == ()


@pytest.mark.parametrize("values", [[], [None, None], ["", " "]])
def test_empty_columns_are_no_error(values: list[Any], engine: DuckEngine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"x": pa.array(values, pa.string())}))
    assert isinstance(for_column(table, engine, "x"), list)
    assert isinstance(for_cell(table, engine, "x", None), list)


def test_values_that_are_one_written_differently_are_merged(engine: DuckEngine, tmp_path: Path) -> None:
    rows = pa.table({"city": ["Rome"] * 6 + ["ROME", " rome."] + ["Oslo", "Bern"] * 5})
    found = for_column(put(tmp_path, rows), engine, "city")
    (merge,) = [offer for offer in found if offer.step.kind() == "merge_similar"]
    assert merge.touched == 2
    assert {(pair.before, pair.after) for pair in merge.pairs} == {("ROME", "Rome"), (" rome.", "Rome")}


def test_misspelt_values_of_few_are_offered_to_be_confirmed(engine: DuckEngine, tmp_path: Path) -> None:
    rows = pa.table({"town": ["Ashford"] * 9 + ["Ashforrd", "Ashford"] + ["Brookfield", "Castleton"] * 5})
    found = for_column(put(tmp_path, rows), engine, "town")
    (merge,) = [offer for offer in found if offer.step.kind() == "merge_similar"]
    assert (merge.open, merge.touched) == (True, 1)
    assert str(merge.remark) == '1 value is like a more frequent one: "Ashforrd" like "Ashford".'
    rows = pa.table({"size": ["Class 1", "Class 2", "Class 3", "big", "bag"] * 9})
    found = for_column(put(tmp_path, rows), engine, "size")
    assert not [offer for offer in found if offer.step.kind() == "merge_similar"]
