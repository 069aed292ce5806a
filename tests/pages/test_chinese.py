"""Every page read in Chinese, in each of its states: no word of ours is left in English.

The data have no Latin letters in them, so whatever is written with such letters was said by a page,
but for the names that are the same in every language.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from google.protobuf.json_format import MessageToDict

import core.charts
import core.steps  # noqa: F401, registers the members
from core import connections, examples, rules, tongue
from core.contracts import Chart, Model, Source, Step
from core.params import Field, Frozen, fields
from core.rules import Rule
from core.sources.database import Database
from core.store import LOCAL, Dataset, Draft, Job, Run, Upload, Version, tables
from core.store.records import Dashboard
from core.wording import Note
from tests.pages.conftest import Screen
from tests.pages.trained import clean, do, fit
from tests.ui.strings import has_words
from ui import services, text

PAGES = (
    "pages/data/add.py",
    "pages/data/databases.py",
    "pages/data/profile.py",
    "pages/data/quality.py",
    "pages/data/clean.py",
    "pages/data/combine.py",
    "pages/data/sql.py",
    "pages/data/history.py",
    "pages/explore/charts.py",
    "pages/explore/dashboard.py",
    "pages/explore/findings.py",
    "pages/model/train.py",
    "pages/model/runs.py",
    "pages/model/evaluate.py",
    "pages/model/predict.py",
)
# names that Chinese text keeps: of formats, of methods and measures, of this product and its settings
KEPT = {
    "sightline", "csv", "tsv", "txt", "json", "lines", "jsonl", "parquet", "arrow", "feather", "excel",
    "avro", "orc", "markdown",
    "opendocument", "gzip", "zip", "sql", "pandas", "python", "rmse", "mae", "roc", "auc", "png", "svg",
    "html", "utc", "relu", "tanh", "sigmoid", "adam", "adamw", "rmsprop", "sgd", "cpu", "cuda", "mit", "cc",
    "utf", "le", "be", "gb", "shift", "jis", "big", "iso", "windows", "latin", "numpy", "torch", "core",
    "safetensors", "iqr", "english", "newton", "id", "qr", "hkscs", "euc", "jp", "kr", "ibm", "koi",
    "macintosh", "na", "nan", "null", "sha", "pearson", "spearman", "kendall", "jaro", "winkler",
    "levenshtein", "aic", "bic", "vif",
    # what is typed, or read, as it is written
    "tab", "spaces", "none", "and", "or", "not", "if", "january", "monday", "kg", "column", "age", "bin",
    "price", "mean", "cheap", "dear", "true", "false", "yes", "no", "on", "off", "model", "jb", "test",
    "place", "city", "oslo", "prediction", "am", "pm", "dec", "oz", "silo", "can", "ann", "make", "run",
    "recipe", "py", "caf", "scott", "silverman", "mase", "ets", "aicc", "stl", "cliff",
    # databases, and how they are reached
    "postgresql", "mysql", "mariadb", "sqlite", "duckdb", "tls", "pem", "begin", "certificate", "db", "sales",
    "com", "example", "select", "from", "where", "sqlalchemy", "mssql", "pymssql", "dialects", "folders",
    # measures of drift and where they come from
    "benjamini", "hochberg",
    "ctrl", "enter", "kb", "mb", "psi", "siddiqi", "yurdakul", "credit", "risk", "scorecards",
}  # fmt: skip
MADE = """total high rows north south east west hour is weekend month quarter week weekday year start"""


def _typed(rows: tuple[Field, ...], values: Frozen) -> Iterator[str]:
    """What an example of a member says in words of its own: names, values, patterns, but no choices."""
    for row in rows:
        value = getattr(values, row.name)
        for one in value if isinstance(value, tuple) else (value,):
            if row.row is not None and isinstance(one, Frozen):
                yield from _typed(fields(row.row), one)
            elif isinstance(one, str) and not row.choices:
                yield one


# the columns of the table that steps and charts have examples for, their values, and columns made of them
NAMES = frozenset(
    re.findall(
        "[a-z]+",
        " ".join(
            [
                *(column.name for column in examples.COLUMNS),
                *(
                    text
                    for step in Step.members.values()
                    for text in _typed(step.parameters(), step.example())
                ),
                MADE,
            ]
        ).lower(),
    )
)
SAID = {
    "body", "label", "help", "options", "placeholder", "text", "title", "value", "caption", "default",
    "emptyMessage", "labels", "message", "delta", "content", "formattedOptions",
}  # fmt: skip
DRAWN = {"text", "name", "title", "hovertemplate", "ticktext", "description"}


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    # widgets are also formatted outside of a run, where no address says the language
    monkeypatch.setattr(text, "language", lambda: "zh_CN")


@pytest.fixture
def version(screen: Screen) -> Version:
    """Flats in Chinese, with what a profile finds fault with."""
    chance = np.random.default_rng(3)
    area = chance.uniform(20, 120, 240).round(1)
    south = chance.random(240) < 0.4
    rent = 100 + 12 * area + 150 * south + chance.normal(0, 40, 240)
    rows = pa.table(
        {
            "编号": [f"号{i}" for i in range(240)],
            "面积": pa.array(area, mask=np.arange(240) % 17 == 3),
            "朝向": np.where(south, "南", np.where(area > 100, "北 ", "北")),
            "租金": rent,
            "贵": np.where(rent > 1000, "是", "否"),
            "日期": [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(240)],
            "常数": ["一"] * 240,
            "远": np.where(np.arange(240) == 5, 1e6, area),
        }
    )
    return screen.add_table("房子", rows)[1]


def english(screen: Screen, names: frozenset[str] = frozenset()) -> set[str]:
    """What the page shows with Latin letters that are not among the names kept, or of the data."""
    assert not screen.app.exception
    found = set()
    for shown in _shown(screen.app):
        if shown in _examples():
            continue
        plain = re.sub(
            r"\{\"\S* .*\}|:material/\w+:|:[\w-]+\[|\\|https?://\S+|`[^`]*`|<[^>]+>|%\{[^}]*\}|\b[a-z]{2}_\w{8,}",
            " ",
            shown,
        )
        words = re.findall(r"[A-Za-z]{2,}", plain)
        if any(word.lower() not in KEPT | names for word in words):
            found.add(shown)
    return found


@cache
def _examples() -> set[str]:
    """What parameters show as an example of a value, and names of columns in the steps' own examples."""
    families = (Source, Step, Chart, Model, Rule)
    members = [member for family in families for member in family.members.values()]
    return {field.example for member in members for field in member.parameters() if field.example}


