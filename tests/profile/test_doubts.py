"""Values that look wrong one by one: what each suggestion changes, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import core.steps  # noqa: F401, registers the members
from core.contracts import Engine, Step, Table
from core.profile import profile, suggested
from core.recipe import Recipe, RecipeStep

Build = Callable[..., Table]
TOWNS = ["Ashford", "Brookfield", "Castleton", "Dunmore", "Eastleigh", "Fairview"]
STATES = ["OR", "WA", "CA", "ID", "NV", "UT"]


@pytest.fixture
def table_of(table_of: Build) -> Build:
    """A table of these columns, in which no row repeats another."""
    return lambda **columns: table_of(
        **columns, note=[f"note {i}" for i in range(len(next(iter(columns.values()))))]
    )


def cleaned(table: Table, engine: Engine) -> dict[str, list[Any]]:
    """The table after all suggestions."""
    steps = suggested(profile(table, engine))
    recipe = Recipe(steps=tuple(RecipeStep(step=Step.from_json(step)) for step in steps))
    found = engine.rows(recipe.learn(table, engine).apply(table, engine).query)
    rows: dict[str, list[Any]] = found.sort_by("__row__").to_pydict()
    return rows


NUMBERS: dict[str, tuple[list[str], list[Any]]] = {
    "one unit in several spellings": (["12.0 oz", "16 oz.", "12", "8.5 Ounces"], [12.0, 16.0, 12.0, 8.5]),
    "words behind a unit": (["12.0 oz", "16 oz. Slim-Can", "12", "8.5 oz"], [12.0, 16.0, 12.0, 8.5]),
    "a percent sign too much": (["0.05", "0.05%", "0.07", "0.065%"], [0.05, 0.05, 0.07, 0.065]),
    "percent beside shares": (["0.05", "5%", "0.07", "6%"], [0.05, 0.05, 0.07, 0.06]),
    "one currency": (["$1,200.50", "900", "USD 15", "$7"], [1200.5, 900.0, 15.0, 7.0]),
    "words for missing ones": (["12 mm", "unknown", "15", "-"], [12, None, 15, None]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_lose_what_stands_around_them(case: str, table_of: Build, engine: Engine) -> None:
    given, expected = NUMBERS[case]
    table = table_of(a=given * 10)
    assert cleaned(table, engine)["a"][:4] == expected


@pytest.mark.parametrize(
    "values",
    [
        ["500 g", "1.2 kg", "3 kg", "90 g"],  # two units
        ["$12", "€9", "$3", "€7"],  # two currencies
        ["12 a", "14", "7 b", "12"],  # houses
        ["1st", "2nd", "3rd", "4th"],
        ["12 Main St", "7 High St", "3 Mill Rd", "9 Elm St"],
        ["007", "12 mm", "013", "4"],
        ["3M", "12 M", "5", "7"],  # millions?
    ],
)
def test_numbers_of_unclear_meaning_stay(values: list[str], table_of: Build, engine: Engine) -> None:
    table = table_of(a=values * 10)
    assert cleaned(table, engine)["a"][:4] == values


def test_times_are_written_as_most_are(table_of: Build, engine: Engine) -> None:
    times = [f"{hour}:{minute:02} a.m." for hour in range(1, 11) for minute in (5, 20, 40, 55)]
    table = table_of(a=[*times, "12/02/2011 6:55 a.m.", "6:55AM", "Dec 2 - 6:55 a.m.", "6:55aDec 2"])
    assert cleaned(table, engine)["a"] == [*times, *["6:55 a.m."] * 4]


@pytest.mark.parametrize(
    "values",
    [
        [f"2024-01-{day:02} 10:{day:02}" for day in range(1, 29)],  # moments, not times of day
        [f"{hour}:30 pm" for hour in range(1, 12)] * 2,  # all in one way, which is not ours
        [f"{hour}:{hour + 20}" for hour in range(1, 12)] * 2,
    ],
)
def test_times_written_in_one_way_stay(values: list[str], table_of: Build, engine: Engine) -> None:
    table = table_of(a=values)
    assert "read_times" not in [step["kind"] for step in suggested(profile(table, engine))]


def test_dates_in_several_ways_become_dates(table_of: Build, engine: Engine) -> None:
    dates = [f"2024-01-{day:02}" for day in range(1, 29)]
    found = cleaned(table_of(a=[*dates, "05 Feb 2024", "March 7, 2024", "2024/03/08", "20240309"]), engine)
    assert [str(day) for day in found["a"][-4:]] == ["2024-02-05", "2024-03-07", "2024-03-08", "2024-03-09"]


def test_dates_of_unclear_order_stay(table_of: Build, engine: Engine) -> None:
    dates = [*[f"2024-01-{day:02}" for day in range(1, 29)], "05/02/2024"]
    assert cleaned(table_of(a=dates), engine)["a"] == dates


def test_ranges_that_became_dates_are_ranges_again(table_of: Build, engine: Engine) -> None:
    pages = [f"{start}-{start + 9}" for start in range(100, 140)]
    found = cleaned(table_of(a=[*pages, "12-Sep", "Mar-31", "5-Oct"]), engine)
    assert found["a"] == [*pages, "9-12", "3-31", "5-10"]


def test_days_among_days_stay(table_of: Build, engine: Engine) -> None:
    days = ["12-Sep", "13-Sep", "Oct-14", "1-2"] * 5
    assert cleaned(table_of(a=days), engine)["a"] == days


def test_a_neighbours_value_is_taken_off(table_of: Build, engine: Engine) -> None:
    towns, states = TOWNS * 8, STATES * 8
    for row in (1, 8, 15, 22):
        towns[row] = f"{towns[row]} {states[row]}"
    assert cleaned(table_of(town=towns, state=states), engine)["town"] == TOWNS * 8


def test_an_ending_that_is_part_of_the_name_stays(table_of: Build, engine: Engine) -> None:
    grades = ["Very Good", "Good", "Very Poor", "Poor", "Rather Good", "Fair"] * 8
    other = ["Good", "Poor", "Fair", "Good", "Poor", "Fair"] * 8
    assert cleaned(table_of(grade=grades, before=other), engine)["grade"] == grades


def test_misspelt_categories_are_mended(table_of: Build, engine: Engine) -> None:
    towns = TOWNS * 10
    wrong = {3: "Dunmroe", 7: "Brokfield", 14: "Castlxeton", 26: "Castletom"}
    table = table_of(town=[wrong.get(row, town) for row, town in enumerate(towns)])
    assert cleaned(table, engine)["town"] == towns


def test_letters_lost_to_an_x_are_found_again(table_of: Build, engine: Engine) -> None:
    phones = [f"2055550{number:03}" for number in range(101, 106)] * 12
    names = [f"{town.lower()} clinic" for town in TOWNS[:5]] * 12
    spoilt = [name.replace("c", "x", 1) if row % 11 == 0 else name for row, name in enumerate(names)]
    numbers = [f"{phone[:4]}x{phone[5:]}" if row % 13 == 5 else phone for row, phone in enumerate(phones)]
    found = cleaned(table_of(name=spoilt, phone=numbers), engine)
    assert found["name"] == names
    assert found["phone"] == phones


def test_words_that_all_cells_have_are_mended(table_of: Build, engine: Engine) -> None:
    names = [f"{town.lower()} clinic" for town in TOWNS] * 24
    spoilt = [name.replace("c", "x", 1) if row % 13 == 0 else name for row, name in enumerate(names)]
    cells = [f"{row * 7} patients seen" for row in range(144)]
    given = [cell.replace("en", "xn", 1) if row % 9 == 4 else cell for row, cell in enumerate(cells)]
    assert cleaned(table_of(name=spoilt, seen=given), engine)["seen"] == cells


def test_replacements_of_one_column_are_one_step(table_of: Build, engine: Engine) -> None:
    towns, states = TOWNS * 10, STATES * 10
    for row, wrong in {3: "Dunmroe", 8: "castleton", 13: "BROOKFIELD", 20: "Castletn", 24: "ashford"}.items():
        towns[row] = wrong
    for row in (30, 37, 44):
        towns[row] = f"{towns[row]} {states[row]}"
    table = table_of(town=towns, state=states)
    steps = [step for step in suggested(profile(table, engine)) if step["kind"] == "replace_values"]
    assert [step["columns"] for step in steps] == [["town"]]
    assert cleaned(table, engine)["town"] == TOWNS * 10


@pytest.mark.parametrize(
    "values",
    [
        ["Iran"] * 50 + ["Iraq"] * 6,  # two countries
        ["actor"] * 50 + ["actors"] * 2,  # one of them and several
        ["room 1"] * 50 + ["room 2"] * 2,
        ["Smith"] * 50 + ["Smyth", "Jones", "Miller", "Baker", "Fisher", "Cook"],  # names
        ["I all"] * 2 + ["C all"] * 40,
        ["FuseA"] * 180 + ["FuseP"] * 8 + ["SBrkr"] * 900,
    ],
)
def test_values_that_are_near_by_nature_stay(values: list[str], table_of: Build, engine: Engine) -> None:
    assert cleaned(table_of(a=values), engine)["a"] == values


def test_what_two_columns_say_mends_a_third(table_of: Build, engine: Engine) -> None:
    towns, states, codes = TOWNS * 10, STATES * 10, [f"97{i:03}" for i in range(6)] * 10
    given = {"town": list(towns), "state": list(states), "code": list(codes)}
    given["state"][4], given["state"][17], given["town"][30] = "UT", "OR", None
    assert cleaned(table_of(**given), engine)["state"] == states


def test_one_column_against_another_fills_and_mends_spelling_alone(table_of: Build, engine: Engine) -> None:
    """Either the town or its state may be wrong where both are known; not where one is misspelt."""
    towns, states = [town.upper() for town in TOWNS] * 10, [town[::-1] for town in TOWNS] * 10
    given = list(states)
    given[4], given[17], given[30], given[40] = states[0], None, states[30] + "q", states[1]
    table = table_of(town=towns, state=given)
    expected = [*states[:4], states[0], *states[5:40], states[1], *states[41:]]
    assert cleaned(table, engine)["state"] == expected
    asked = [f for f in profile(table, engine).findings if f.kind == "disagree" and not f.sure]
    assert ("state", "town") in [finding.columns for finding in asked]


def test_habits_are_no_rules(table_of: Build, engine: Engine) -> None:
    """Who mostly pays by card may pay in cash."""
    person = [f"p{i % 12}" for i in range(240)]
    pays = ["cash" if i % 7 == 3 else "card" if i % 12 < 6 else "transfer" for i in range(240)]
    assert cleaned(table_of(person=person, pays=pays), engine)["pays"] == pays


def test_what_most_sources_tell_is_taken(table_of: Build, engine: Engine) -> None:
    flights, sites = [f"AB {100 + i}" for i in range(20)], [f"site {i}" for i in range(12)]
    rows = [(site, flight, f"{1 + i % 9}:{10 + i} a.m.", f"{1 + i % 8}:{20 + i} p.m.", f"G{i}")
            for i, flight in enumerate(flights) for site in sites]  # fmt: skip
    site, flight, starts, ends, gate = (list(column) for column in zip(*rows, strict=True))
    told = [None if i % 9 == 0 else "3:33 a.m." if i % 11 == 0 else start for i, start in enumerate(starts)]
    found = cleaned(table_of(site=site, flight=flight, starts=told, ends=ends, gate=gate), engine)
    assert found["starts"] == starts


LINES, HOURS = [f"Line {i}" for i in "ABCDEF"], [f"{5 + i:02}:15" for i in range(10)]


def flights() -> tuple[list[str], list[int], list[str]]:
    """Each airline numbers its flights from 1; airline and number say when it leaves."""
    keys = [(line, number) for line in range(6) for number in range(8)] * 6
    leaves = [HOURS[(3 * line + 7 * number + line * number) % 10] for line, number in keys]
    return [LINES[line] for line, _ in keys], [number for _, number in keys], leaves


def test_two_columns_together_mend_a_third(table_of: Build, engine: Engine) -> None:
    lines, numbers, leaves = flights()
    given: list[str | None] = list(leaves)
    given[7], given[90], given[200], given[44] = "9:99", "noon", "later", None
    table = table_of(line=lines, number=numbers, leaves=given)
    found = next(f for f in profile(table, engine).findings if f.kind == "disagree" and f.sure)
    assert (found.columns, found.values["support"]) == (("leaves", "line", "number"), 284)
    assert (found.values["count"], found.values["missing"]) == (3, 1)
    assert found.fix is not None
    assert found.fix["together"]
    assert cleaned(table, engine)["leaves"] == leaves


def test_what_no_two_columns_say_stays(table_of: Build, engine: Engine) -> None:
    lines, numbers, leaves = flights()
    given = [HOURS[(17 * i * i + 5 * i) % 10] for i in range(len(leaves))]
    table = table_of(line=lines, number=numbers, leaves=given)
    assert not [f for f in profile(table, engine).findings if f.kind == "disagree"]
    assert cleaned(table, engine)["leaves"] == given
