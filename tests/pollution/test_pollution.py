"""The polluter pollutes as it says, the score measures as it is defined, and no pollution loses a row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from core.contracts import Silent
from core.errors import SightlineError
from core.sources import detect
from tests.pollution import readers
from tests.pollution.clean import Clean, orders
from tests.pollution.score import score
from tests.pollution.standard import Polluted, standard
from tests.pollution.wider import wider

FILES = {file.name: file for file in standard()}
# each kind once, those of rows not on the header
SOME = [
    next(file for file in FILES.values() if file.kind == kind and "row 0" not in file.name)
    for kind in dict.fromkeys(file.kind for file in FILES.values())
]
TOLD = {"no payload", *(f"delimiter {mark!r}" for mark in "\x01\x02\x1e\x1f")}  # refused as a whole
HARD = {  # kinds that are not read as well yet
    "two header rows",
    "three header rows",
    "two tables, as wide",
    "two tables, first wider",
    "two tables, first narrower",
    "delimiter space",
    "delimiter comma and space",
    "quote '",
    "escape missing",
}


def test_there_are_as_many_files_as_in_the_benchmark() -> None:
    kinds = Counter(file.kind for file in FILES.values())
    assert len(FILES) == sum(kinds.values()) == 2_290
    assert kinds["a delimiter missing"] == 672
    assert kinds["a delimiter too many"] == kinds["a stray quote"] == 756
    assert kinds["a row with spaces between cells"] == 84
    assert len({file.content for file in FILES.values()}) >= 2_270  # a few row pollutions come out alike


def test_files_are_the_same_each_time() -> None:
    assert [file.content for file in standard()] == [file.content for file in FILES.values()]
    assert [file.content for file in wider(2)] == [file.content for file in wider(2)]


def test_a_perfect_reading_scores_ten_and_none_nothing() -> None:
    clean = orders()
    assert score([clean], [clean]).total == 10
    assert score([clean], None).total == 0
    assert score([], None).total == score([], [Clean((), ())]).total == 10


def test_a_row_that_is_left_out_costs_recall_and_no_precision() -> None:
    clean = Clean(("a", "b"), (("1", "x"), ("2", "y"), ("3", "z"), ("4", "w")))
    found = Clean(clean.header, clean.rows[:3])
    assert score([clean], [found]).values == (1, 1, 1, 1, 1, 0.75, 2 * 0.75 / 1.75, 1, 0.75, 2 * 0.75 / 1.75)


@pytest.mark.parametrize("file", [f for f in SOME if f.kind not in HARD], ids=lambda file: file.kind)
def test_a_polluted_file_is_read_but_for_the_row_that_is_polluted(file: Polluted) -> None:
    assert score(file.truth, readers.ours(file.content)).total > 9.9


@pytest.mark.parametrize("file", [*SOME, *wider(1)], ids=lambda file: file.name)
def test_every_row_is_stored_or_refused(file: Polluted, tmp_path: Path) -> None:
    place, stored, refused = tmp_path / "table.csv", tmp_path / "rows.parquet", tmp_path / "refused.csv"
    place.write_bytes(file.content)
    try:
        source = detect(place, "table.csv")
        account = source.read(place, stored, refused, Silent())
    except SightlineError:
        assert file.kind in TOLD
        return
    assert account.rows_in == account.rows + account.refused