def _shown(app: Any) -> Iterator[str]:
    for block in (app.main, app.sidebar):
        for node in block:
            yield from _node(node)


def _node(node: Any) -> Iterator[str]:
    kind = getattr(node, "type", "")
    if kind in ("code", "html", "iframe"):
        return
    if "frame" in kind or kind in ("table", "arrow_table"):
        if node.value is None:
            return
        titles = json.loads(node.proto.columns or "{}")
        yield from (str((titles.get(name) or {}).get("label") or name) for name in node.value.columns)
        for name in node.value.columns:
            yield from {value for value in node.value[name].tolist() if isinstance(value, str)}
        return
    proto = getattr(node, "proto", None)
    if proto is None:
        return
    written = MessageToDict(proto)
    if ("spec" in written and isinstance(written["spec"], str)) or "figure" in written:
        spec = written.get("spec") or written["figure"]["spec"]
        yield from _drawn(json.loads(spec), DRAWN)
        return
    yield from _drawn(written, SAID)


def _drawn(value: Any, names: set[str], said: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in ("id", "formId", "key"):
                yield from _drawn(item, names, name in names and not str(item).isupper())
    elif isinstance(value, list):
        for item in value:
            yield from _drawn(item, names, said)
    elif isinstance(value, str) and said:
        yield value


def test_pages_without_data(screen: Screen) -> None:
    left = set()
    for page in PAGES:
        screen.open(page, lang="zh_CN")
        left |= english(screen)
    for way in ("sample", "made"):
        screen.open("pages/data/add.py", lang="zh_CN", **{"from": way})
        left |= english(screen)
    assert not left, "\n".join(sorted(left))


UGLY = (
    "报表\n\n编号;名称;;名称;金额;日期;空\n"
    + "".join(f"00{i};号{i};{i};二{i};1.234,{i:02};0{i % 9 + 1}/0{i % 9 + 1}/2024;N/A\n" for i in range(40))
    + "3;五\n\n4;六;七;八;九;十;十一;十二\n"
).encode()


def test_a_file_that_is_hard_to_read(screen: Screen) -> None:
    screen.open(lang="zh_CN")
    screen.app.file_uploader(key="add.files").upload("表.csv", UGLY, "text/csv").run()
    screen.work()
    screen.app.run()
    left = english(screen)
    assert "前导零" in screen.texts()
    (kept,) = screen.store.list(Upload, LOCAL)
    screen.app.button(key=f"add.part.{kept.id}-0.read").click().run()
    screen.work()
    screen.app.run()
    left |= english(screen)
    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("name", ["图.csv", "坏.zip", "空.csv", "坏.xlsx", "坏.json", "坏.parquet"])
def test_a_file_that_cannot_be_read(screen: Screen, name: str) -> None:
    data = {
        "图.csv": b"\x89PNG\r\n\x1a\n" + bytes(200), "坏.zip": b"PK\x03\x04" + b"1" * 50, "空.csv": b"\n\n",
        "坏.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "坏.json": b'[{"a": 1}, {"a": ',
        "坏.parquet": b"PAR1" + bytes(30),
    }[name]  # fmt: skip
    screen.open(lang="zh_CN")
    screen.app.file_uploader(key="add.files").upload(name, data).run()
    screen.work()
    screen.app.run()
    left = english(screen)
    assert not left, "\n".join(sorted(left))


def test_pages_with_a_table(screen: Screen, version: Version) -> None:
    left = set()
    do(screen, "profile", version=version.id)
    for page in PAGES:
        screen.open(page, lang="zh_CN")
        screen.work()
        screen.app.run()
        left |= english(screen)
    assert not left, "\n".join(sorted(left))


def test_a_recipe_of_every_step(screen: Screen) -> None:
    _, version = screen.add_table("例")  # the table that the steps' own examples are for
    left = set()
    screen.open("pages/data/clean.py", lang="zh_CN", dataset=version.dataset, version=version.id)
    for kind in Step.members:
        screen.app.selectbox(key="clean.kind").set_value(kind).run()
        left |= english(screen, NAMES)
    told = [member.example() for member in Step.members.values()]
    rows = [step for step in told if step.kind() in ("bin_numbers", "date_parts", "derived_column")]
    for some in ([step for step in told if step.keeps_rows and step.kind() not in SHAPING], told[-8:], rows):
        steps = [{"step": step.to_json(), "active": True, "learned": None} for step in some]
        for draft in screen.store.list(Draft, LOCAL, version=version.id):
            screen.store.delete(Draft, draft.id, LOCAL)
        screen.store.add(Draft(owner=LOCAL, version=version.id, steps=steps))
        screen.open("pages/data/clean.py", lang="zh_CN", dataset=version.dataset, version=version.id)
        left |= english(screen, NAMES)
    assert not left, "\n".join(sorted(left))


SHAPING = ("keep_columns", "drop_columns", "rename_columns")


@pytest.mark.parametrize("step", sorted(Step.members))
def test_a_step_describes_itself(step: str) -> None:
    member = Step.members[step].example()
    known = tongue._locale("zh_CN")
    for note in _parts(member.describe()):
        assert not has_words(note.template) or note.template in known, note.template


def _parts(note: Note) -> Iterator[Note]:
    yield note
    for value in note.values.values():
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, Note):
                yield from _parts(one)


