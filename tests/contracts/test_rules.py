"""What every rule keeps: it is said, it is JSON, and the rows it counts are the rows it shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from core import examples, rules
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.errors import MissingColumn, SightlineError
from core.rules import Given, Rule, Verdict
from core.wording import Note

NOW = dt.datetime(2024, 6, 1)
ALL = sorted(Rule.members)


def given(table: Table, engine: DuckEngine, other: Table, **more: Any) -> Given:
    rows = engine.rows(table.query).num_rows
    others = {"vn_aaaaaaaaaaaaaaaaaaaa": other}
    return Given(table=table, rows=rows, now=NOW, history=(10, 12, 11, 12), others=others, **more)


@pytest.fixture
def other(table_of: Any) -> Table:
    return table_of(name=["North", None])  # type: ignore[no-any-return]


@pytest.fixture(params=["example", "one row", "no rows", "nothing but missing values"])
def table(request: pytest.FixtureRequest, table_of: Any) -> Table:
    rows = examples.table()
    if request.param == "one row":
        rows = rows.slice(0, 1)
    elif request.param == "no rows":
        rows = rows.slice(0, 0)
    elif request.param.startswith("nothing"):
        rows = pa.table({f.name: pa.nulls(5, f.type) for f in rows.schema}, schema=rows.schema)
    return table_of(rows)  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ALL)
def test_it_is_json_and_says_what_it_asks(kind: str) -> None:
    rule = Rule.members[kind].example()
    assert Rule.from_json(rule.to_json()) == rule
    assert isinstance(rule.describe(), Note)
    assert str(rule.describe())
    assert Rule.members[kind].summary()
    assert all(row.title and row.help for row in Rule.members[kind].parameters())


@pytest.mark.parametrize("kind", ALL)
def test_what_it_counts_is_what_it_shows(kind: str, table: Table, other: Table, engine: DuckEngine) -> None:
    rule, about = Rule.members[kind].example(), given(table, engine, other)
    (result,) = rules.check([("r", rule)], about, engine)
    broken = rule.failing(about)
    assert (broken is None) == (result.found.failing is None)
    if broken is not None:
        found = engine.rows(broken.query)
        assert found.num_rows == result.found.failing
        assert [name for name in found.column_names if name != "__row__"] == table.names()
        assert found["__row__"].to_pylist() == sorted(found["__row__"].to_pylist())
    assert type(result).model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize("kind", ALL)
def test_a_warning_never_stops_and_an_error_does_when_it_is_broken(
    kind: str, table: Table, other: Table, engine: DuckEngine
) -> None:
    for severity in ("warning", "error"):
        rule = Rule.members[kind].example().model_copy(update={"severity": severity})
        found = rules.check([("r", rule)], given(table, engine, other), engine)
        verdict = Verdict(rows=1, results=tuple(found))
        assert verdict.stops == (verdict.outcome == "error")
        assert severity == "error" or not verdict.stops


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind != "row_count"])
def test_a_table_without_its_columns_breaks_it_with_a_reason(
    kind: str, other: Table, engine: DuckEngine, table_of: Any
) -> None:
    rule, table = Rule.members[kind].example(), table_of(unlike=[True])
    with pytest.raises(MissingColumn):
        rule.check(table.columns)
    (result,) = rules.check([("r", rule)], given(table, engine, other), engine)
    assert result.found.outcome == "error"
    assert "unlike" in str(result.found.said)


@pytest.mark.parametrize("kind", ALL)
def test_a_wrong_parameter_is_refused_by_its_name(kind: str) -> None:
    document = Rule.members[kind].example().to_json()
    with pytest.raises(SightlineError, match="severity"):
        Rule.from_json({**document, "severity": "fatal"})
    with pytest.raises(SightlineError, match="none_such"):
        Rule.from_json({**document, "none_such": 1})
