"""What the engine has against a statement is said in sentences of ours, with its place and a way out."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.engine.believing import error_of
from core.engine.complaints import KINDS
from core.engine.locked import Locked
from core.engine.outgoing import projection
from core.engine.stored_tables import Stored
from core.engine.wrong import explained, worded
from core.errors import SightlineError
from core.jobs.line import told

ODD = 'x]" `b` <i>'
TABLES = {
    "sales": pa.table({"city": ["Rome", "Oslo"], "amount": [1, 2], "seen": ["2024-01-01", "x"]}),
    "towns": pa.table({"city": ["Rome", "Oslo"], "people": [1, 2], ODD: [1, 2]}),
}
# statement, part of what is said, the marked text
SAID = (
    ("SELECT ctiy FROM sales", "no column called 'ctiy'", "ctiy"),
    ("SELECT 'ctiy' AS a, -- ctiy\n ctiy FROM sales", "mean one of these: city", " ctiy FROM"),
    (
        "SELECT s.ctiy FROM sales s",
        "'s' has no column called 'ctiy'. Did you mean one of these: city",
        "s.ctiy",
    ),
    ("SELECT * EXCLUDE (amuont) FROM sales", "EXCLUDE names the column 'amuont'", "amuont"),
    ("SELECT 1 FROM sales JOIN towns USING (id)", "joined by the column 'id'", "id"),
    ("SELECT sales.city FROM sales s", "There are: s", "sales.city"),
    ("SELECT * FROM slaes", "no table called 'slaes' here. Did you mean one of these: sales", "slaes"),
    ("SELECT city FROM sales, towns", "Say which one is meant: sales.city, towns.city", "city"),
    ("SELECT * FROM sales s JOIN towns s ON true", "Two tables are called 's'", None),
    ("SELECT sum(amount), amount FROM sales", "'amount' is neither grouped", "amount FROM"),
    ("SELECT city FROM sales GROUP BY 1 HAVING amount > 1", "'amount' is neither grouped", "amount"),
    ("SELECT 1 FROM sales WHERE sum(amount) > 1", "with HAVING", "sum(amount)"),
    ("SELECT 1 FROM sales WHERE rank() OVER () > 1", "with QUALIFY", "rank() OVER ()"),
    ("SELECT 1 FROM sales GROUP BY sum(amount)", "GROUP BY makes the groups", "sum(amount)"),
    ("SELECT sum(sum(amount)) FROM sales", "inside another", "sum(amount))"),
    ("SELECT rank() FROM sales", "rank needs OVER", "rank()"),
    ("SELECT city + 1 FROM sales", "+ does not work on VARCHAR, INTEGER", None),
    ("SELECT upper(amount) FROM sales", "upper does not work on these types: BIGINT", "upper(amount)"),
    ("SELECT 1 FROM sales WHERE city > DATE '2024-01-01'", "VARCHAR and DATE cannot be compared", "city >"),
    ("SELECT coalesce(city, 1) FROM sales", "COALESCE needs values of one type", "coalesce(city, 1)"),
    ("SELECT amount::DATE FROM sales", "BIGINT cannot be converted to DATE", None),
    ("SELECT CAST(city AS INT) FROM sales", "'Rome' of the column 'city' cannot be read as INTEGER", "CAST("),
    ("SELECT 1 FROM sales WHERE amount = 'x'", "'x' cannot be read as BIGINT", "'x'"),
    ("SELECT CAST(seen AS DATE) FROM sales", "'x' is not written as YYYY-MM-DD", "CAST("),
    ("SELECT '2024-13-01'::DATE", "no such day or time: '2024-13-01'", "::DATE"),
    ("SELECT strptime(seen, '%Y') FROM sales", "'2024-01-01' is not written as '%Y'", None),
    ("SELECT strptime(seen, '%Q') FROM sales", "'%Q' is no form", None),
    ("SELECT 300::TINYINT", "300 does not fit TINYINT", "::TINYINT"),
    ("SELECT 100.5::DECIMAL(3, 1)", "100.5 does not fit DECIMAL(3,1)", None),
    ("SELECT 9223372036854775807 + amount FROM sales", "too large a number for BIGINT", None),
    ("SELECT 5 // (amount - 1) FROM sales", "A division by zero: ", None),
    ("SELECT date_trunc('foo', DATE '2024-01-01')", "'foo' is no part of a date", None),
    ("SELECT (SELECT city FROM sales)", "several rows where one value", None),
    ("SELECT 1 WHERE 1 > ALL (SELECT 1, 2)", "yields 2 columns where 1 is needed", None),
    ("SELECT 1 UNION SELECT 1, 2", "same number of columns", None),
    ("SELECT * FROM sales ORDER BY 9", "there are 3", "9"),
    ("SELECT 1 LIMIT -1", "cannot be negative", "-1"),
    ("SELECT amount.x FROM sales", "'amount' has no field 'x'", "amount.x"),
    ("SELECT * sales", "no table that they are in", None),
    ("SELECT city FORM sales", "was FROM meant where 'FORM' stands", "sales"),
    ("SELECT 1 FROM sales WHERE", "ends after 'WHERE'", "WHERE"),
    ("SELECT 1 IS 3", "goes wrong at '3'", "3"),
    ("SELECT 'abc", "A text is begun", "'abc"),
    ('SELECT "abc', "A name is begun", '"abc'),
    ("WITH a AS (SELECT 1), a AS (SELECT 2) FROM a", "Two WITH queries are called 'a'", None),
    ("VALUES (1), (1, 2)", "different lengths: 1 and 2", None),
)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Locked:
    home = tmp_path_factory.mktemp("locked")
    (home / "spill").mkdir()
    for name, table in TABLES.items():
        pq.write_table(table, home / name)
    stored = {name: Stored(str(home / name), table.column_names) for name, table in TABLES.items()}
    return Locked(stored, home / "spill")


def wrong(locked: Locked, text: str) -> SightlineError:
    """What is said of a statement, after the way from the process in which it ran."""
    shift = 0
    try:
        locked.check(text)
        relation = locked.relation(locked.connection.cursor(), text)
        shift = locked.shift
        relation.project(projection([str(kind) for kind in relation.types])).to_arrow_table()
    except duckdb.Error as error:
        return error_of(told(explained(error, text, shift, locked.read))["error"])
    except SightlineError as error:
        return error_of(told(error)["error"])
    raise AssertionError(f"{text} ran")


@pytest.mark.parametrize(("text", "part", "marked"), SAID, ids=[text for text, _, _ in SAID])
def test_a_frequent_mistake_is_said_in_our_words(
    locked: Locked, text: str, part: str, marked: str | None
) -> None:
    error = wrong(locked, text)
    assert part in str(error)
    assert not error.template.startswith(("The statement cannot run", "A value cannot be read as that"))
    if marked is not None:
        start = error.values["start"]
        assert text[start:].startswith(marked.lstrip())
        assert text[:start].endswith(marked[: len(marked) - len(marked.lstrip())])


def test_the_engine_s_own_sentence_is_kept(locked: Locked) -> None:
    assert wrong(locked, "SELECT ctiy FROM sales").values["engine"].startswith('Referenced column "ctiy" not')


def test_a_sentence_that_is_not_known_is_shown_as_it_is(locked: Locked) -> None:
    error = wrong(locked, "SELECT regexp_matches(city, '(') FROM sales")
    assert str(error) == "The statement cannot run: missing ): (."


def test_hostile_names_are_values_and_never_templates(locked: Locked) -> None:
    text = 'SELECT "x]"" `b` <b>{0}" FROM towns'
    error = wrong(locked, text)
    assert error.template == "There is no column called {name!r} in what this statement reads."
    assert error.values["name"] == 'x]" `b` <b>{0}'
    assert ODD in error.values["candidates"]


def test_what_is_said_of_a_statement_has_no_marks_that_a_screen_would_read() -> None:
    for kind in KINDS:
        assert not set("<>[]`$\\") & set(kind.said.template + kind.hint.template)


def test_long_sentences_of_the_engine_are_read_in_no_time() -> None:
    values: Any = worded("Could not convert string '" + "a' to b " * 100_000, {})
    assert values is None or len(values[2]["value"]) <= 200
