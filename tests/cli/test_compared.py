"""The commands that compare two files and check rules on one."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Call


def files(folder: Path) -> tuple[Path, Path]:
    (folder / "a.csv").write_text("id,price,old\n1,2.5,x\n2,3.5,x\n3,4.5,y\n")
    (folder / "b.csv").write_text("id,price,new\n2,3.5,1\n3,9.5,2\n4,1.5,3\n5,1.0,4\n")
    return folder / "a.csv", folder / "b.csv"


def test_two_files_are_compared_by_a_key_that_is_found(tmp_path: Path, document) -> None:
    found = document("compare", *files(tmp_path))
    assert found["rows"]["key"] == ["id"]
    assert [found["rows"][what] for what in ("added", "removed", "changed", "same")] == [2, 1, 1, 1]
    assert found["rows"]["cells"] == {"price": 1}
    assert [column["name"] for column in found["shape"]["added"]] == ["new"]
    assert [column["name"] for column in found["columns"]] == ["id", "price"]


def test_whole_rows_and_the_words_for_people(tmp_path: Path, call: Call) -> None:
    result = call("compare", *files(tmp_path), "--whole")
    assert result.exit_code == 0
    assert "column removed: old (text)" in result.stdout
    assert "compared as whole rows: 3 added, 2 removed, 0 changed, 1 as they were" in result.stdout
    assert call("compare", *files(tmp_path), "--whole", "--key", "id").exit_code == 2
    refused = call("compare", *files(tmp_path), "--key", "old")
    assert refused.exit_code == 1
    assert "must be a column of both tables" in refused.stderr


def test_a_broken_rule_gives_the_exit_status(tmp_path: Path, call: Call) -> None:
    a, _ = files(tmp_path)
    place = tmp_path / "rules.json"
    rules = [
        {"kind": "not_missing", "column": "price"},
        {"kind": "in_range", "column": "price", "most": 4, "severity": "warning"},
    ]
    place.write_text(json.dumps(rules))
    result = call("check", a, "--rules", place)
    assert result.exit_code == 0
    assert "ok: " in result.stdout
    assert "warning: " in result.stdout
    rules[1]["severity"] = "error"
    place.write_text(json.dumps(rules))
    result = call("check", a, "--rules", place, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["outcome"], found["results"][1]["found"]["failing"]) == ("error", 1)


def test_a_file_that_holds_no_rules_is_refused(tmp_path: Path, call: Call) -> None:
    a, _ = files(tmp_path)
    place = tmp_path / "rules.json"
    for text in ("{", '{"kind": "unique"}', '[{"kind": "none_such"}]'):
        place.write_text(text)
        result = call("check", a, "--rules", place)
        assert result.exit_code == 1
        assert "Error: " in result.stderr
