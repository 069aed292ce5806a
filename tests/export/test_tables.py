import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import examples, sql
from core.contracts import Recorded, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadParameter, Cancelled
from core.export.tables import write_table


@pytest.fixture
def table(tmp_path: Path) -> Table:
    pq.write_table(examples.table(), tmp_path / "t.parquet")
    return Table(stored(tmp_path / "t.parquet"), examples.COLUMNS)


def cells(place: Path) -> list[list[str]]:
    with place.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_text_that_a_spreadsheet_would_run_is_guarded(table: Table, tmp_path: Path) -> None:
    write_table(table, DuckEngine(), tmp_path / "out.csv")
    rows = cells(tmp_path / "out.csv")
    assert rows[0] == table.names()
    names = [row[1] for row in rows[1:]]
    assert names[8] == "'=1+1"
    assert [row[3] for row in rows[1:]][4] == "-3.5", "numbers are not text: they stay as they are"
    assert [row[5] for row in rows[1:]][2] == "'-3.5 kg"


def test_raw_text_stays_as_it_was(table: Table, tmp_path: Path) -> None:
    write_table(table, DuckEngine(), tmp_path / "out.csv", raw=True)
    assert [row[1] for row in cells(tmp_path / "out.csv")[1:]][8] == "=1+1"


def test_missing_and_empty_text_are_told_apart(table: Table, tmp_path: Path) -> None:
    write_table(table, DuckEngine(), tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[5].startswith('5,"",')
    assert lines[6].startswith("6,,")


def test_parquet_is_written_without_the_hidden_row_order(table: Table, tmp_path: Path) -> None:
    write_table(table, DuckEngine(), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").equals(examples.table())


def test_an_empty_table_has_its_header(table: Table, tmp_path: Path) -> None:
    empty = Table(table.query.where(sql.template("1 = 0")), table.columns)
    write_table(empty, DuckEngine(), tmp_path / "out.csv")
    assert cells(tmp_path / "out.csv") == [table.names()]


def test_the_order_that_a_query_asks_for_is_kept(table: Table, tmp_path: Path) -> None:
    backwards = Table(table.query.order_by(sql.name(sql.ROW).desc()), table.columns)
    write_table(backwards, DuckEngine(), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [
        None,
        *range(10, 11),
        *range(10, 0, -1),
    ]


def test_another_ending_is_refused(table: Table, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"\.csv or \.parquet. Got '.xls'"):
        write_table(table, DuckEngine(), tmp_path / "out.xls")


def test_writing_stops_on_request(table: Table, tmp_path: Path) -> None:
    class Stopped(Recorded):
        def stopped(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        write_table(table, DuckEngine(), tmp_path / "out.csv", watch=Stopped())


def test_a_hostile_column_name_is_guarded_too(tmp_path: Path) -> None:
    pq.write_table(pa.table({"=cmd": [1]}), tmp_path / "t.parquet")
    engine = DuckEngine()
    query = stored(tmp_path / "t.parquet")
    write_table(Table(query, engine.schema(query)), engine, tmp_path / "out.csv")
    assert cells(tmp_path / "out.csv") == [["'=cmd"], ["1"]]
