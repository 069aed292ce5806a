import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from core import examples, sql
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadInput, Cancelled


@pytest.fixture
def place(tmp_path: Path) -> Path:
    target = tmp_path / "it's a table.parquet"
    pq.write_table(examples.table(), target)
    return target


def test_a_stored_table_has_the_six_types_and_hides_its_row_order(place: Path) -> None:
    assert DuckEngine().schema(stored(place)) == examples.COLUMNS


def test_rows_carry_their_order(place: Path) -> None:
    assert DuckEngine().rows(stored(place))[sql.ROW].to_pylist() == list(range(12))


def test_batches_give_every_row_in_order(place: Path) -> None:
    batches = list(DuckEngine().batches(stored(place), size=2048))
    assert pa.Table.from_batches(batches)["name"].to_pylist() == examples.table()["name"].to_pylist()


def test_what_is_written_reads_back_equal(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.parquet"
    names = [column.name for column in examples.COLUMNS]
    assert DuckEngine().write(sql.parquet(place, names), target) == 12
    assert pq.read_table(target).drop_columns([sql.ROW]).equals(examples.table())


def test_a_value_that_does_not_fit_its_type_is_said_plainly(place: Path) -> None:
    query = exp.select(exp.cast(sql.name("name"), "BIGINT")).from_(stored(place).subquery("t"))
    with pytest.raises(BadInput, match="does not fit its column's type"):
        DuckEngine().rows(query)


def test_cancel_interrupts_what_is_running() -> None:
    engine = DuckEngine()
    slow = sql.template("SELECT sum(a.range % 7 + b.range) FROM range(10000000) a, range(10000000) b")
    done = threading.Timer(0.3, engine.cancel)
    done.start()
    with pytest.raises(Cancelled):
        engine.rows(slow)
    done.join()


def test_many_threads_may_ask_at_once(place: Path) -> None:
    engine = DuckEngine()
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(20):
            count = engine.rows(stored(place)).num_rows
            if count != 12:
                wrong.append(count)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
