"""A kept statement run again: the next version of what it made, what changed, its rules, its schedule."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import refresh, rules, schedules
from core.contracts import Column, Recorded
from core.errors import BadInput, NotFound
from core.jobs.work import Work
from core.recipe import Recipe
from core.rules import Rule
from core.store import Dataset, Job, Refresh, Store, Version, tables
from core.store.lineage import lineage
from core.tasks import TASKS

COLUMNS = (Column(name="city", type="text"), Column(name="amount", type="integer"))
TOTALS = "SELECT city, sum(amount) AS total FROM sales GROUP BY city ORDER BY city"


class Made:
    """A dataset "totals" that a statement made of the dataset "sales"."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sales = self.add(["Rome", "Oslo"], [1, 2]).dataset
        self.totals = self.call("keep_statement", statement=TOTALS, tables=self.now(), name="totals")[
            "dataset"
        ]

    def add(self, city: list[str], amount: list[int]) -> Version:
        """The next version of the dataset "sales"."""
        with self.store.new_object("ann", ".parquet") as made:
            pq.write_table(pa.table({"city": city, "amount": amount}), made.path)
        kept: dict[str, Any] = {"object": made, "columns": COLUMNS, "rows": len(city)}
        if hasattr(self, "sales"):
            return tables.add_version(self.store, "ann", self.sales, **kept)
        return tables.add_dataset(self.store, "ann", "sales", **kept)[1]

    def now(self) -> dict[str, str]:
        return {"sales": tables.latest(self.store, self.sales, "ann").id}

    def call(self, task: str, **params: Any) -> dict[str, Any]:
        scratch = self.store.home / "scratch" / "test"
        scratch.mkdir(parents=True, exist_ok=True)
        return TASKS[task](Work(self.store, "ann", params, Recorded(), scratch, "jb_test"))

    def again(self, **others: Any) -> dict[str, Any]:
        params = refresh.parameters(self.store, self.totals, "ann")
        assert params is not None
        assert refresh.task(params)[0] == "refresh_statement"
        return self.call("refresh_statement", **{**params, **others})

    def last(self) -> Version:
        return tables.latest(self.store, self.totals, "ann")

    def rows(self) -> list[dict[str, Any]]:
        return list(pq.read_table(self.store.place(self.last().object, "ann")).to_pylist())


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(Store(tmp_path / "home"))


def test_the_next_version_has_the_rows_of_today_and_says_what_changed(made: Made) -> None:
    new = made.add(["Rome", "Oslo", "Bonn"], [5, 2, 7])
    found = made.again()
    assert made.rows() == [
        {"city": "Bonn", "total": 7}, {"city": "Oslo", "total": 2}, {"city": "Rome", "total": 5},
    ]  # fmt: skip
    last = made.last()
    assert (last.number, found["version"], found["rows"]) == (2, last.id, 3)
    assert last.source is not None
    assert last.source["tables"] == {"sales": new.id}
    (line,) = made.store.list(Refresh, "ann", dataset=made.totals)
    assert (line.state, line.connection, line.version) == ("done", "", last.id)
    said = [str(note) for note in refresh.Changes.model_validate(line.changes).said()]
    assert said == ["1 row added", "1 row changed"]  # the column city tells the rows apart


def test_nothing_new_makes_no_version(made: Made) -> None:
    made.add(["Oslo", "Rome"], [2, 1])
    assert made.again()["version"] is None
    assert made.last().number == 1
    assert made.again(statement=TOTALS + " DESC")["version"] is not None  # another statement does


def test_a_column_that_comes_is_a_change_of_shape(made: Made) -> None:
    other = "SELECT city, count(*) AS n, sum(amount) AS total FROM sales GROUP BY city ORDER BY city"
    changes = refresh.Changes.model_validate(made.again(statement=other, tables=made.now())["changes"])
    assert changes.columns_added == ("n",)
    params = refresh.parameters(made.store, made.totals, "ann")
    assert params is not None
    assert params["statement"] == other


def test_a_version_that_is_called_by_its_number_stays(made: Made) -> None:
    first = made.now()["sales"]
    text = 'SELECT count(*) AS n FROM sales UNION ALL SELECT count(*) FROM "sales@1"'
    made.totals = made.call(
        "keep_statement", statement=text, tables={"sales": first, "sales@1": first}, name="counts"
    )["dataset"]
    made.add(["a", "b", "c"], [1, 2, 3])
    made.again()
    assert [row["n"] for row in made.rows()] == [3, 2]


def test_a_table_under_another_name_is_still_found(made: Made) -> None:
    made.add(["Bonn"], [9])
    tables.rename(made.store, made.sales, "ann", "revenue")
    made.again()
    assert made.rows() == [{"city": "Bonn", "total": 9}]


def test_a_table_that_is_gone_is_said(made: Made) -> None:
    tables.remove(made.store, made.sales, "ann")
    with pytest.raises(NotFound, match="The table 'sales', which the statement reads, is no longer there"):
        made.again()
    (line,) = made.store.list(Refresh, "ann", dataset=made.totals)
    assert line.state == "failed"


def test_rules_hold_the_next_version_back(made: Made) -> None:
    rule = Rule.from_json({"kind": "unique", "columns": ["city"], "severity": "error"})
    rules.put(made.store, "ann", made.totals, rule)
    made.add(["Rome", "Oslo"], [3, 4])
    text = "SELECT 'same' AS city, amount AS total FROM sales"
    with pytest.raises(BadInput, match="not taken over"):
        made.again(statement=text)
    assert made.last().number == 1
    made.again()
    assert made.last().number == 2


def test_the_steps_of_a_recipe_are_applied_to_it_again(made: Made) -> None:
    before = made.last()
    recipe = Recipe.from_json({"steps": [{"step": {"kind": "drop_columns", "columns": ["city"]}}]})
    made.store.change(Dataset, made.totals, "ann", again=True)
    made.call("materialise", version=before.id, recipe=recipe.to_json())
    assert made.last().recipe is not None
    made.add(["Rome"], [8])
    found = made.again()
    assert found["made"] == made.last().id
    assert made.rows() == [{"total": 8}]


def test_its_lineage_leads_to_the_tables_that_it_read(made: Made) -> None:
    new = made.add(["Bonn"], [1])
    made.again()
    found = lineage(made.store, "ann", made.last().id)
    (query,) = found.before(made.last().id)
    assert (query.kind, str(query.title)) == ("query", "SQL query, run again")
    assert [node.record for node in found.before(query.id)] == [new.id]
    assert made.last().id in {node.record for node in lineage(made.store, "ann", new.id).nodes}


def test_it_runs_on_a_schedule(made: Made) -> None:
    begin = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    schedules.put(made.store, "ann", made.totals, "", "0 6 * * *", "UTC", begin)
    new = made.add(["Bonn"], [1])
    (job,) = schedules.start_due(made.store, begin + dt.timedelta(days=1))
    assert (job.task, job.title) == ("refresh_statement", "Run the statement again")
    assert job.params["tables"] == {"sales": new.id}
    assert [one.id for one in made.store.list(Job, "ann")] == [job.id]
    made.call(job.task, **job.params)
    assert made.rows() == [{"city": "Bonn", "total": 1}]
    assert made.store.list(Refresh, "ann")[0].schedule is not None


def test_what_statements_made_is_listed(made: Made) -> None:
    ((dataset, version),) = refresh.made_by_statements(made.store, "ann")
    assert (dataset.name, refresh.statement(version)) == ("totals", TOTALS)
    assert refresh.made_by_statements(made.store, "bob") == []
