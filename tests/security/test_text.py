"""Names of columns and values of cells are somebody else's text: in code, in SQL, in pictures, in files."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import core.charts
import core.steps  # noqa: F401  (registers the members)
from core import examples, sql
from core.charts.drawing import blank, shown
from core.contracts import Chart, Column, Step, Table
from core.engine.duckdb import DuckEngine
from core.errors import SightlineError
from core.export.bundle import loading_code
from core.export.tables import csv_chunks
from core.recipe import Recipe, RecipeStep
from core.steps.formula import compiled
from core.wording import note
from tests.steps.tables import put

EVIL = [
    '"]; __import__("os").system("id"); df["',
    "'); import os; os.system('id') #",
    "\"\"\"\nimport os\n'''\n",
    "{x}{0}{b.raw}{__import__('os')}",
    'a"; DROP TABLE t; --',
    "\\",
    "a\r\nimport os\u2028import os\x85import os",
    "</script><script>alert(1)</script>",
]
STEPS = sorted(Step.members)


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    return DuckEngine(threads=1)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A step's JSON with its columns called otherwise, wherever they are named."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return {key: renamed(item, names) for key, item in value.items()} if isinstance(value, dict) else value


class Shape(ast.NodeTransformer):
    """A program without the values of its texts: what it does, whatever the columns are called."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("text") if isinstance(node.value, str) else node


def shape(code: str) -> str:
    return ast.dump(Shape().visit(ast.parse(code)))


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("kind", STEPS)
def test_exported_python_does_the_same_whatever_the_columns_are_called(
    kind: str, evil: str, engine: DuckEngine, tmp_path: Path
) -> None:
    document = Step.members[kind].example().to_json()
    names = {c.name: f"{evil}{i}" for i, c in enumerate(examples.COLUMNS)}
    harmless = {c.name: f"z{i}" for i, c in enumerate(examples.COLUMNS)}
    shapes = []
    for given in (names, harmless):
        step_json = renamed({k: v for k, v in document.items() if k != "kind"}, given) | {"kind": kind}
        if "formula" in step_json:
            step_json["formula"] = "[" + given["price"].replace("]", "]]") + "] * 2"
        rows = examples.table().rename_columns([given[c.name] for c in examples.COLUMNS])
        table = put(tmp_path, rows)
        try:
            recipe = Recipe(steps=(RecipeStep(step=Step.from_json(step_json)),)).learn(table, engine)
        except SightlineError:
            assert given is names  # a formula may refuse a line end inside a name
            pytest.skip("this name cannot be written in this step")
        shapes.append(shape(recipe.pandas(table, engine)))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("evil", EVIL)
def test_the_code_that_loads_a_model_holds_names_as_texts(evil: str) -> None:
    assert shape(loading_code(evil, {evil: evil})) == shape(loading_code("m", {"a": "b"}))


@pytest.mark.parametrize(
    "formula",
    [
        "read_text('/etc/passwd')", "getenv('HOME')", "(SELECT 1)", "price; DROP TABLE t", "price.__class__",
        "__import__('os')", "current_setting('temp_directory')", "repeat('x', 2000000000)", "query('x')",
        "price -- x\n", "price /* x */", "glob('/*')", "read_csv('x')", "nextval('s')", "[price] FROM t",
        "lambda: 1", "pg_sleep(9)", "sniff_csv('x')", "price::VARCHAR", "@price", "`price`", "${price}",
    ],
)  # fmt: skip
def test_a_formula_calls_what_is_on_the_list_and_nothing_else(formula: str) -> None:
    with pytest.raises(SightlineError):
        compiled(formula, examples.COLUMNS)


def test_no_query_of_the_server_leaves_the_store(tmp_path: Path) -> None:
    import duckdb

    store, outside = tmp_path / "store", tmp_path / "outside.csv"
    store.mkdir()
    outside.write_text("a\n1\n")
    put(store, examples.table())
    inside = next(store.glob("*.parquet"))
    engine = DuckEngine(threads=1, within=store, memory="200MB", scratch=store / "spill")
    assert engine.rows(sql.parquet(inside, ["id"])).num_rows == 12
    for text in (f"SELECT * FROM '{outside}'", "SELECT * FROM read_text('/etc/passwd')"):
        with pytest.raises(duckdb.PermissionException):
            engine.rows(sql.sqlglot.parse_one(text, read="duckdb"))
    with pytest.raises(duckdb.PermissionException):
        engine.write(sql.parquet(inside, ["id"]), tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_a_spreadsheet_runs_nothing_of_an_exported_table(engine: DuckEngine, tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "harmless"]
    table = put(tmp_path, pa.table({"=cmd|' /C calc'!A0": cells}))
    text = b"".join(csv_chunks(table, engine)).decode()
    fields = re.findall(r'"([^"]*)"', text)
    assert len(fields) == len(cells) + 1
    assert all(field[0] in "'h" for field in fields)


HTML = [
    '<a href="javascript:alert(1)">x</a>',
    '<a href="http://evil.example">x</a>',
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "%{x}<extra>evil</extra>",
    "$\\href{http://e}{x}$",
]


class Scripts(HTMLParser):
    """Counts the elements of a page, as a browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert tag not in ("img", "a"), attrs


@pytest.mark.parametrize("evil", HTML)
def test_plotly_shows_text_as_it_stands(evil: str) -> None:
    for mark in ("<", "%{", "$"):
        assert mark not in shown(evil)


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_a_chart_as_a_page_runs_none_of_its_texts(kind: str, engine: DuckEngine, tmp_path: Path) -> None:
    names = {c.name: f"{HTML[i % len(HTML)]}{i}" for i, c in enumerate(examples.COLUMNS)}
    cells = [HTML[i % len(HTML)] for i in range(12)]
    rows = examples.table()
    rows = rows.set_column(rows.schema.get_field_index("region"), "region", pa.array(cells))
    table = put(tmp_path, rows.rename_columns([names[c.name] for c in examples.COLUMNS]))
    document = Chart.members[kind].example().to_json()
    given = renamed({k: v for k, v in document.items() if k != "kind"}, names) | {"kind": kind}
    chart = Chart.from_json(given)
    figure = chart.figure(chart.data(table, engine))
    texts = "\n".join(_texts(json.loads(figure.to_json())))
    assert not re.search(r"<(a|img|script)\b", texts), texts[:500]
    assert "%{x}<extra>evil" not in texts
    assert elements(figure) == elements(blank(note("Nothing"), str))


def elements(figure: Any) -> list[str]:
    page = Scripts()
    page.feed(figure.to_html(include_plotlyjs=False, full_html=True))
    return page.seen


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in found for text in _texts(item)]


def test_a_table_whose_columns_are_sql_is_a_table(engine: DuckEngine, tmp_path: Path) -> None:
    evil = "x\" FROM read_text('/etc/passwd') --"
    table: Table = put(tmp_path, pa.table({evil: [1]}))
    assert engine.schema(table.query) == (Column(name=evil, type="integer"),)
    assert engine.rows(table.query).column(0).to_pylist() == [1]
