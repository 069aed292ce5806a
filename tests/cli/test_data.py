"""The commands about tables, as a script calls them."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq

from tests.cli.conftest import Call
from tests.sources.workbooks import xlsx

MESSY = 'id,name,price\n001,"Ann",1.5\n002,Bob,2\n003,Eve\n004,"O""Hara",7.25\n'


def test_read_tells_rows_refused_rows_columns_and_dialect(tmp_path: Path, document) -> None:
    (tmp_path / "m.csv").write_text(MESSY)
    (report,) = document("read", tmp_path / "m.csv")["files"]
    assert (report["rows_in"], report["rows"], report["refused"]) == (4, 3, 1)
    assert [(c["name"], c["type"]) for c in report["columns"]] == [
        ("id", "text"),
        ("name", "text"),
        ("price", "number"),
    ]
    assert report["dialect"]["delimiter"] == ","


def test_read_writes_one_table_and_one_file_of_refused_rows_for_each_input(tmp_path, document) -> None:
    (tmp_path / "a.csv").write_text(MESSY)
    (tmp_path / "b.csv").write_text("x;y\n1;2\n")
    out = tmp_path / "out"
    first, second = document("read", tmp_path / "a.csv", tmp_path / "b.csv", "--out", out)["files"]
    assert pq.read_table(first["table"])["id"].to_pylist() == ["001", "002", "004"]
    assert pq.read_table(second["table"]).num_rows == 1
    with Path(first["refused_rows"]).open(newline="") as file:
        (header, row) = csv.reader(file)
    assert header == ["line", "reason", "text"]
    assert row[0] == "4"
    assert "003,Eve" in row[2]


def test_two_inputs_of_one_name_do_not_overwrite_each_other(tmp_path, document) -> None:
    for folder, text in (("one", "x\n1\n"), ("two", "x\n2\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(text)
    files = document("read", tmp_path / "one/t.csv", tmp_path / "two/t.csv", "--out", tmp_path / "o")["files"]
    assert [pq.read_table(f["table"])["x"].to_pylist() for f in files] == [[1], [2]]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, call: Call) -> None:
    (tmp_path / "bad.csv").write_bytes(b"")
    (tmp_path / "good.csv").write_text("x,y\n1,2\n")
    result = call("read", tmp_path / "bad.csv", tmp_path / "good.csv", "--json")
    assert result.exit_code == 1
    bad, good = json.loads(result.stdout)["files"]
    assert bad["error"] in result.stderr
    assert good["rows"] == 1


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path, call: Call) -> None:
    result = call("read", tmp_path / "none.csv")
    assert result.exit_code == 1
    assert "There is no file" in result.stderr


def test_profile_describes_each_column(tmp_path: Path, document) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,\n3,x\n")
    result = document("profile", tmp_path / "t.csv")
    assert result["rows"] == 3
    a, b = result["columns"]
    assert (a["name"], a["type"], a["mean"]) == ("a", "integer", 2.0)
    assert b["missing"] == 1


def test_clean_applies_a_recipe_and_writes_the_result(tmp_path: Path, document) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,\n3,x\n")
    (tmp_path / "recipe.json").write_text(json.dumps([{"kind": "drop_missing", "columns": ["b"]}]))
    result = document(
        "clean", tmp_path / "t.csv", "--recipe", tmp_path / "recipe.json", "--out", tmp_path / "o.csv"
    )
    assert (result["effects"][0]["rows_before"], result["effects"][0]["rows_after"]) == (3, 2)
    assert (tmp_path / "o.csv").read_text() == '"a","b"\n1,"x"\n3,"x"\n'


def test_a_recipe_reads_the_other_tables_that_are_given(tmp_path: Path, document, call) -> None:
    (tmp_path / "t.csv").write_text("code,n\nx,1\ny,2\n")
    (tmp_path / "names.csv").write_text("code,name\ny,why\nz,zed\n")
    look_up = {
        "kind": "look_up",
        "table": "vn_a",
        "keys": [{"column": "code", "other": "code"}],
        "column": "name",
    }
    (tmp_path / "r.json").write_text(json.dumps([look_up]))
    rest = ("--recipe", tmp_path / "r.json", "--out", tmp_path / "o.csv")
    document("clean", tmp_path / "t.csv", *rest, "--other", "vn_a", tmp_path / "names.csv")
    assert (tmp_path / "o.csv").read_text() == '"code","n","name"\n"x",1,\n"y",2,"why"\n'
    result = call("clean", tmp_path / "t.csv", *rest)
    assert result.exit_code == 1
    assert "no table 'vn_a' here" in result.stderr


def test_the_recipe_that_clean_prints_can_be_used_again(tmp_path: Path, document) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,\n,x\n")
    (tmp_path / "r.json").write_text(
        json.dumps([{"kind": "fill_missing", "columns": ["a"], "method": "mean"}])
    )
    first = document(
        "clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", tmp_path / "1.csv"
    )
    (tmp_path / "r2.json").write_text(json.dumps(first["recipe"]))
    (tmp_path / "new.csv").write_text("a,b\n100,x\n,x\n")
    document("clean", tmp_path / "new.csv", "--recipe", tmp_path / "r2.json", "--out", tmp_path / "2.csv")
    assert (tmp_path / "2.csv").read_text().splitlines()[2].startswith("1.5"), "the mean of the first file"


def test_clean_with_the_suggested_steps_mends_what_is_almost_surely_wrong(tmp_path: Path, document) -> None:
    rows = "".join(f'{i},"{1000 + i:,}"\n' for i in range(50))
    (tmp_path / "t.csv").write_text("id,amount\n" + rows)
    document("clean", tmp_path / "t.csv", "--suggested", "--out", tmp_path / "o.parquet")
    assert pq.read_table(tmp_path / "o.parquet")["amount"].to_pylist()[:2] == [1000, 1001]


def test_clean_wants_exactly_one_way(tmp_path: Path, call: Call) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    result = call("clean", tmp_path / "t.csv", "--out", tmp_path / "o.csv")
    assert result.exit_code == 2
    assert "either --recipe FILE or --suggested" in result.stderr


def test_a_broken_recipe_names_the_place(tmp_path: Path, call: Call) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    (tmp_path / "r.json").write_text('[{"kind": "no_such_step"}]')
    result = call("clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", tmp_path / "o.csv")
    assert result.exit_code == 1
    assert "no_such_step" in result.stderr


def test_cells_are_written_as_they_are_unless_guarded(tmp_path: Path, call: Call) -> None:
    (tmp_path / "t.csv").write_text("a\n=1+1\n")
    (tmp_path / "r.json").write_text("[]")
    for flag, cell in (((), "=1+1"), (("--guard",), "'=1+1")):
        out = tmp_path / f"{len(flag)}.csv"
        assert (
            call("clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", out, *flag).exit_code
            == 0
        )
        assert out.read_text() == f'"a"\n"{cell}"\n'


def test_a_step_that_is_switched_off_does_nothing_and_is_not_counted(tmp_path: Path, call: Call) -> None:
    (tmp_path / "t.csv").write_text("a,b\n 1x ,x\n,y\n")
    steps = [
        {"step": {"kind": "drop_missing", "columns": ["a"]}, "active": False},
        {"step": {"kind": "trim_text", "columns": ["a"]}},
    ]
    (tmp_path / "r.json").write_text(json.dumps({"steps": steps}))
    result = call("clean", tmp_path / "t.csv", "--recipe", tmp_path / "r.json", "--out", tmp_path / "o.csv")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith('2. Trim spaces in "a": 2 -> 2 rows, 1 cells changed')


def test_a_folder_is_read_file_by_file_or_together(tmp_path, document, call: Call) -> None:
    folder = tmp_path / "sales"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.csv").write_text(f"day,sold\n{number},1\n2\n")
    (folder / "notes.csv").write_text("a;b;c\n1;2;3\n")
    (folder / ".hidden").write_text("x")
    files = document("read", folder)["files"]
    assert [report["part"] for report in files] == ["0.csv", "1.csv", "2.csv", "notes.csv"]
    table, left = document("read", folder, "--together")["files"]
    assert (table["rows_in"], table["rows"], table["refused"]) == (6, 3, 3)
    assert [column["name"] for column in table["columns"]] == ["file", "day", "sold"]
    assert (left["part"], left["left_out"]) == (
        "notes.csv",
        "Not in the table: It has other columns: a, b, c.",
    )


def test_sheets_are_read_together(tmp_path, document) -> None:
    rows = [["day", "sold"], [1, 2], [2, 3]]
    (tmp_path / "y.xlsx").write_bytes(xlsx({"Jan": rows, "Feb": rows, "Blank": []}))
    (table,) = document("read", tmp_path / "y.xlsx", "--together")["files"]
    assert (table["rows"], table["columns"][0]["name"]) == (4, "sheet")
