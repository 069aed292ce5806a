"""What a statement gives, kept as a table: its types, its rows, its origin, and what it may not read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Column, Recorded
from core.errors import BadInput, LimitReached, NotFound, SightlineError
from core.jobs.work import Work
from core.queries import naming
from core.queries.naming import named_tables, place, stored, written
from core.store import Store, Version, tables
from core.tasks import TASKS

ROWS = pa.table({"city": ["Rome", None], "amount": [1, 2]})
COLUMNS = (Column(name="city", type="text"), Column(name="amount", type="integer"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(store: Store, name: str, owner: str = "ann", dataset: str | None = None) -> Version:
    with store.new_object(owner, ".parquet") as made:
        pq.write_table(ROWS, made.path)
    kept: dict[str, Any] = {"object": made, "columns": COLUMNS, "rows": 2}
    if dataset:
        return tables.add_version(store, owner, dataset, **kept)
    return tables.add_dataset(store, owner, name, **kept)[1]


@pytest.fixture
def keep(store: Store) -> Callable[..., Version]:
    sales = add(store, "sales")

    def run(statement: str, name: str = "made", owner: str = "ann", **given: str) -> Version:
        scratch = store.home / "scratch" / "test"
        scratch.mkdir(parents=True, exist_ok=True)
        params = {"statement": statement, "tables": {"sales": sales.id} | given, "name": name}
        work = Work(store, owner, params, Recorded(), scratch, "jb_test")
        result = TASKS["keep_statement"](work)
        return store.get(Version, result["version"], owner)

    return run


def rows(store: Store, version: Version) -> list[dict[str, Any]]:
    return list(pq.read_table(store.place(version.object, version.owner)).to_pylist())


def test_columns_get_the_types_that_tables_have(store: Store, keep: Callable[..., Version]) -> None:
    made = keep(
        "SELECT city, sum(amount) AS whole, 100000000000000000000000000000::HUGEINT AS large, "
        "1.5::DECIMAL(4, 2) AS price, "
        "7::DECIMAL(9, 0) AS counted, 2::UTINYINT AS tiny, paid: true, day: DATE '2024-02-29', "
        "seen: TIMESTAMPTZ '2024-02-29 10:00:00+02', l: [1, NULL], s: {'a': 'x'}, t: TIME '10:00', n: NULL, "
        "j: '{\"a\": 1}'::JSON, e: 'x'::ENUM('x'), u: 2::UBIGINT "
        "FROM sales GROUP BY city ORDER BY city NULLS LAST"
    )
    assert {c.name: c.type for c in made.columns} == {
        "city": "text", "whole": "integer", "large": "number", "price": "number", "counted": "integer",
        "tiny": "integer", "paid": "boolean", "day": "date", "seen": "datetime", "l": "text", "s": "text",
        "t": "text", "n": "text", "j": "text", "e": "text", "u": "integer",
    }  # fmt: skip
    first = rows(store, made)[0]
    assert (first["city"], first["whole"], first["large"], first["price"]) == ("Rome", 1, 1e29, 1.5)
    assert first["seen"] == dt.datetime(2024, 2, 29, 8)
    assert (first["l"], first["s"], first["t"], first["n"]) == ("[1, NULL]", "{'a': x}", "10:00:00", None)


def test_it_keeps_the_order_and_more_rows_than_are_shown(store: Store, keep: Callable[..., Version]) -> None:
    made = keep("SELECT 30000 - x AS x FROM range(30000) t(x) ORDER BY 1 DESC")
    assert made.rows == 30_000
    assert [row["x"] for row in rows(store, made)] == list(range(30_000, 0, -1))


def test_columns_of_one_name_or_none_are_called_something(store: Store, keep: Callable[..., Version]) -> None:
    made = keep('SELECT 1 AS a, 2 AS "A", 3 AS " ", 4 AS "__row__"')
    assert len({column.name.casefold() for column in made.columns}) == 4
    assert list(rows(store, made)[0].values()) == [1, 2, 3, 4]


def test_a_result_without_rows_is_a_table_too(store: Store, keep: Callable[..., Version]) -> None:
    made = keep("SELECT city, sum(amount) AS total FROM sales WHERE false GROUP BY city")
    assert (made.rows, [c.type for c in made.columns]) == (0, ["text", "integer"])


def test_it_remembers_the_statement_and_what_it_read(store: Store, keep: Callable[..., Version]) -> None:
    made = keep("SELECT 1 FROM sales")
    assert made.source is not None
    assert made.source["statement"] == "SELECT 1 FROM sales"
    assert store.get(Version, made.source["tables"]["sales"], "ann").rows == 2
    assert made.origin == "SQL"


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM sales",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY sales TO 'x.csv'",
        "SELECT * FROM other",
    ],
)
def test_the_job_refuses_what_the_page_refuses(keep: Callable[..., Version], text: str) -> None:
    with pytest.raises(BadInput):
        keep(text)


def test_an_error_while_it_runs_is_said(keep: Callable[..., Version]) -> None:
    with pytest.raises(SightlineError, match="'Rome' of the column 'city' cannot be read as INTEGER"):
        keep("SELECT CAST(city AS INTEGER) FROM sales")


def test_a_table_of_somebody_else_cannot_be_named(store: Store, keep: Callable[..., Version]) -> None:
    other = add(store, "private", owner="bob")
    with pytest.raises(NotFound):
        keep("SELECT * FROM private", private=other.id)


def test_tables_have_their_dataset_s_name_and_older_ones_a_number(store: Store) -> None:
    first = add(store, "sales")
    second = add(store, "sales", dataset=first.dataset)
    taken = add(store, "sales@1")
    add(store, "bob's", owner="bob")
    found = named_tables(store, "ann")
    assert {name: one.version.id for name, one in found.items()} == {
        "sales": second.id, "sales@1": taken.id, "sales@2": second.id, "sales@1@1": taken.id,
    }  # fmt: skip
    assert [name for name, one in found.items() if one.newest] == ["sales@1", "sales"]
    files = stored(store, {name: one.version for name, one in found.items()})
    assert files["sales"].columns == ["city", "amount"]


def test_names_are_written_as_sql_reads_them() -> None:
    assert [written(name) for name in ("city", "_a1", "Sales 2024", 'say "hi"', "order", "Größe", "1st")] == [
        "city", "_a1", '"Sales 2024"', '"say ""hi"""', '"order"', '"Größe"', '"1st"',
    ]  # fmt: skip


