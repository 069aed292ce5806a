"""Meanings that a person has set: kept with the dataset, counted over all rows, followed by findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Column, Engine, Table
from core.errors import BadParameter
from core.meanings import MEANINGS, Judged
from core.profile import profile
from core.profile.chosen import choose, chosen, options, with_chosen
from core.store import LOCAL, Store, tables
from core.store.records import Meanings

Build = Callable[..., Table]


def test_a_meaning_set_by_hand_is_counted_over_all_rows_and_found_fault_with(
    table_of: Build, engine: Engine
) -> None:
    table = table_of(code=["10115", "80331", "none", None] * 20, n=list(range(80)))
    found = profile(table, engine)
    assert found.column("code").meaning == "category"
    told = with_chosen(found, {"code": "postcode", "gone": "date", "n": "e-mail"}, table, engine)
    code = told.column("code")
    assert (code.meaning, code.chosen, code.valid, code.invalid) == ("postcode", True, 40, 20)
    assert told.column("n") == found.column("n"), "a number is no e-mail address"
    (fault,) = [finding for finding in told.findings if finding.kind == "invalid"]
    assert fault.values == {"column": "code", "count": 20, "what": "postcode"}
    assert fault.fix == {"kind": "clear_invalid", "columns": ["code"], "meaning": "postcode"}


def test_a_meaning_without_a_notion_of_valid_counts_nothing(table_of: Build, engine: Engine) -> None:
    table = table_of(mail=["a@b.co", "c@d.org", "x"] * 20)
    told = with_chosen(profile(table, engine), {"mail": "free text"}, table, engine).column("mail")
    assert (told.meaning, told.valid, told.invalid) == ("free text", None, None)


def test_the_choice_is_kept_until_it_is_taken_back_and_goes_with_its_dataset(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(pa.table({"a": ["x"]}), made.path)
    columns = (Column(name="a", type="text"),)
    dataset, _ = tables.add_dataset(store, LOCAL, "d", object=made, columns=columns, rows=1)
    choose(store, LOCAL, dataset.id, "a", "phone")
    choose(store, LOCAL, dataset.id, "价格", "amount")
    assert chosen(store, LOCAL, dataset.id) == {"a": "phone", "价格": "amount"}
    assert chosen(store, "another", dataset.id) == {}
    choose(store, LOCAL, dataset.id, "a", None)
    assert chosen(store, LOCAL, dataset.id) == {"价格": "amount"}
    with pytest.raises(BadParameter, match="no meaning called 'zip'"):
        choose(store, LOCAL, dataset.id, "a", "zip")
    tables.remove(store, dataset.id, LOCAL)
    assert store.list(Meanings, LOCAL) == []


def test_each_type_offers_the_meanings_that_its_values_can_have() -> None:
    assert "e-mail" in options("text")
    assert "e-mail" not in options("number")
    assert {"latitude", "longitude"} <= set(options("number"))
    assert set(options("date")) == {"date", "category", "identifier"}


def test_the_meanings_of_steps_are_those_that_can_judge() -> None:
    judging = {
        kind.name
        for kind in MEANINGS.values()
        if any(kind.judges(Column(name="x", type=type)) for type in kind.types)
    }
    assert judging == set(get_args(Judged))
