"""Which typed statements are allowed: everything analysts write, and nothing that does more than read."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from core.engine import allowed
from core.engine.locked import Locked
from core.engine.statement import LONGEST, Refused, check, parsed
from tests.security.sql_statements import attacks, ordinary
from tests.security.sql_tables import Places, lay

ATTACKS, ORDINARY = attacks(), ordinary()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return lay(tmp_path_factory.mktemp("sql"))


@pytest.fixture(scope="module")
def locked(places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    engine = Locked(places.tables, tmp_path_factory.mktemp("spill"), threads=1)
    yield engine
    engine.connection.close()


def refusal(locked: Locked, text: str) -> Refused:
    with pytest.raises(Refused) as found:
        locked.check(text)
    return found.value


def place_of(error: Refused, text: str) -> str:
    data, start = text.encode(), error.values["start"]
    return data[start : start + error.values["length"]].decode()


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(set(ATTACKS)) >= 250
    assert len(set(ORDINARY)) >= 100


@pytest.mark.parametrize("number", range(len(ATTACKS)), ids=lambda number: ATTACKS[number][:60])
def test_an_attack_is_refused_by_the_check_alone(locked: Locked, places: Places, number: int) -> None:
    text = attacks(*places.attack())[number]
    error = refusal(locked, text)
    assert len(str(error)) > 20  # it says why


@pytest.mark.parametrize("text", ORDINARY, ids=lambda text: text[:60])
def test_an_ordinary_statement_is_allowed_and_runs(locked: Locked, text: str) -> None:
    locked.check(text)
    cursor = locked.connection.cursor()
    locked.relation(cursor, text).to_arrow_table()
    cursor.close()


def test_it_says_which_tables_a_statement_reads(locked: Locked) -> None:
    found = locked.check("WITH c AS (FROM CUSTOMERS) SELECT * FROM c, (SELECT max(amount) FROM orders)")
    assert found.tables == {"customers", "orders"}
    assert found.functions == {"max"}


def test_a_with_query_hides_a_table_only_where_it_is_in_scope(locked: Locked) -> None:
    assert locked.check("WITH orders AS (SELECT 1 AS a) SELECT a FROM orders").tables == set()
    assert locked.check("WITH orders AS (SELECT * FROM orders) SELECT id FROM orders").tables == {"orders"}
    later = "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a"
    assert "no table called 'b'" in str(refusal(locked, later))


def test_names_that_differ_beyond_the_case_of_a_to_z_are_different_names() -> None:
    connection = duckdb.connect()
    tree = parsed(connection, "SELECT * FROM ORDERS")
    assert check(tree, ["Orders"]).tables == {"Orders"}
    with pytest.raises(Refused):  # the engine tells a Kelvin sign from a K
        check(parsed(connection, "SELECT * FROM \u212aeys"), ["Keys"])
    with pytest.raises(Refused):
        check(parsed(connection, 'SELECT * FROM "STRASSE"'), ["straße"])


def test_a_refusal_names_the_thing_its_place_and_a_way(locked: Locked) -> None:
    text = "SELECT 'é', getenv('HOME') FROM orders"
    error = refusal(locked, text)
    assert "The function getenv" in str(error)
    assert place_of(error, text).startswith("getenv")
    text = "SELECT 1\nFROM secret"
    error = refusal(locked, text)
    assert "no table called 'secret'" in str(error)
    assert "orders" in str(error)
    assert place_of(error, text) == "secret"
    assert "Add" in str(refusal(locked, "SELECT * FROM read_csv('x.csv')"))
    assert "Save as a table" in str(refusal(locked, "WITH x AS (DELETE FROM orders RETURNING *) FROM x"))
    assert "PIVOT" in str(refusal(locked, "PIVOT orders ON city USING sum(amount)"))


def test_what_is_no_sql_is_told_with_its_place(locked: Locked) -> None:
    text = "SELECT id,\nFROM orders WHERE WHERE"
    error = refusal(locked, text)
    assert "WHERE" in place_of(error, text).upper()
    for nothing in ("", "   ", "\n", "SELECT \0 1", "SELECT '\ud800'"):
        refusal(locked, nothing)
    refusal(locked, "SELECT 1" + " " * LONGEST)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 5000 + "1" + ")" * 5000,
        "SELECT " + "NOT " * 20000 + "true",
        "SELECT " + "1+" * 20000 + "1",
        "SELECT * FROM " + "(SELECT * FROM " * 900 + "orders" + ")" * 900,
        "SELECT " + "[" * 3000 + "]" * 3000,
    ],
    ids=["brackets", "not", "sum", "subqueries", "lists"],
)
def test_what_is_nested_deeply_is_refused_or_answered_but_brings_nothing_down(
    locked: Locked, text: str
) -> None:
    cursor = locked.connection.cursor()
    try:
        locked.check(text)
        locked.relation(cursor, text).to_arrow_table()
    except (Refused, duckdb.Error):
        pass
    finally:
        cursor.close()
    assert locked.check("SELECT 1").tables == set()


def test_every_function_on_the_list_is_one_that_the_engine_has() -> None:
    rows = duckdb.connect().sql("SELECT DISTINCT function_name FROM duckdb_functions()").to_arrow_table()
    known = {name.lower() for name in rows.column(0).to_pylist()}
    assert sorted((allowed.FUNCTIONS | allowed.WINDOWS | allowed.TABLE_FUNCTIONS) - known) == []


def test_of_all_that_the_engine_has_only_what_is_listed_can_be_named(locked: Locked) -> None:
    engine = duckdb.connect()
    rows = engine.sql("SELECT DISTINCT function_name, function_type FROM duckdb_functions()").to_arrow_table()
    tried = 0
    for row in rows.to_pylist():
        name, kind = row["function_name"], row["function_type"]
        called = '"' + name.replace('"', '""') + '"(1)'
        text = f"SELECT * FROM {called}" if kind in ("table", "table_macro", "pragma") else f"SELECT {called}"
        listed = allowed.TABLE_FUNCTIONS if text.startswith("SELECT *") else allowed.FUNCTIONS
        if name.lower() not in listed | (set() if text.startswith("SELECT *") else allowed.TABLE_FUNCTIONS):
            refusal(locked, text)
            tried += 1
    assert tried > 200
    views = engine.sql("SELECT DISTINCT view_name FROM duckdb_views() WHERE internal").to_arrow_table()
    for name in views.column(0).to_pylist():
        refusal(locked, f'SELECT * FROM "{name}"')


def test_words_that_cannot_be_names_are_known() -> None:
    query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    assert set(duckdb.connect().sql(query).to_arrow_table().column(0).to_pylist()) == allowed.RESERVED


def test_a_tree_with_anything_unknown_in_it_is_refused() -> None:
    """What a later engine adds is refused until somebody has looked at it."""
    connection = duckdb.connect()
    text = "WITH x AS (SELECT upper(city) AS u FROM orders WHERE id IN (SELECT 1)) SELECT * FROM x ORDER BY 1"
    found = 0
    for change in _changes(parsed(connection, text)):
        with pytest.raises(Refused):
            check(change, ["orders"])
        found += 1
    assert found > 40
    assert check(parsed(connection, text), ["orders"]).tables == {"orders"}


def _changes(tree: object) -> Iterator[object]:
    """The tree, each time with one unknown field, or one unknown kind of node."""
    import copy
    import json

    places = []

    def look(node: object, path: tuple[object, ...]) -> None:
        if isinstance(node, dict):
            places.append(path)
            for key, value in node.items():
                look(value, (*path, key))
        elif isinstance(node, list):
            for number, value in enumerate(node):
                look(value, (*path, number))

    look(tree, ())
    for path in places:
        for field in ("new_field", "type", "class"):
            changed = copy.deepcopy(tree)
            node: object = changed
            for part in path:
                node = node[part]  # type: ignore[index]
            assert isinstance(node, dict)
            if field != "new_field" and field not in node:
                continue
            if field == "type" and node.get("class"):
                continue  # the class says what a node is; its type only distinguishes operators
            node[field] = "SOMETHING_NEW"
            if json.dumps(changed) != json.dumps(tree):
                yield changed
