"""What every source promises, checked on each registered one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import core.sources  # noqa: F401  # registers the sources
from core.contracts import Recorded, Source
from core.errors import BadInput, BadParameter

MEMBERS = sorted(Source.members.items())


@pytest.mark.parametrize(("kind", "cls"), MEMBERS)
def test_defaults_are_valid_and_survive_json(kind: str, cls: type[Source]) -> None:
    source = cls()
    again = Source.from_json(json.loads(json.dumps(source.to_json())))
    assert again == source
    assert again.kind() == kind


@pytest.mark.parametrize(("kind", "cls"), MEMBERS)
def test_it_has_a_title_a_summary_and_labels(kind: str, cls: type[Source]) -> None:
    assert cls.title
    assert cls.group
    assert cls.summary().endswith(".")
    for parameter in cls.parameters():
        assert parameter.title
        assert parameter.help.strip()
    assert cls.needs_file == bool(cls.extensions)


@pytest.mark.parametrize(("kind", "cls"), MEMBERS)
def test_an_unknown_parameter_is_refused_by_name(kind: str, cls: type[Source]) -> None:
    with pytest.raises(BadParameter, match="wrong_one"):
        Source.build(kind, {"wrong_one": 1})


@pytest.mark.parametrize(("kind", "cls"), MEMBERS)
def test_wrong_values_are_refused_with_name_rule_and_value(kind: str, cls: type[Source]) -> None:
    for parameter in cls.parameters():
        with pytest.raises(BadParameter) as error:
            Source.build(kind, {parameter.name: {"no": "value"}})
        assert parameter.name in str(error.value)
        assert "Got" in str(error.value)
        assert "no" in str(error.value)


@pytest.mark.parametrize(("kind", "cls"), [pair for pair in MEMBERS if pair[1].needs_file])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00\x01" * 500])
def test_an_unreadable_file_is_bad_input(
    kind: str, cls: type[Source], content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "input"
    file.write_bytes(content)
    with pytest.raises(BadInput):
        cls().read(file, tmp_path / "out.parquet", tmp_path / "refused.csv", Recorded())
    with pytest.raises(BadParameter, match="needs a file"):
        cls().read(None, tmp_path / "out.parquet", tmp_path / "refused.csv", Recorded())


@pytest.mark.parametrize(("kind", "cls"), [pair for pair in MEMBERS if not pair[1].needs_file])
def test_without_a_file_the_account_adds_up(kind: str, cls: type[Source], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    place, refused = tmp_path / "out.parquet", tmp_path / "refused.csv"
    account = cls().read(None, place, refused, Recorded())
    table = pq.read_table(place)
    assert account.rows == table.num_rows == account.rows_in - account.refused
    assert tuple(table.column_names) == tuple(column.name for column in account.columns)
    assert refused.read_text(encoding="utf-8").splitlines()[0] == "line,reason,text"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == []
