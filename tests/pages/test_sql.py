"""The SQL page: a statement is typed, runs in its own process, is shown, kept, saved and found again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.queries.running import Query
from core.store import LOCAL, Dataset, Version, tables
from core.store.records import SavedQuery, Statement
from tests.pages.conftest import HOSTILE, Screen
from ui import services

PAGE = "pages/data/sql.py"
SALES = {"city": ["Rome", "Oslo", "Rome"], "amount": [1, 2, 3], HOSTILE: [1.5, None, 2.5]}


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    services._queries.clear()


def typed(screen: Screen, text: str) -> Query:
    """Type a statement, run it, and wait for its end."""
    app = screen.app
    app.session_state["sql.text"] = text
    app.button(key="sql.run").click().run()
    query = services.queries().get(app.session_state["sql.query"], LOCAL)
    for _ in range(1000):
        if query.state != "running":
            break
        time.sleep(0.02)
    app.run()
    assert not app.exception
    return query


def shown(screen: Screen) -> dict[str, list[str | None]]:
    _, grid = screen.app.get("bidi_component")
    return {column["name"]: column["cells"] for column in json.loads(grid.proto.json)["columns"]}


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_it_begins_with_a_statement_that_runs(screen: Screen) -> None:
    screen.add_table(HOSTILE, pa.table(SALES))
    app = screen.open(PAGE)
    assert not app.exception
    query = typed(screen, app.session_state["sql.text"])
    assert (query.state, query.answer.data.num_rows) == ("done", 3)
    assert "3 rows × 3 columns" in screen.texts()
    assert shown(screen)["city"] == ["Rome", "Oslo", "Rome"]
    (line,) = screen.store.list(Statement, LOCAL)
    assert (line.state, line.rows, line.cut) == ("done", 3, False)


def test_columns_of_one_name_are_told_apart(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE)
    typed(screen, "SELECT city, city, sum(amount) AS s, [1] AS l FROM sales GROUP BY city ORDER BY s DESC")
    found = shown(screen)
    assert list(found) == ["city", "city_2", "s", "l"]
    assert found["s"] == ["4", "2"]


def test_older_versions_are_read_by_their_number(screen: Screen) -> None:
    dataset, version = screen.add_table("sales", pa.table(SALES))
    with screen.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(pa.table(SALES).slice(0, 1), made.path)
    tables.add_version(
        screen.store, LOCAL, dataset.id, object=made, columns=version.columns, rows=1, origin="x"
    )
    screen.open(PAGE)
    typed(screen, 'SELECT (SELECT count(*) FROM sales) AS new, (SELECT count(*) FROM "sales@1") AS old')
    assert shown(screen) == {"new": ["1"], "old": ["3"]}


def test_what_is_wrong_is_said_with_its_place(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE)
    query = typed(screen, "SELECT city,\n  getenv('HOME') FROM sales")
    assert query.state == "failed"
    assert "The function getenv" in screen.texts().replace("\\", "")
    assert "Line 2, column 3" in screen.texts()
    assert "^^^^^^" in screen.app.code[0].value
    assert [one.state for one in screen.store.list(Statement, LOCAL)] == ["failed"]


def test_hostile_text_is_shown_as_it_is(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE)
    typed(screen, f'SELECT 1 FROM "{HOSTILE}"')
    screen.app.segmented_control(key="sql.view").set_value("history").run()
    assert not screen.app.exception
    said = screen.texts() + "".join(button.label for button in screen.app.button)
    assert "![x](" not in said
    assert "<img" not in said.replace("\\<", "")


def test_a_result_is_kept_as_a_table_that_remembers_its_statement(screen: Screen) -> None:
    _, version = screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    text = "SELECT city, sum(amount) AS total FROM sales GROUP BY city ORDER BY city"
    typed(screen, text)
    app.text_input[0].set_value("totals").run()
    app.button(key="sql.keep.pages/data/profile.py").click().run()
    (job,) = screen.work()
    assert (job.task, job.state) == ("keep_statement", "done")
    app.run()
    app.run()
    assert not app.exception
    assert "Kept as a table of 2 rows" in screen.texts()
    kept = next(one for one in screen.store.list(Dataset, LOCAL) if one.name == "totals")
    made = tables.latest(screen.store, kept.id, LOCAL)
    assert made.source == {"kind": "statement", "statement": text, "tables": {"sales": version.id}}
    assert [(c.name, c.type) for c in made.columns] == [("city", "text"), ("total", "integer")]
    typed(screen, "SELECT * FROM totals")
    assert shown(screen) == {"city": ["Oslo", "Rome"], "total": ["2", "4"]}


@pytest.mark.parametrize("way", ["pages/data/clean.py", "pages/explore/charts.py"])
def test_a_result_is_the_start_of_a_recipe_or_a_chart(screen: Screen, way: str) -> None:
    screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    typed(screen, "SELECT city, sum(amount) AS total FROM sales GROUP BY city")
    app.button(key=f"sql.keep.{way}").click().run()
    screen.work()
    app.run()
    assert not app.exception
    kept = next(one for one in screen.store.list(Dataset, LOCAL) if one.name == "From sales")
    assert app.query_params["dataset"] in (kept.id, [kept.id])
    assert app.title[0].value == {"clean": "Clean", "charts": "Charts"}[way.split("/")[-1][:-3]]


def test_a_statement_is_saved_under_a_name_and_taken_back(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    typed(screen, "SELECT 42 AS answer")
    app.segmented_control(key="sql.view").set_value("saved").run()
    app.text_input(key="sql.save.name").set_value("the answer").run()
    app.button(key="sql.save.now").click().run()
    (kept,) = screen.store.list(SavedQuery, LOCAL)
    assert (kept.name, kept.text) == ("the answer", "SELECT 42 AS answer")
    typed(screen, "SELECT 1")
    app.button(key=f"sql.saved.{kept.id}").click().run()
    assert app.session_state["sql.text"] == "SELECT 42 AS answer"
    app.segmented_control(key="sql.view").set_value("history").run()
    first = screen.store.list(Statement, LOCAL)[-1]
    app.button(key=f"sql.ran.{first.id}").click().run()
    assert app.session_state["sql.text"] == first.text
    app.button(key="sql.clear").click().run()
    assert screen.store.list(Statement, LOCAL) == []
    app.segmented_control(key="sql.view").set_value("saved").run()
    app.button(key=f"sql.forget.{kept.id}").click().run()
    assert screen.store.list(SavedQuery, LOCAL) == []


def test_a_new_statement_takes_the_place_of_the_one_that_runs(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    app.session_state["sql.text"] = "SELECT count(*) FROM range(1000000000000)"
    app.button(key="sql.run").click().run()
    endless = services.queries().get(app.session_state["sql.query"], LOCAL)
    assert endless.state == "running"
    assert "Running for" in screen.texts()
    assert typed(screen, "SELECT 1").state == "done"
    assert endless.state == "cancelled"


def test_names_are_put_into_the_statement(screen: Screen) -> None:
    dataset, _ = screen.add_table("my sales", pa.table(SALES))
    app = screen.open(PAGE)
    key = f"sql.table.{dataset.id}"
    app.session_state[key] = True
    app.run()
    app.button(key=f"{key}.name").click().run()
    editor = app.get("bidi_component")[0]
    assert json.loads(editor.proto.json)["insert"] == {"n": 1, "text": '"my sales"'}


def test_the_editor_is_told_names_and_the_place_of_an_error(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE)
    typed(screen, "SELECT '😀',\n nope FROM sales")
    told = json.loads(screen.app.get("bidi_component")[0].proto.json)
    assert [column["name"] for column in told["tables"][0]["columns"]] == list(SALES)
    assert told["tables"][0]["columns"][0]["written"] == "city"
    assert (told["wrong"]["start"], told["wrong"]["end"]) == (14, 18)  # as browsers count letters
    assert "getenv" not in told["functions"]
    assert "median" in told["functions"]


def test_another_owner_sees_nothing_of_it(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE)
    query = typed(screen, "SELECT 1")
    from core.errors import NotFound

    with pytest.raises(NotFound):
        services.queries().get(query.id, "somebody else")
    other = services.queries().start("somebody else", "SELECT * FROM sales")
    while other.state == "running":
        time.sleep(0.02)
    assert "There is no table" in str(other.error)
    assert screen.store.list(Version, "somebody else") == []


TOTALS = "SELECT city, sum(amount) AS total FROM sales GROUP BY city ORDER BY city"


def kept_as_totals(screen: Screen) -> tuple[Dataset, Dataset]:
    """The page after a statement's result was kept; the table it reads and the one it made."""
    sales, _ = screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    typed(screen, TOTALS)
    app.text_input[0].set_value("totals").run()
    app.button(key="sql.keep.pages/data/profile.py").click().run()
    screen.work()
    app.run()
    app.run()
    return sales, next(one for one in screen.store.list(Dataset, LOCAL) if one.name == "totals")


def more_sales(screen: Screen, sales: Dataset) -> None:
    rows = pa.table({"city": ["Bonn"], "amount": [9], HOSTILE: [0.5]})
    before = tables.latest(screen.store, sales.id, LOCAL)
    with screen.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    tables.add_version(screen.store, LOCAL, sales.id, object=made, columns=before.columns, rows=1, origin="x")


def test_a_kept_statement_is_run_again_as_the_next_version(screen: Screen) -> None:
    sales, totals = kept_as_totals(screen)
    more_sales(screen, sales)
    app = screen.app
    assert "Tables that statements made" in screen.texts()
    app.button(key=f"refresh.{totals.id}.now").click().run()
    (job,) = screen.work()
    assert (job.task, job.state) == ("refresh_statement", "done")
    app.run()
    assert not app.exception
    assert "1 row added; 2 rows removed" in screen.texts()
    assert tables.latest(screen.store, totals.id, LOCAL).number == 2
    app.button(key=f"sql.remade.{totals.id}").click().run()
    assert app.session_state["sql.text"] == TOTALS


def test_a_changed_statement_is_kept_as_the_next_version(screen: Screen) -> None:
    _, totals = kept_as_totals(screen)
    app = screen.app
    query = typed(screen, TOTALS.replace("total FROM", "total, count(*) AS n FROM"))
    app.selectbox(key=f"sql.keep.as.{query.id}").set_value(totals.id).run()
    app.button(key="sql.keep.next").click().run()
    screen.work()
    app.run()
    app.run()
    assert not app.exception
    assert "Kept as version 2, with 2 rows." in screen.texts()
    assert "new columns: n" in screen.texts()
    again = typed(screen, TOTALS.replace("total FROM", "total, count(*) AS n FROM"))
    assert app.selectbox(key=f"sql.keep.as.{again.id}").value == totals.id  # it is the dataset's own now
    app.button(key="sql.keep.next").click().run()
    screen.work()
    app.run()
    assert "Nothing had changed: version 2 stays the newest." in screen.texts()


def test_the_history_of_such_a_table_runs_it_again_and_draws_it(screen: Screen) -> None:
    sales, totals = kept_as_totals(screen)
    more_sales(screen, sales)
    app = screen.open("pages/data/history.py", dataset=totals.id)
    app.button(key=f"refresh.{totals.id}.now").click().run()
    screen.work()
    app.query_params["version"] = tables.latest(screen.store, totals.id, LOCAL).id
    app.run()
    assert not app.exception
    assert "made by its statement, run again" in screen.texts()
    assert "SQL query, run again" in "".join(one.value for one in app.markdown)


def test_a_result_is_drawn_before_it_is_kept(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    query = typed(screen, TOTALS.replace("AS total", f'AS "{HOSTILE}"'))
    app.segmented_control(key="sql.as").set_value("chart").run()
    assert not app.exception
    assert "Drawn from all 2 rows of the result." in screen.texts()
    assert app.selectbox(key=f"sql.chart.{query.id}.0.kind").value == "bar"
    (figure,) = app.get("plotly_chart")
    assert "Rome" in figure.proto.spec
    said = screen.texts() + "".join(button.label for button in app.button)
    assert "![x](" not in said
    app.button(key="sql.suggestion.1").click().run()
    assert not app.exception
    assert screen.store.list(Version, LOCAL)[0].number == 1  # nothing was kept
    drawn = json.loads(app.session_state["sql.chart"])
    app.button(key="sql.keep.pages/explore/charts.py").click().run()
    screen.work()
    app.run()
    assert not app.exception
    assert app.title[0].value == "Charts"
    assert drawn["kind"] in str(app.query_params["chart"])  # the same chart, of all rows


def test_a_chart_of_a_part_says_so(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    app = screen.open(PAGE)
    typed(screen, "SELECT range AS n FROM range(20000)")
    app.segmented_control(key="sql.as").set_value("chart").run()
    assert not app.exception
    assert "Drawn from the first 10,000 rows alone" in screen.texts()
    typed(screen, "SELECT city FROM sales")  # the chart does not fit: another one is shown
    assert not app.exception
    assert "Drawn from all 3 rows" in screen.texts()
    typed(screen, "SELECT city FROM sales WHERE false")
    assert not app.exception
    assert not app.get("plotly_chart")


def test_what_is_wrong_is_said_in_chinese(screen: Screen) -> None:
    screen.add_table("sales", pa.table(SALES))
    screen.open(PAGE, lang="zh_CN")
    typed(screen, "SELECT ctiy FROM sales")
    assert "没有名为 'ctiy' 的列" in screen.texts()
    assert "您是指这些之一吗：city" in screen.texts()
    assert "引擎的原话：Referenced column" in screen.texts()
    typed(screen, "SELECT city FORM sales")
    assert "'FORM' 处是否想写 FROM" in screen.texts()