def test_a_place_in_bytes_is_told_as_line_and_column() -> None:
    text = "SELECT 'é'\nFROM nope"
    assert place(text, text.encode().index(b"nope"), 4) == (2, 6, 4)
    assert place(text, 8, 2) == (1, 9, 1)
    assert place(text, None, None) is None
    assert place(text, 999, 1) is None
    assert place(text, 0, 10_000) == (1, 1, 10)


def test_a_statement_names_any_of_very_many_tables(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "MOST", 4)
    for name in ('say "hi"', "old", "Größe", "plain text", "a", "b", "c", "d", "e"):
        add(store, name)
    tables = named_tables(store, "ann")
    assert len(tables) == 18
    few = {name: tables[name] for name in ("a", "b")}
    assert naming.reachable(few, "SELECT 1") == few
    text = 'SELECT 1 -- don\'t\nFROM OLD JOIN "say ""hi"""'
    given = naming.reachable(tables, text)
    assert {"old", 'say "hi"'} <= set(given)
    assert len(given) == 4
    assert "Größe" in naming.reachable(tables, "SELECT 1 FROM Größe")
    assert "plain text" in naming.reachable(tables, "SELECT '\"' AS x, -- \"\n FROM 'plain text'")
    with pytest.raises(LimitReached, match="at most 4 tables; this one names 5"):
        naming.reachable(tables, "FROM a, b, c, d, e")
