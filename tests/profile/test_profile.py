"""The numbers of a profile, compared with pandas and numpy."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine, Recorded, Table
from core.errors import Cancelled
from core.profile import Profile, bins, profile, relations, values, work
from tests.conftest import SAMPLES

Build = Callable[..., Table]


def sample(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / f"{name}.csv.gz")


@pytest.mark.parametrize("name", ["ggplot2_diamonds", "modeldata_credit_data", "palmerpenguins_penguins"])
def test_numbers_agree_with_pandas(name: str, table_of: Build, engine: Engine) -> None:
    frame = sample(name)
    found = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    assert found.rows == len(frame)
    assert found.duplicates == int(frame.duplicated().sum())
    for column in found.columns:
        values = frame[column.name]
        assert column.missing == int(values.isna().sum())
        assert column.distinct == values.nunique()
        assert column.distinct_exact
        if column.type not in ("integer", "number"):
            continue
        assert (column.minimum, column.maximum) == (values.min(), values.max())
        assert column.mean == pytest.approx(values.mean(), rel=1e-12)
        assert column.sd == pytest.approx(values.std(), rel=1e-10)
        assert column.quartiles == pytest.approx(tuple(values.quantile([0.25, 0.5, 0.75])), rel=1e-12)


def test_the_most_frequent_values_agree_with_pandas(table_of: Build, engine: Engine) -> None:
    frame = sample("ggplot2_diamonds")
    found = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    for name in ("cut", "color", "clarity"):
        counts = frame[name].value_counts()
        top = {count.value: count.count for count in found.column(name).top}
        assert top == dict(counts.head(10))
        assert found.column(name).top_exact


def test_a_histogram_counts_every_row_once(table_of: Build, engine: Engine) -> None:
    frame = sample("ggplot2_diamonds")
    found = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    for name in ("price", "carat", "depth"):
        histogram = found.column(name).histogram
        assert histogram is not None
        assert len(histogram.counts) <= 50
        assert len(histogram.edges) == len(histogram.counts) + 1
        assert sum(histogram.counts) + histogram.below + histogram.above == len(frame)
        edges = np.array(histogram.edges, dtype=float)
        values = frame[name].to_numpy(dtype=float)
        inside = values[(values >= edges[0]) & (values <= edges[-1])]
        # the engine and numpy may put a value that lies on an edge to either side of it
        again = np.cumsum(np.histogram(inside, edges)[0])
        on_edges = max(int(np.isclose(values, edge, rtol=1e-12).sum()) for edge in edges)
        assert np.abs(np.cumsum(histogram.counts) - again).max() <= on_edges


def test_one_wrong_value_does_not_flatten_a_histogram(table_of: Build, engine: Engine) -> None:
    values = [*np.random.default_rng(1).normal(50, 10, 1000).tolist(), 1e12, math.inf, -math.inf]
    found = profile(table_of(x=values), engine).column("x")
    assert found.histogram is not None
    assert found.histogram.above == 1
    assert sum(count > 0 for count in found.histogram.counts) > 10
    assert found.infinite == 2
    assert found.maximum == 1e12


def test_infinite_and_not_a_number_and_enormous_values(table_of: Build, engine: Engine) -> None:
    found = profile(
        table_of(x=[1.0, 2.0, math.inf, -math.inf, math.nan, None], y=[1e308, -1e308, 1.0, 2.0, 3.0, 4.0]),
        engine,
    )
    x, y = found.column("x"), found.column("y")
    assert (x.infinite, x.missing, x.minimum, x.maximum, x.mean) == (2, 2, 1.0, 2.0, 1.5)
    assert (y.minimum, y.maximum) == (-1e308, 1e308)
    assert y.mean == pytest.approx(10 / 6, abs=1e294), "to the last digit of values as large as these"
    assert y.sd == pytest.approx(1e308 * math.sqrt(2 / 5), rel=1e-12)
    json.dumps(found.to_json(), allow_nan=False)


def test_dates_before_1970(table_of: Build, engine: Engine) -> None:
    days = [dt.date(1850, 1, 1) + dt.timedelta(days=i) for i in range(100)]
    found = profile(table_of(day=days, at=[dt.datetime(1800, 1, 1, i % 24) for i in range(100)]), engine)
    day = found.column("day")
    assert (day.minimum, day.maximum, day.meaning) == ("1850-01-01", "1850-04-10", "date")
    assert day.histogram is not None
    assert sum(day.histogram.counts) == 100
    assert str(day.histogram.edges[0]).startswith("1850-01-01")


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_of_no_or_one_row(rows: int, table_of: Build, engine: Engine) -> None:
    values = {"a": 1, "b": "x", "c": dt.date(2024, 1, 1), "d": 1.5, "e": True}
    data = pa.table({name: [value] for name, value in values.items()}).slice(0, rows)
    found = profile(table_of(data), engine)
    assert found.rows == rows
    assert len(found.columns) == 5
    assert found.duplicates == 0


def test_a_column_without_any_value(table_of: Build, engine: Engine) -> None:
    kinds = {"a": pa.int64(), "b": pa.string(), "c": pa.date32(), "d": pa.bool_()}
    data = pa.table({name: pa.nulls(5, kind) for name, kind in kinds.items()})
    found = profile(table_of(data), engine)
    assert {column.meaning for column in found.columns} == {"empty"}
    assert {finding.kind for finding in found.findings} >= {"all_missing"}


def test_columns_in_several_batches(table_of: Build, engine: Engine) -> None:
    columns: dict[str, Any] = {f"n{i}": [float(i), 2.0, None] for i in range(150)}
    columns |= {f"t{i}": ["a", "b", f"{i}"] for i in range(60)}
    columns |= {f"d{i}": [dt.date(2024, 1, 1), None, dt.date(2024, 1, 2 + i % 20)] for i in range(40)}
    found = profile(table_of(**columns), engine)
    assert len(found.columns) == 250
    assert found.column("n7").mean == 4.5
    assert found.column("t59").distinct == 3
    assert found.column("d3").missing == 1


def test_hostile_names_are_only_names(table_of: Build, engine: Engine) -> None:
    names = ['a"; drop table t; --', "x", "v", "n", "h", "b", "{0}", ":x", "n" * 500, "li\nne", "价格"]
    found = profile(table_of(**{name: ["1", "2", " x ", None] for name in names}), engine)
    for name in names:
        column = found.column(name)
        assert (column.missing, column.distinct) == (1, 3)
        assert column.look is not None
        assert column.look.padded == 1
    assert all(finding.message for finding in found.findings)


def test_a_large_table_is_sampled_where_it_says_so_and_exact_elsewhere(
    table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "EXACT_ROWS", 1_000)
    monkeypatch.setattr(work, "SAMPLE_ROWS", 500)
    monkeypatch.setattr(values, "COUNTED_VALUES", 50)
    monkeypatch.setattr(relations, "EXACT_DUPLICATES", 1_000)
    monkeypatch.setattr(relations, "PARTITION", 4)
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({
        "id": np.arange(20_000), "x": rng.lognormal(3, 1, 20_000), "whole": rng.integers(0, 7, 20_000),
        "zeros": np.where(rng.random(20_000) < 0.9, 0.0, rng.random(20_000)),
        "name": [f"name {i % 4000}" for i in range(20_000)], "kind": rng.choice(["a", "b"], 20_000),
    })  # fmt: skip
    found = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    for name in ("id", "x", "whole", "zeros"):
        expected = tuple(frame[name].quantile([0.25, 0.5, 0.75]))
        assert found.column(name).quartiles == pytest.approx(expected, rel=1e-12), name
        assert found.column(name).mean == pytest.approx(frame[name].mean(), rel=1e-12)
    assert found.column("id").meaning == "identifier"
    assert not found.column("name").distinct_exact
    assert found.column("name").distinct == pytest.approx(4000, rel=0.2)
    assert not found.column("name").top_exact
    assert {c.value: c.count for c in found.column("kind").top} == dict(frame["kind"].value_counts())
    assert found.column("kind").top_exact
    assert (found.duplicates, found.duplicates_exact) == (0, False)
    twice = pd.concat([frame.drop(columns="id"), frame.drop(columns="id")])
    again = profile(table_of(pa.Table.from_pandas(twice, preserve_index=False)), engine)
    assert again.duplicates == pytest.approx(20_000, rel=0.15)
    assert not again.duplicates_exact


def test_correlations_agree_with_numpy(table_of: Build, engine: Engine) -> None:
    frame = sample("ggplot2_diamonds")[["carat", "price", "depth"]]
    found = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    expected = frame.corr()
    assert len(found.pairs) == 3
    for pair in found.pairs:
        assert pair.correlation == pytest.approx(expected.loc[pair.first, pair.second], rel=1e-9)


def test_json_round_trip(table_of: Build, engine: Engine) -> None:
    found = profile(
        table_of(pa.Table.from_pandas(sample("palmerpenguins_penguins"), preserve_index=False)), engine
    )
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert Profile.from_json(document) == found
    assert all(row["message"] for row in document["findings"])


def test_it_stops_when_asked_and_shows_progress(table_of: Build, engine: Engine) -> None:
    class Stopped(Recorded):
        def stopped(self) -> bool:
            return True

    class Followed(Recorded):
        def progress(self, share: float | None, message: str = "") -> None:
            self.events.append({"share": share})

    with pytest.raises(Cancelled):
        profile(table_of(a=[1, 2]), engine, Stopped())
    watch = Followed()
    profile(table_of(a=[1, 2], b=["x", "y"]), engine, watch)
    shares = [event["share"] for event in watch.events]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_bins_never_exceed_fifty(table_of: Build, engine: Engine) -> None:
    assert bins.BINS <= 50
    found = profile(table_of(i=list(range(5000)), big=[i * 10**15 for i in range(5000)]), engine)
    for column in found.columns:
        assert column.histogram is not None
        assert len(column.histogram.counts) <= 50
        assert sum(column.histogram.counts) == 5000
