"""Treemaps and sunbursts: the sizes of their parts are pandas', and parts of parts add up."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Sunburst, Treemap
from core.contracts import Engine
from core.errors import BadParameter
from core.examples import COLUMNS
from core.selection import Selection, selected
from core.within import Within
from tests.charts.test_numbers import Build, sample


@pytest.mark.parametrize("kind", [Treemap, Sunburst])
def test_parts_are_pandas_sums(kind: type[Treemap], table_of: Build, engine: Engine) -> None:
    frame = sample("ggplot2_diamonds")
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    some = Selection.of(Within(column="carat", low=1.0))
    for own, of in ((table, frame), (selected(table, some), frame[frame["carat"] >= 1.0])):
        chart = kind(columns=("cut", "color", "clarity"), value="price")
        got = chart.data(own, engine).to_pandas()
        for level, keys in ((1, ["cut"]), (2, ["cut", "color"]), (3, ["cut", "color", "clarity"])):
            expected = of.groupby(keys)["price"].agg(["sum", "size"])
            mine = got[got["level"] == level]
            assert len(mine) == len(expected)
            for row in mine.to_dict("records"):
                key = tuple(row[f"part{i}"] for i in range(level))
                wanted = expected.loc[key if level > 1 else key[0]]
                assert row["value"] == pytest.approx(wanted["sum"])
                assert row["rows"] == wanted["size"]


def test_every_part_has_its_parent_and_leaves_make_the_whole(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    chart = Treemap(columns=("continent", "country", "year"), value="pop")
    data = chart.data(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    trace = chart.figure(data).data[0]
    assert set(trace.parents) - {""} <= set(trace.ids)
    assert len(set(trace.ids)) == len(trace.ids)
    assert sum(trace.values) == pytest.approx(frame["pop"].sum()), "others are there, too"


def test_sums_below_zero_are_counted_not_drawn(table_of: Build, engine: Engine) -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y"], "v": [1.0, 2.0, -5.0]})
    chart = Treemap(columns=("a",), value="v")
    data = chart.data(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    assert data.column("part0").to_pylist() == ["x"]
    assert "1 part is left out: its sum is below 0." in str(chart.describe(data))


@pytest.mark.parametrize("columns", [(), ("region", "region"), ("id", "name", "region", "price", "day")])
def test_it_takes_one_to_four_different_columns(columns: tuple[str, ...]) -> None:
    with pytest.raises(BadParameter, match="1 to 4 different columns"):
        Treemap(columns=columns).check(COLUMNS)