def test_every_kind_of_rule(screen: Screen) -> None:
    dataset, version = screen.add_table("例")  # the table that the rules' own examples are for
    _, other = screen.add_table("区", pa.table({"name": ["North", "South"]}))
    address = {"lang": "zh_CN", "dataset": dataset.id}
    screen.open("pages/data/quality.py", **address)
    left = english(screen, NAMES | {"make", "run", "gt"})
    for kind, member in Rule.members.items():
        screen.app.selectbox(key="quality.kind").set_value(kind).run()
        left |= english(screen, NAMES | {"make", "run", "gt"})
        rule = member.example().to_json()
        if kind == "in_other_table":
            rule["table"] = other.id
        rules.put(screen.store, LOCAL, dataset.id, Rule.from_json(rule))
    for new in (version, clean(screen, version, {"kind": "drop_columns", "columns": ["price", "day"]})):
        do(screen, "check_rules", version=new.id, others=rules.references(screen.store, LOCAL, dataset.id))
    for entry in rules.rules_of(screen.store, LOCAL, dataset.id).rules:
        screen.open("pages/data/quality.py", version=new.id, **address)
        screen.app.button(key=f"quality.{entry['id']}.show").click().run()
        left |= english(screen, NAMES | {"make", "run", "gt"})
    assert not left, "\n".join(sorted(left))


