"""Values in another form than their column's: what is written anew, and what must be left alone."""

from __future__ import annotations

from collections import Counter

import pytest

from core.profile.forms import forms
from core.profile.ranges import ranges
from core.profile.written import Written


def column(values: list[str]) -> Written:
    return Written("a", dict(Counter(values)), whole=True, named=True)


SERIALS = ["0028-0836", "0036-8075", "0140-6736", "2049-3630", "0317-8471", "1050-124X"] * 4
DATES = [f"{month}/{day}/13" for month in range(1, 13) for day in (3, 17, 28)]


@pytest.mark.parametrize(
    ("values", "others"),
    [
        (SERIALS, {"03784371": "0378-4371", "0378 4371": "0378-4371", "1050124x": "1050-124X"}),
        (SERIALS, {"280836": "0028-0836", "3784371": "0378-4371", "0378–4371": "0378-4371"}),
        (SERIALS, {"3784372": None, "12": None, "n/a": None}),  # no such number
        (DATES, {"2013-04-25": "4/25/13", "04/25/13": "4/25/13", "4/25/2013": "4/25/13"}),
        (DATES, {"25/4/13": "4/25/13", "Apr 25, 2013": "4/25/13", "25 April 2013": "4/25/13"}),
        (DATES, {"4/31/13": None, "spring": None}),
        (["eng"] * 20 + ["fre", "ger"], {"English": "eng", "french": "fre", "DE": "ger", "Latin": None}),
    ],
)  # fmt: skip
def test_values_get_the_form_of_the_others(values: list[str], others: dict[str, str | None]) -> None:
    found = forms(column([*values, *others]))
    assert found == {value: meant for value, meant in others.items() if meant is not None}


@pytest.mark.parametrize(
    "values",
    [
        [f"{day}/{month}/13" for day in range(1, 13) for month in range(1, 13)],  # which is the day?
        ["2013-04-25", "20130426"] * 20,  # dates are no codes
        ["555-1234", "5551234", "555 1234", "12"] * 10,  # as many ways as numbers
        ["en route", "en", "de", "as"] * 10,
        ["12-14", "3-5", "100-4"] * 10,
    ],
)
def test_columns_without_one_form_stay(values: list[str]) -> None:
    assert forms(column(values)) == {}


def test_a_spreadsheets_dates_are_numbers_and_ranges_again() -> None:
    issues = [str(number) for number in range(1, 13)] * 4 + ["1-2", "3-4", "7-8"]
    assert ranges(column([*issues, "4-Mar", "2015-08-09", "9/10/2015"])) == {
        "4-Mar": "3-4", "2015-08-09": "8-9", "9/10/2015": "9-10",
    }  # fmt: skip
    years = [str(year) for year in range(1985, 2016)]
    assert ranges(column([*years, "1905-06-20", "1950-06-20"])) == {"1905-06-20": "1998"}


def test_shortened_ranges_keep_their_order() -> None:
    pages = [f"{start}-{(start + 9) % 100}" for start in range(195, 230)]
    assert ranges(column([*pages, "2-Oct", "11-Jul", "20-Mar", "28-May"])) == {
        "2-Oct": "10-2", "11-Jul": "7-11", "20-Mar": "3-20", "28-May": "5-28",
    }  # fmt: skip


def test_days_among_numbers_stay() -> None:
    assert ranges(column(["12-Sep", "13-Sep", "14-Oct", "7"] * 8)) == {}
