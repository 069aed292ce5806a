"""Each rule on small tables whose right answer is plain; and on seeded ones, beside pandas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import examples
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.rules import Given, Measured, Rule
from core.rules.check import measured
from core.rules.columns import AllowedValues, Holds, InOtherTable, InRange, MatchesPattern, NotMissing
from core.rules.tables import Fresh, RowCount, Unique

NOW = dt.datetime(2024, 6, 10, 12)
HOSTILE = 'a"; DROP TABLE t; --'


@pytest.fixture
def ask(engine: DuckEngine) -> Callable[..., tuple[Measured, list[dict[str, Any]]]]:
    """What a rule says of a table, and the rows it shows as broken."""

    def run(rule: Rule, table: Table, **more: Any) -> tuple[Measured, list[dict[str, Any]]]:
        rows = engine.rows(table.query).num_rows
        given = Given(table=table, rows=rows, now=NOW, **more)
        found = measured(rule, given, engine)
        broken = rule.failing(given)
        return found, [] if broken is None else engine.rows(broken.query).to_pylist()

    return run


def test_a_share_of_missing_values_may_be_tolerated(ask, table_of) -> None:
    table = table_of(x=[1, None, 3, 4])
    found, rows = ask(NotMissing(column="x"), table)
    assert (found.outcome, found.failing, found.value) == ("error", 1, 25.0)
    assert [row["__row__"] for row in rows] == [1]
    assert ask(NotMissing(column="x", tolerated=25), table)[0].outcome == "ok"
    assert ask(NotMissing(column="x", severity="warning"), table)[0].outcome == "warning"


def test_a_range_has_hard_and_soft_ends(ask, table_of) -> None:
    table = table_of(x=[-1.0, 5.0, 50.0, None])
    found, rows = ask(InRange(column="x", least=0, usual_most=10), table)
    assert found.outcome == "error"
    assert [row["x"] for row in rows] == [-1.0, 50.0]
    soft, rows = ask(InRange(column="x", usual_most=10), table)
    assert soft.outcome == "warning"
    assert [row["x"] for row in rows] == [50.0]
    assert ask(InRange(column="x", least=-1, most=50), table)[0].outcome == "ok"


def test_values_are_allowed_as_they_are_stored(ask, table_of) -> None:
    table = table_of(x=["a", "b", "A", None, "it's"])
    found, rows = ask(AllowedValues(column="x", values="a\nb\nit's"), table)
    assert found.failing == 1
    assert rows[0]["x"] == "A"
    whole = table_of(x=[1, 2, 3])
    assert ask(AllowedValues(column="x", values="1\r\n2"), whole)[1][0]["x"] == 3


def test_a_pattern_must_match_the_whole_text(ask, table_of) -> None:
    table = table_of(x=["AB-12", "xAB-12", None])
    assert [row["x"] for row in ask(MatchesPattern(column="x", pattern="[A-Z]+-[0-9]+"), table)[1]] == [
        "xAB-12"
    ]


def test_a_pattern_that_cannot_be_read_is_refused(table_of) -> None:
    rule = MatchesPattern(column="x", pattern="(?=a)")
    with pytest.raises(BadParameter, match="cannot be read"):
        rule.check(table_of(x=["a"]).columns)


def test_repeated_values_are_shown_with_those_they_repeat(ask, table_of) -> None:
    table = table_of(a=[1, 1, 2, None, None], b=["x", "x", "x", "y", "y"])
    found, rows = ask(Unique(columns=("a", "b")), table)
    assert (found.outcome, found.failing) == ("error", 2)
    assert [row["__row__"] for row in rows] == [0, 1]
    assert ask(Unique(columns=("a",)), table_of(a=[1, 2, None, None]))[0].outcome == "ok"


def test_the_newest_date_is_measured_in_days(ask, table_of) -> None:
    table = table_of(day=pa.array([dt.date(2024, 6, 1), dt.date(2024, 6, 7)], pa.date32()))
    found, _ = ask(Fresh(column="day", days=3), table)
    assert (found.outcome, found.value) == ("ok", 3.0)
    assert ask(Fresh(column="day", days=2), table)[0].outcome == "error"
    assert ask(Fresh(column="day", days=9, usual_days=1), table)[0].outcome == "warning"
    empty = table_of(day=pa.array([None], pa.date32()))
    assert ask(Fresh(column="day", days=9), empty)[0].outcome == "error"


def test_the_typical_number_of_rows_is_learned_from_earlier_versions(ask, table_of) -> None:
    table, rule = table_of(x=list(range(150))), RowCount()
    assert ask(rule, table, history=(100, 101, 99))[0].outcome == "ok"  # too few to know
    assert ask(rule, table, history=(100, 101, 99, 102))[0].outcome == "error"
    assert ask(rule, table, history=(140, 141, 145, 150))[0].outcome == "ok"
    # by hand: the median is 100, the absolute deviations 0, 10, 10, 20, 20 have the median 10
    low, high = rule.band((80, 90, 100, 110, 120)) or (0.0, 0.0)
    assert (low, high) == pytest.approx((100 - 4 * 14.826, 100 + 4 * 14.826))


def test_limits_on_the_number_of_rows(ask, table_of) -> None:
    table = table_of(x=[1, 2, 3])
    assert ask(RowCount(least=4, typical=False), table)[0].outcome == "error"
    assert ask(RowCount(most=2, typical=False), table)[0].outcome == "error"
    assert ask(RowCount(least=3, most=3, typical=False), table)[0].outcome == "ok"


def test_values_stand_in_another_table(ask, table_of) -> None:
    table, other = table_of(code=["a", "b", None]), table_of(id=["a", None, "c"])
    rule = InOtherTable(column="code", table="vn_x", key="id")
    found, rows = ask(rule, table, others={"vn_x": other})
    assert found.failing == 1
    assert [row["code"] for row in rows] == ["b"]


def test_another_table_that_is_gone_breaks_the_rule(ask, engine: DuckEngine, table_of) -> None:
    rule = InOtherTable(column="code", table="vn_x", key="id")
    given = Given(table=table_of(code=["a"]), rows=1, now=NOW)
    assert measured(rule, given, engine).outcome == "error"


def test_a_formula_holds_where_it_is_missing(ask, table_of) -> None:
    table = table_of(price=[5.0, 1.0, None], cost=[2.0, 3.0, 1.0])
    assert [row["price"] for row in ask(Holds(formula="price >= cost"), table)[1]] == [1.0]
    with pytest.raises(BadParameter, match="true or false"):
        Holds(formula="price + 1").check(table.columns)


def test_a_column_that_is_gone_breaks_its_rule_and_says_so(ask, engine: DuckEngine, table_of) -> None:
    given = Given(table=table_of(x=[1]), rows=1, now=NOW)
    found = measured(NotMissing(column="y"), given, engine)
    assert found.outcome == "error"
    assert "y" in str(found.said)


@pytest.mark.parametrize("kind", sorted(Rule.members))
def test_every_rule_works_on_the_example_and_on_no_rows(kind: str, engine: DuckEngine, table_of) -> None:
    rule = Rule.members[kind].example()
    for data in (examples.table(), examples.table().slice(0, 0)):
        table = table_of(data)
        given = Given(table=table, rows=data.num_rows, now=NOW, others={"vn_" + "a" * 20: table})
        rule.check(table.columns)
        found = measured(rule, given, engine)
        assert Measured.model_validate_json(found.model_dump_json()) == found
        broken = rule.failing(given)
        if broken is not None:
            rows = engine.rows(broken.query)
            assert rows.num_rows == found.failing
            assert rows.schema.names == [*table.names(), "__row__"]
        assert Rule.from_json(rule.to_json()) == rule
        assert str(rule.describe())


def test_hostile_names_and_values_are_only_names_and_values(ask, table_of) -> None:
    table = table_of(**{HOSTILE: ["'; --", "b", None]})
    assert ask(NotMissing(column=HOSTILE), table)[0].failing == 1
    assert ask(AllowedValues(column=HOSTILE, values="'; --"), table)[0].failing == 1
    assert ask(Unique(columns=(HOSTILE,)), table)[0].failing == 0
    assert ask(MatchesPattern(column=HOSTILE, pattern="'.*"), table)[0].failing == 1


def test_counts_agree_with_pandas(ask, table_of) -> None:
    chance = np.random.default_rng(5)
    frame = pd.DataFrame({"a": chance.integers(0, 400, 500), "x": chance.normal(0, 1, 500)})
    frame.loc[chance.random(500) < 0.1, "x"] = np.nan
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    assert ask(NotMissing(column="x"), table)[0].failing == frame["x"].isna().sum()
    assert ask(Unique(columns=("a",)), table)[0].failing == frame.duplicated("a", keep=False).sum()
    outside = ((frame["x"] < -1) | (frame["x"] > 2)).sum()
    assert ask(InRange(column="x", least=-1, most=2), table)[0].failing == outside
