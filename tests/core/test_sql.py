import datetime as dt
import math

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import sql


def value(node: object) -> object:
    return duckdb.connect().cursor().sql(f"SELECT {sql.text(node)} AS x").to_arrow_table()["x"][0].as_py()


@given(
    st.one_of(
        st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.booleans(),
        st.floats(allow_nan=False),
        st.dates(dt.date(1, 1, 1)),
        st.datetimes(dt.datetime(1, 1, 1)),
    )
)
def test_a_literal_comes_back_as_the_value_it_was(given_value: object) -> None:
    assert value(sql.literal(given_value)) == given_value


def test_nothing_else_becomes_a_literal() -> None:
    with pytest.raises(TypeError, match="no SQL literal for list"):
        sql.literal([1])


def test_not_a_number_stays_itself() -> None:
    assert math.isnan(value(sql.literal(math.nan)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ['a"; drop table t; --', "x'y", "价格", "a.b", "\\", "%s {x} :x", "🙂" * 100]
)
def test_a_hostile_name_is_just_a_name(name: str) -> None:
    query = sql.select("t", {name: sql.name(name)}, row=False)
    con = duckdb.connect()
    quoted = '"' + name.replace('"', '""') + '"'
    con.execute(f"CREATE TABLE t ({quoted} INT)")
    con.execute("INSERT INTO t VALUES (7)")
    result = con.cursor().sql(sql.text(query)).to_arrow_table()
    assert result.column_names == [name]
    assert result[name].to_pylist() == [7]


def test_a_template_keeps_the_precedence_of_what_is_put_in() -> None:
    total = sql.template(":a + :b", a=1, b=2)
    assert value(sql.template(":x * :y", x=total, y=10)) == 30


def test_a_template_may_use_a_node_twice_without_sharing_it() -> None:
    node = sql.name("a")
    made = sql.template(":x + :x", x=node)
    assert made.this is not made.expression
    assert sql.text(made) == '"a" + "a"'
