"""Division of rows, the proposal, and encodings learned on training rows alone."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from core import examples, sql
from core.contracts import Layout, Silent, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, BadParameter, LimitReached, MissingColumn
from core.features import Counts, Encoding, Split, divide, propose, read
from core.features import matrix as matrices
from core.features.encoding import learn
from core.features.split import PART
from core.profile import work
from tests.models.data import table


@pytest.fixture
def engine():
    return DuckEngine(threads=1)


def parts(stored, engine, division):
    """Row number -> part."""
    query = division.relation(stored).order_by(sql.name(sql.ROW))
    found = engine.rows(query).to_pylist()
    return {row[sql.ROW]: row[PART] for row in found}


def people(count, place, engine, seed=0):
    chance = np.random.default_rng(seed)
    days = np.datetime64("2024-01-01") + chance.integers(0, 300, count)
    return table({
        "age": chance.normal(40, 9, count), "city": chance.choice(["A", "B", "C"], count, p=[0.6, 0.3, 0.1]),
        "who": chance.integers(0, count // 5, count), "day": days.astype("datetime64[D]").astype(dt.date),
        "left": chance.random(count) < 0.2,
    }, place, engine)  # fmt: skip


# ---------------------------------------------------------------- division


def test_random_shares_are_exact_and_repeat_and_depend_on_the_seed(tmp_path, engine):
    stored = people(1000, tmp_path, engine)
    division = divide(stored, engine, "age", "number", Split(), 1, True)
    assert division.rows == (680, 120, 200)
    again = divide(stored, engine, "age", "number", Split(), 1, True)
    other = divide(stored, engine, "age", "number", Split(), 2, True)
    first = parts(stored, engine, division)
    assert first == parts(stored, engine, again)
    assert first != parts(stored, engine, other)
    without = divide(stored, engine, "age", "number", Split(), 1, False)
    assert without.rows == (800, 0, 200)
    # the same rows are tested whether or not some are set aside for validation
    assert [r for r, p in parts(stored, engine, without).items() if p == 2] == [
        r for r, p in first.items() if p == 2
    ]


def test_chance_has_no_trend_along_the_table(tmp_path, engine):
    stored = people(5000, tmp_path, engine)
    division = divide(stored, engine, "age", "number", Split(), 3, False)
    tested = [row for row, part in parts(stored, engine, division).items() if part == 2]
    # mean row number of 1000 of 5000 rows: 2499.5 with standard error 41
    assert abs(np.mean(tested) - 2499.5) < 4 * 41


def test_every_class_keeps_its_share(tmp_path, engine):
    stored = people(1000, tmp_path, engine)
    division = divide(stored, engine, "city", "category", Split(), 0, False)
    query = division.relation(stored)
    rows = engine.rows(query).to_pylist()
    for label in "ABC":
        own = [row[PART] for row in rows if row["city"] == label]
        assert own.count(2) == round(0.2 * len(own))


def test_a_class_with_one_row_stays_in_training(tmp_path, engine):
    stored = table({"x": range(21), "y": ["a"] * 10 + ["b"] * 10 + ["rare"]}, tmp_path, engine)
    division = divide(stored, engine, "y", "category", Split(test_share=0.5), 0, True)
    rows = engine.rows(division.relation(stored)).to_pylist()
    assert [row[PART] for row in rows if row["y"] == "rare"] == [0]


def test_the_latest_rows_are_the_test_and_a_moment_is_never_divided(tmp_path, engine):
    stored = people(1000, tmp_path, engine)
    division = divide(stored, engine, "age", "number", Split(kind="time", column="day"), 0, True)
    rows = engine.rows(division.relation(stored)).to_pylist()
    days = {part: [row["day"] for row in rows if row[PART] == part] for part in (0, 1, 2)}
    assert max(days[0]) < min(days[1]) <= max(days[1]) < min(days[2])
    assert division.rows[2] == pytest.approx(200, abs=10)


def test_whole_groups_go_one_way(tmp_path, engine):
    stored = people(1000, tmp_path, engine)
    division = divide(stored, engine, "age", "number", Split(kind="group", column="who"), 0, True)
    rows = engine.rows(division.relation(stored)).to_pylist()
    places = {}
    for row in rows:
        places.setdefault(row["who"], set()).add(row[PART])
    assert all(len(found) == 1 for found in places.values())
    assert division.rows[2] == pytest.approx(200, abs=20)
    assert division.rows[1] > 0


def test_no_test_share_means_all_rows(tmp_path, engine):
    stored = people(100, tmp_path, engine)
    assert divide(stored, engine, "age", "number", Split(test_share=0), 0, True).rows == (100, 0, 0)


def test_rows_without_a_target_are_left_out_and_counted(tmp_path, engine):
    y = [1.0, None, 3.0, float("inf"), 5.0, 6.0, 7.0]
    stored = table({"x": range(7), "y": y}, tmp_path, engine)
    division = divide(stored, engine, "y", "number", Split(), 0, False)
    assert sum(division.rows) == 5
    assert {str(why): rows for why, rows in division.left_out.items()} == {"y is missing or infinite": 2}


@pytest.mark.parametrize(
    ("split", "error"),
    [
        (Split(kind="time"), BadParameter),
        (Split(kind="time", column="city"), BadParameter),
        (Split(kind="group", column="nobody"), MissingColumn),
    ],
)
def test_a_split_without_its_column_is_refused(split, error, tmp_path, engine):
    with pytest.raises(error):
        divide(people(50, tmp_path, engine), engine, "age", "number", split, 0, False)


def test_two_rows_or_one_group_are_too_few(tmp_path, engine):
    two = table({"x": [1, 2], "y": [1.0, 2.0]}, tmp_path, engine)
    with pytest.raises(BadInput, match="at least 3 rows"):
        divide(two, engine, "y", "number", Split(), 0, False)
    one = table({"g": ["a"] * 9, "y": np.arange(9.0)}, tmp_path, engine)
    with pytest.raises(BadInput, match="leaves 0 rows to learn from"):
        divide(one, engine, "y", "number", Split(kind="group", column="g"), 0, False)


def test_hostile_names_divide_like_any_other(tmp_path, engine):
    name = 'a"; drop table t; -- {x} 你好 🙂'
    stored = table({name: np.arange(50.0), "d": ["x"] * 50, "part": ["y"] * 50}, tmp_path, engine)
    assert sum(divide(stored, engine, name, "number", Split(), 0, True).rows) == 50


# ---------------------------------------------------------------- proposal


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 30, "category"),
        ([True, False] * 30, "category"),
        ([0, 1] * 30, "category"),
        ([0.0, 1.0] * 30, "category"),
        ([1, 2, 3] * 20, "category"),
        (list(range(60)), "number"),
        ([0.5, 1.5] * 30, "number"),
    ],
)
def test_the_task_follows_from_the_values(values, task, tmp_path, engine):
    stored = table({"x": np.random.default_rng(0).normal(size=60), "y": values}, tmp_path, engine)
    proposal = propose(stored, engine, "y")
    assert proposal.task == task
    assert str(proposal.reason).startswith("y ")


def test_a_date_is_no_target(tmp_path, engine):
    with pytest.raises(BadParameter, match="cannot be predicted"):
        propose(people(50, tmp_path, engine), engine, "day")


def test_what_cannot_help_is_excluded_with_its_reason(tmp_path, engine):
    chance = np.random.default_rng(0)
    n = 200
    y = chance.normal(size=n)
    notes = [f"text {'long ' * 20}{i % 90}" for i in range(n)]
    stored = table({
        "customer_id": chance.permutation(n) + 1000, "position": np.arange(n),
        "name": [f"n{i}" for i in range(n)],
        "same": ["x"] * n, "empty": pa.nulls(n, pa.string()), "note": notes,
        "leak": 2 * y + 1, "group_leak": [f"g{v}" for v in (y > 0)], "fine": chance.normal(size=n),
        "city": chance.choice(["A", "B"], n), "count": chance.permutation(n) * 7, "y": y,
    }, tmp_path, engine)  # fmt: skip
    proposal = propose(stored, engine, "y")
    reasons = {row.name: str(row.reason) for row in proposal.excluded}
    assert proposal.features == ("group_leak", "fine", "city", "count")
    assert "identifier" in reasons["customer_id"]
    assert "counts the rows" in reasons["position"]
    assert "different on every row" in reasons["name"]
    assert "one value" in reasons["same"]
    assert "missing" in reasons["empty"]
    assert "free text" in reasons["note"]
    assert "correlation 1.00000" in reasons["leak"]
    assert reasons["y"] == "it is the target"


def test_a_category_that_gives_the_class_away_is_a_leak(tmp_path, engine):
    chance = np.random.default_rng(0)
    y = chance.integers(0, 2, 300)
    stored = table({
        "status": np.where(y == 1, "closed", "open"), "score": y * 10 + chance.random(300),
        "age": chance.normal(size=300), "left": y.astype(bool),
    }, tmp_path, engine)  # fmt: skip
    proposal = propose(stored, engine, "left")
    assert proposal.features == ("age",)
    reasons = {row.name: str(row.reason) for row in proposal.excluded}
    assert "one class" in reasons["status"]
    assert "do not touch" in reasons["score"]


def test_a_leak_that_is_the_only_feature_is_kept_with_a_word(tmp_path, engine):
    x = np.arange(50.0) ** 1.001
    proposal = propose(table({"x": x, "y": 3 * x + 2}, tmp_path, engine), engine, "y")
    assert proposal.features == ("x",)
    assert "only feature" in str(proposal.notes[0])


def test_numbers_too_large_to_square_do_not_break_the_proposal(tmp_path, engine):
    x = np.array([1e200, -1e300, 1.0, 2.0, 3.0, np.inf] * 5)
    stored = table({"x": x, "y": np.arange(30.0) * 1.5}, tmp_path, engine)
    assert propose(stored, engine, "y").features == ("x",)


# ---------------------------------------------------------------- encoding


def encoded(stored, engine, names, layout=Layout(), target=None, split=Split(test_share=0), seed=0):
    target = target or stored.columns[-1].name
    division = divide(stored, engine, target, "number", split, seed, False)
    training = division.relation(stored).where(sql.template(":p = 0", p=division.part))
    columns = tuple(column for column in stored.columns if column.name in names)
    encoding, dropped = learn(training, columns, layout, engine)
    found = read(stored, engine, division, encoding, target, "number", (), Silent())
    return encoding, dropped, found


def test_numbers_are_standardised_and_missing_ones_filled_with_the_median(tmp_path, engine):
    x = [1.0, 2.0, None, 4.0, 100.0, float("inf"), 3.0]
    stored = table({"x": x, "y": np.arange(7.0)}, tmp_path, engine)
    encoding, _, found = encoded(stored, engine, {"x"})
    known = np.array([1.0, 2.0, 4.0, 100.0, 3.0])
    full = np.array([1.0, 2.0, 3.0, 4.0, 100.0, 3.0, 3.0])
    assert encoding.names == ("x", "x is missing")
    assert found.train.x[:, 0] == pytest.approx((full - known.mean()) / known.std())
    assert list(found.train.x[:, 1]) == [0, 0, 1, 0, 0, 1, 0]
    assert found.counts.filled == {"x": 1}
    assert found.counts.infinite == {"x": 1}


def test_what_is_learned_comes_from_the_training_rows_alone(tmp_path, engine):
    stored = people(400, tmp_path, engine)
    division = divide(stored, engine, "left", "category", Split(), 5, True)
    rows = engine.rows(division.relation(stored)).to_pylist()
    own = np.array([row["age"] for row in rows if row[PART] == 0])
    training = division.relation(stored).where(sql.template(":p = 0", p=division.part))
    encoding, _ = learn(training, tuple(c for c in stored.columns if c.name == "age"), Layout(), engine)
    (code,) = encoding.codes
    assert code.mean == pytest.approx(own.mean(), rel=1e-12)
    assert code.scale == pytest.approx(own.std(), rel=1e-12)
    assert code.fill == pytest.approx(np.median(own), rel=1e-12)


def test_categories_are_one_column_each_but_the_most_frequent(tmp_path, engine):
    stored = table({
        "city": ["B", "A", "B", None, "C", "B", "A"], "yes": [True, False, True, True, None, True, False],
        "y": np.arange(7.0),
    }, tmp_path, engine)  # fmt: skip
    encoding, _, found = encoded(stored, engine, {"city", "yes"})
    assert encoding.names == ("city = A", "city = C", "city is missing", "yes = false", "yes is missing")
    assert found.train.x.tolist() == [
        [0, 0, 0, 0, 0], [1, 0, 0, 1, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0],
        [0, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 1, 0],
    ]  # fmt: skip
    full, _, _ = encoded(stored, engine, {"city"}, Layout(reference=False))
    assert full.names == ("city = B", "city = A", "city = C", "city is missing")


def test_rare_categories_share_a_column_and_unseen_ones_are_counted(tmp_path, engine):
    labels = [f"c{i:02d}" for i in range(60) for _ in range(60 - i)]
    stored = table({"city": labels, "y": np.arange(float(len(labels)))}, tmp_path, engine)
    encoding, _, found = encoded(stored, engine, {"city"})
    assert len(encoding.names) == 51
    assert encoding.names[-1] == "city = (other)"
    rare = np.array([label >= "c51" for label in labels])
    assert (found.train.x[:, -1] == rare).all()
    counts = Counts()
    batch = pa.RecordBatch.from_pydict({"c0": pa.array(["c00", "c01", "c55", "new", None])})
    x = encoding.transform(batch, counts)
    assert x.sum(axis=1).tolist() == [0, 1, 1, 0, 0]
    assert x[2, -1] == 1
    assert counts.unseen == {"city": 1}
    assert counts.filled == {"city": 1}


def test_dates_become_days_and_for_networks_months_and_weekdays(tmp_path, engine):
    days = [dt.date(2024, 1, 1), dt.date(2024, 3, 6), dt.date(1969, 7, 20), None]
    times = [dt.datetime(2024, 1, 1, 12), dt.datetime(2024, 3, 6), dt.datetime(1969, 7, 20, 20, 17), None]
    stored = table({"day": days, "at": times, "y": np.arange(4.0)}, tmp_path, engine)
    plain, _, found = encoded(stored, engine, {"day", "at"})
    assert plain.names == ("day (days)", "day is missing", "at (days)", "at is missing")
    code = plain.codes[1]
    assert found.train.x[0, 2] * code.scale + code.mean == pytest.approx(19723.5)
    rich, _, found = encoded(stored, engine, {"day"}, Layout(calendar=True))
    rows = [
        {name for name, value in zip(rich.names[1:], row[1:], strict=True) if value == 1}
        for row in found.train.x
    ]
    assert rows == [
        set(),  # a Monday in January: the references
        {"day month = Mar", "day weekday = Wed"},
        {"day month = Jul", "day weekday = Sun"},
        {"day is missing"},
    ]


def test_an_encoding_is_json(tmp_path, engine):
    file = examples.table()
    stored = table({name: file[name] for name in file.column_names}, tmp_path, engine)
    encoding, _, _ = encoded(
        stored, engine, {"region", "price", "day", "member"}, Layout(calendar=True), "quantity"
    )
    assert Encoding.model_validate_json(encoding.model_dump_json()) == encoding


def test_columns_without_anything_to_tell_are_dropped_and_named(tmp_path, engine):
    stored = table({
        "one": [1.0] * 9, "void": pa.nulls(9, pa.float64()), "word": ["x"] * 9, "x": np.arange(9.0),
        "y": np.arange(9.0),
    }, tmp_path, engine)  # fmt: skip
    encoding, dropped, _ = encoded(stored, engine, {"one", "void", "word", "x"})
    assert encoding.names == ("x",)
    assert [name for name, _ in dropped] == ["one", "void", "word"]
    with pytest.raises(BadInput, match="None of the features"):
        encoded(stored, engine, {"one", "void"})


def test_rows_come_in_the_tables_order_whatever_the_query_does(tmp_path, engine):
    stored = table({"x": np.arange(50.0), "y": np.arange(50.0)}, tmp_path, engine)
    mixed = Table(stored.query.copy().order_by(sql.name("x").desc()), stored.columns)
    _, _, found = encoded(mixed, engine, {"x"}, target="y")
    assert found.train.y.tolist() == list(range(50))


def test_a_matrix_that_cannot_fit_is_refused_with_the_numbers(monkeypatch):
    monkeypatch.setattr(matrices, "available_memory", lambda: 2**30)
    with pytest.raises(LimitReached, match=r"10,000,000 rows with 50 encoded columns need about 8\.\d GB"):
        matrices.check_memory(10_000_000, 50)
    matrices.check_memory(100_000, 50)


@pytest.mark.parametrize("factor", [1e300, 1e200, 1e-200, 1e-290])
@pytest.mark.parametrize("centred", [True, False])
def test_enormous_and_minute_numbers_are_standardised_like_any_other(factor, centred, tmp_path, engine):
    body = np.random.default_rng(4).normal(3, 1, 200)
    stored = table({"x": body * factor, "z": body, "y": np.arange(200.0)}, tmp_path, engine)
    encoding, dropped, found = encoded(stored, engine, {"x", "z"}, Layout(centred=centred))
    assert not dropped
    assert found.train.x[:, 0] == pytest.approx(found.train.x[:, 1], rel=1e-9)
    assert np.isfinite(encoding.original_units()).all()


def test_numbers_at_both_ends_of_all_numbers_are_standardised(tmp_path, engine):
    x = np.array([1.7e308, -1.7e308, 1.6e308, 1.5e308, 1.7976931348623157e308] * 4)
    stored = table({"x": x, "y": np.arange(20.0)}, tmp_path, engine)
    _, dropped, found = encoded(stored, engine, {"x"})
    assert not dropped
    near = x * 2.0**-1020
    assert found.train.x[:, 0] == pytest.approx((near - near.mean()) / near.std(), rel=1e-9)


def test_a_feature_whose_values_differ_by_too_little_is_not_said_to_have_one_value(tmp_path, engine):
    x = np.arange(1, 51) * 5e-324
    stored = table({"x": x, "z": np.arange(50.0), "y": np.arange(50.0)}, tmp_path, engine)
    _, dropped, _ = encoded(stored, engine, {"x", "z"})
    ((name, why),) = dropped
    assert name == "x"
    assert "too little to calculate with" in str(why)


def test_a_new_value_too_far_from_the_training_rows_counts_as_infinite(tmp_path, engine):
    stored = table({"x": np.arange(50.0) * 1e-9, "y": np.arange(50.0)}, tmp_path, engine)
    encoding, _, _ = encoded(stored, engine, {"x"})
    counts = Counts()
    out = encoding.transform(pa.RecordBatch.from_pydict({"c0": pa.array([1e308, 2e-8])}), counts)
    assert counts.infinite == {"x": 1}
    assert np.isfinite(out).all()


# ---------------------------------------------------------------- many columns, many rows


def test_what_is_proposed_does_not_depend_on_how_columns_are_asked(tmp_path, engine, monkeypatch):
    chance = np.random.default_rng(2)
    n = 400
    left = chance.random(n) < 0.3
    stored = table({
        "customer_id": chance.permutation(n) + 5000, "name": [f"n{i}" for i in range(n)],
        "leak": np.where(left, "gone", "here"), "late": np.where(left, 9.0, 1.0) + chance.random(n),
        "city": chance.choice(["A", "B"], n), "age": chance.normal(40, 9, n),
        "kids": chance.integers(0, 4, n), "left": left,
    }, tmp_path, engine)  # fmt: skip
    below = propose(stored, engine, "left")
    number = propose(stored, engine, "age")
    monkeypatch.setattr(work, "EXACT_ROWS", 50)
    assert propose(stored, engine, "left") == below
    assert propose(stored, engine, "age").features == number.features
    assert below.features == ("city", "age", "kids")