def test_steps_used_again_on_another_table(screen: Screen, version: Version) -> None:
    steps = [
        {"step": step, "active": True, "learned": None}
        for step in (
            {"kind": "fill_missing", "columns": ["面积"], "method": "median"},
            {"kind": "trim_text", "columns": ["朝向"]},
            {"kind": "group_rare", "columns": ["日期"], "least": 2, "name": "其他"},
        )
    ]
    screen.store.add(Draft(owner=LOCAL, version=version.id, steps=steps))
    rows = pa.table({"面积": [1.0, None], "方向": ["南", "北"], "日期": ["一", "二"], "租金": ["三", "四"]})
    _, other = screen.add_table("新", rows)
    screen.open("pages/data/clean.py", lang="zh_CN", dataset=version.dataset, version=version.id)
    left = english(screen)
    screen.app.button(key="clean.copy").click().run()
    screen.app.button(key="clean.template.save").click().run()
    left |= english(screen)
    screen.open("pages/data/clean.py", lang="zh_CN", dataset=other.dataset, version=other.id)
    left |= english(screen)
    screen.app.button(key="clean.paste").click().run()
    left |= english(screen)
    screen.app.radio(key="clean.taken.constants").set_value("keep").run()
    screen.app.button(key="clean.taken.add").click().run()
    left |= english(screen)
    assert not left, "\n".join(sorted(left))


def test_two_versions_compared(screen: Screen, version: Version) -> None:
    steps: list[dict[str, Any]] = [
        {"kind": "trim_text", "columns": ["朝向"]},
        {"kind": "drop_missing", "columns": ["面积"]},
        {"kind": "drop_columns", "columns": ["常数"]},
    ]
    new = clean(screen, version, *steps)
    left = set()
    for key in (None, [], ["朝向"]):
        do(screen, "compare_versions", before=version.id, version=new.id, key=key)
        screen.open("pages/data/history.py", lang="zh_CN", dataset=new.dataset, version=new.id)
        screen.app.selectbox(key="history.way").set_value(
            "proposed" if key is None else "columns" if key else "whole"
        ).run()
        if key:
            screen.app.multiselect(key="history.key").set_value(key).run()
        left |= english(screen)
    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_a_chart(screen: Screen, kind: str) -> None:
    _, version = screen.add_table("例")
    do(screen, "profile", version=version.id)
    chart = Chart.members[kind].example()
    address = json.dumps(chart.to_json())
    screen.open("pages/explore/charts.py", lang="zh_CN", dataset=version.dataset, chart=address)
    # its rows as a table are those of its CSV, whose columns have their names in any language
    rows = chart.data(tables.table(screen.store, version), services.engine())
    words = " ".join([*rows.column_names, *_texts(rows)])
    left = english(screen, NAMES | frozenset(re.findall("[a-z]+", words.lower())))
    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("way", ["filter", "highlight"])
def test_a_dashboard(screen: Screen, version: Version, way: str) -> None:
    tiles = [
        {"kind": "chart", "id": "a", "chart": {"kind": "bar", "x": "朝向"}},
        {"kind": "chart", "id": "b", "chart": {"kind": "heat_map", "x": "朝向", "y": "远"}},
        {"kind": "number", "id": "c", "aggregation": "mean", "column": "租金"},
        {"kind": "table", "id": "d"},
        {"kind": "text", "id": "e"},
        {"kind": "chart", "id": "f", "chart": {"kind": "bar", "x": "没有"}},
    ]
    board = Dashboard(
        owner=LOCAL, dataset=version.dataset, version=version.id, name="例", tiles=tiles, answer=way
    )
    screen.store.add(board)
    condition = {"parts": [{"column": "租金", "low": 0, "high": 99999}]}
    now = {"filters": [{"selections": [{"marks": [condition]}]}], "picks": {"a": {"marks": [condition]}}}
    app = screen.open("pages/explore/dashboard.py", lang="zh_CN", dashboard=board.id, state=json.dumps(now))
    app.toggle(key="dash.edit").set_value(True).run()
    assert not app.exception
    left = english(screen, NAMES)
    app.button(key="dash.see").click().run()
    left |= english(screen, NAMES | {"make", "run"})
    assert not left, "\n".join(sorted(left))


def _texts(rows: pa.Table) -> list[str]:
    """The words of a chart's rows that name kinds of things: a box, a cell, a slice."""
    marked = {name.removesuffix("_is") for name in rows.column_names if name.endswith("_is")}
    texts = [field.name for field in rows.schema if field.type == pa.string()]
    own = [name for name in texts if name.removesuffix("_is") not in marked]
    return [str(cell) for name in own for cell in rows.column(name).to_pylist()]


