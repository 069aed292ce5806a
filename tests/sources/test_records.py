"""Cutting records into cells."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sources.records import Reader, Splitter


@settings(max_examples=300, deadline=None)
@given(st.text('ab," é', max_size=14))  # line ends stand inside quotes alone
def test_the_quick_and_the_thorough_way_agree(text: str) -> None:
    splitter = Splitter(",", '"', '"')
    assert splitter.split(text) == (splitter._slowly(text) if '"' in text else text.split(","))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text('ab,"\n é', max_size=6), min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_the_csv_module_writes_is_cut_the_same_way(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    found = list(Reader(io.BytesIO(out.getvalue().encode()), Splitter(",", '"', '"')))
    assert [record.cells for record in found] == rows
    assert all(not record.reason for record in found)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('1, "a,b"', ["1", "a,b"]),
        ('"a"  ,b', ["a", "b"]),
        ('5" pipe,6', ['5" pipe', "6"]),
        (",", ["", ""]),
        ('"a""b",""', ['a"b', ""]),
    ],
)
def test_spaces_beside_quotes_and_quotes_inside_cells(text: str, cells: list[str]) -> None:
    assert Splitter(",", '"', '"').split(text) == cells