FITS = {
    "linear": {"target": "租金", "features": ("面积", "朝向", "远")},
    "diverging": {
        "target": "租金", "features": ("面积", "朝向"),
        "model": {"kind": "linear_regression", "solver": "descent", "epochs": 30, "learning_rate": 10.0},
    },
    "separated": {"target": "贵", "features": ("租金", "常数"), "model": "logistic_regression"},
    "neural": {
        "target": "朝向", "features": ("面积", "租金"),
        "model": {"kind": "neural_network", "epochs": 3, "hidden": "4"},
        "split": {"kind": "time", "column": "日期"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_a_model(screen: Screen, version: Version, name: str) -> None:
    version = clean(screen, version, {"kind": "trim_text", "columns": ["朝向"]})
    version = clean(screen, version, {"kind": "change_type", "columns": ["日期"], "to": "date"})
    run = fit(screen, version, **FITS[name])
    left = set()
    for page in ("train", "runs", "evaluate", "predict"):
        address = {"dataset": version.dataset, "version": version.id, "run": run.id}
        screen.open(f"pages/model/{page}.py", lang="zh_CN", **address)
        left |= english(screen)
    for way in ("row", "file", "stored"):
        screen.open("pages/model/predict.py", lang="zh_CN", run=run.id, **{"from": way})
        left |= english(screen)
    assert not left, "\n".join(sorted(left))


def test_predictions_and_what_was_mended_on_the_way(screen: Screen, version: Version) -> None:
    run = fit(screen, version, **FITS["linear"])
    rows = pa.table({"面积": [50.0, None, float("inf")], "朝向": ["北", "南", "西"], "远": ["一", "二", "3"]})
    _, new = screen.add_table("新", rows)
    left = set()
    screen.open("pages/model/predict.py", lang="zh_CN", run=run.id, rows=new.id, **{"from": "stored"})
    left |= english(screen)
    screen.app.button(key="predict.go").click().run()
    screen.work()
    screen.app.run()
    left |= english(screen)
    assert not left, "\n".join(sorted(left))


def test_a_fit_that_cannot_be(screen: Screen, version: Version) -> None:
    run = screen.store.add(
        Run(owner=LOCAL, version=version.id, spec={"target": "常数", "model": {"kind": "linear_regression"}})
    )
    job = Job(owner=LOCAL, task="fit", params={"run": run.id}, title="Fit 常数", subject=run.id)
    screen.store.add(job)
    screen.work()
    screen.open("pages/model/train.py", lang="zh_CN", run=run.id)
    left = english(screen)
    screen.open("pages/model/runs.py", lang="zh_CN")
    left |= english(screen)
    assert not left, "\n".join(sorted(left))


def test_a_database_read_and_refreshed(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(tmp_path))
    with sqlite3.connect(tmp_path / "店.db") as link:
        link.execute("CREATE TABLE 订单 (编号 INTEGER PRIMARY KEY NOT NULL, 价 REAL)")
        link.execute("INSERT INTO 订单 VALUES (1, 2.5)")
    link.close()
    database = Database.from_json({"kind": "sqlite_file", "place": "店.db"})
    kept = connections.keep(screen.store, LOCAL, "店", database)
    at = f"databases.{kept.id}"
    app = screen.open("pages/data/databases.py", lang="zh_CN")
    screen.work()
    app.run()
    app.multiselect(key=f"{at}.chosen").set_value(["订单"]).run()
    screen.work()
    app.run()
    left = english(screen)
    app.button(key=f"{at}.read").click().run()
    screen.work()
    app.run()
    (dataset,) = screen.store.list(Dataset, LOCAL)
    with sqlite3.connect(tmp_path / "店.db") as link:
        link.execute("INSERT INTO 订单 VALUES (2, 2.5)")
    link.close()
    app.button(key=f"refresh.{dataset.id}.now").click().run()
    screen.work()
    app.run()
    app.button(key=f"refresh.{dataset.id}.when.keep").click().run()
    left |= english(screen)
    with sqlite3.connect(tmp_path / "店.db") as link:
        link.execute("DROP TABLE 订单")
    link.close()
    app.button(key=f"refresh.{dataset.id}.now").click().run()
    screen.work()
    app.run()
    app.button(key="databases.edit").click().run()
    left |= english(screen)
    left -= zoneinfo.available_timezones() | {str(tmp_path / "店.db")}
    left = {text for text in left if "编号 :gray[integer" not in text}  # types as the database calls them
    assert not left, "\n".join(sorted(left))
