"""Whatever table a model is fitted on or given: a whole model, counted rows, or a message that says why."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.test_bad_input import call, document, placed


def fitted(tmp_path: Path, content: str, target: str = "y", model: str = "linear", *more: str) -> Result:
    file = placed(tmp_path, "train.csv", content)
    return call(
        "fit", file, "--target", target, "--model", model, "--out", tmp_path / "model", "--json", *more
    )


def near(i: int, x: float) -> float:
    """A target that follows x and does not follow it exactly."""
    return x + i % 4


def lines(count: int, row: Callable[[int, float], str], names: str) -> str:
    chance = random.Random(7)
    return f"{names}\n" + "".join(row(i, chance.gauss(0, 1)) + "\n" for i in range(count))


REFUSED_FITS: dict[str, tuple[str, str, str, str]] = {
    "no rows": ("a,y\n", "y", "linear", "at least two rows"),
    "one row": ("a,y\n1,2\n", "y", "linear", "at least two rows"),
    "two rows": ("a,y\n1,2\n3,4\n", "y", "linear", "at least 3 rows"),
    "a target that is not there": ("a,y\n1,2\n3,4\n", "z", "linear", "'z'"),
    "a constant target": (lines(30, lambda i, x: f"{x},5", "a,y"), "y", "linear", "same value"),
    "one class": (lines(30, lambda i, x: f"{x},k", "a,y"), "y", "logistic", "same value"),
    "a target of text": (lines(30, lambda i, x: f"{x},k{i % 2}", "a,y"), "y", "linear", "is text"),
    "a target of dates": (lines(30, lambda i, x: f"{x},{2000 + i}-01-02", "a,y"), "y", "linear", "date"),
    "no feature but the target": (lines(30, lambda i, x: f"{x}", "y"), "y", "linear", "no features"),
    "a feature all missing": (lines(30, lambda i, x: f",{x}", "a,y"), "y", "linear", "no features"),
    "10,000 classes": (
        lines(12_000, lambda i, x: f"{x},class {i % 10_000}", "a,y"), "y", "logistic", "too many classes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_FITS)
def test_a_fit_that_cannot_be_says_why(tmp_path: Path, case: str) -> None:
    content, target, model, message = REFUSED_FITS[case]
    result = fitted(tmp_path, content, target, model)
    assert result.exit_code == 1
    assert message in result.stderr


FITS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "two rows, all of them": ("a,y\n1,2\n3,4\n", "linear", ("--test-share", "0")),
    "a feature all missing": (lines(60, lambda i, x: f"{x},,{2 * x + i % 3}", "a,e,y"), "linear", ()),
    "missing targets": (lines(60, lambda i, x: f"{x},{near(i, x) if i % 5 else ''}", "a,y"), "linear", ()),
    "endless feature": (lines(60, lambda i, x: f"{x if i % 9 else 'inf'},{near(i, x)}", "a,y"), "linear", ()),
    "endless targets": (lines(60, lambda i, x: f"{x},{near(i, x) if i % 9 else 'inf'}", "a,y"), "linear", ()),
    "collinear": (lines(60, lambda i, x: f"{x},{2 * x},{x + 1},{near(i, x)}", "a,b,c,y"), "linear", ()),
    "more columns than rows": (
        lines(20, lambda i, x: ",".join(str((i * j * 7919) % 101) for j in range(1, 42)),
              ",".join([*(f"c{i}" for i in range(40)), "y"])), "linear", (),
    ),
    "separable classes": (
        lines(60, lambda i, x: f"{x},{'yes' if x > 0 else 'no'}", "a,y"), "logistic", ("--features", "a"),
    ),
    "classes true and false": (
        lines(60, lambda i, x: f"{x},{'true' if x + i % 3 > 1 else 'false'}", "a,y"), "logistic", (),
    ),
    "dates": (lines(60, lambda i, x: f"2024-{i % 12 + 1:02}-03,{x},{x + i}", "d,a,y"), "linear", ()),
    "10,000 kinds": (
        lines(11_000, lambda i, x: f"k{i % 10_000},{x},{i % 9}", "k,a,y"), "linear", ("--features", "k,a"),
    ),
    "a rate far too high": (
        lines(60, lambda i, x: f"{x},{near(i, x)}", "a,y"), "linear",
        ("--set", "solver=descent", "--set", "learning_rate=10"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FITS)
def test_a_fit_on_hard_tables_is_whole_and_says_what_it_did(tmp_path: Path, case: str) -> None:
    content, model, more = FITS[case]
    result = fitted(tmp_path, content, "y", model, *more)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    rows = found["rows"]
    assert sum(rows.values()) == content.count("\n") - 1
    assert found["metrics"]["rows"] in (rows["test"], rows["train"])
    if case in ("missing targets", "endless targets", "collinear", "separable classes"):
        assert found["facts"]["warnings"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """y = 2 a + (0, 1, 2 by k) on numbers, categories, dates and truth values."""
    folder = tmp_path_factory.mktemp("model")
    content = lines(
        80,
        lambda i, x: (
            f"{x},{'pqr'[i % 3]},2024-01-{i % 28 + 1:02},{'true' if i % 2 else 'false'},{2 * x + i % 3}"
        ),
        "a,k,d,b,y",
    )
    result = fitted(folder, content, "y", "linear", "--features", "a,k,d,b")
    assert result.exit_code == 0, result.stderr
    return folder / "model"


SCORED: dict[str, tuple[str, dict[str, dict[str, int]]]] = {
    "other order, more columns": ("z,b,d,k,a\n9,true,2024-01-01,p,1\n8,false,2024-01-02,q,2\n", {}),
    "new categories": ("a,k,d,b\n1,zzz,2024-01-01,true\n1,p,2024-01-01,false\n", {"unseen": {"k": 1}}),
    "wrong types": ("a,k,d,b\nx,p,y,true\n2,p,2024-01-02,true\n", {"unreadable": {"a": 1, "d": 1}}),
    "all missing": ("a,k,d,b\nNA,,,\n,NA,,\n", {"filled": {"a": 2, "d": 2}}),
    "infinite": ("a,k,d,b\ninf,p,2024-01-01,true\n2,p,2024-01-01,true\n", {"infinite": {"a": 1}}),
    "no rows": ("a,k,d,b\n", {}),
}


@pytest.mark.parametrize("case", SCORED)
def test_odd_rows_are_scored_and_counted(tmp_path: Path, model: Path, case: str) -> None:
    content, counted = SCORED[case]
    out = tmp_path / "scored.csv"
    report = document("score", model, placed(tmp_path, "new.csv", content), "--out", out)
    assert report["rows"] == content.count("\n") - 1
    for kind, columns in counted.items():
        assert columns.items() <= report[kind].items()
    with out.open(encoding="utf-8", newline="") as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == report["rows"]
    assert all(abs(float(row["prediction"])) < 100 for row in scored)


def test_rows_without_a_column_or_at_all_are_refused(tmp_path: Path, model: Path) -> None:
    for content, message in (("a,k\n1,p\n", "'d'"), ("", "is empty")):
        result = call("score", model, placed(tmp_path, "new.csv", content), "--out", tmp_path / "s.csv")
        assert result.exit_code == 1
        assert message in result.stderr


def test_a_damaged_model_is_said_to_be_one(tmp_path: Path, model: Path) -> None:
    card, weights = (
        (model / "model.json").read_text(encoding="utf-8"),
        (model / "weights.safetensors").read_bytes(),
    )
    new = placed(tmp_path, "new.csv", "a,k,d,b\n1,p,2024-01-01,true\n")
    known = json.loads(card)
    cards = [
        "{",
        "[]",
        "[" * 100_000,
        *(json.dumps({**known, key: 7}) for key in ("spec", "result", "encoding")),
    ]
    for text, tensors in [
        *((text, weights) for text in cards),
        (card, b"junk"),
        (card, weights[:-20]),
        (card, b""),
    ]:
        damaged = tmp_path / "damaged"
        damaged.mkdir(exist_ok=True)
        placed(damaged, "model.json", text)
        placed(damaged, "weights.safetensors", tensors)
        result = call("score", damaged, new, "--out", tmp_path / "s.csv")
        assert result.exit_code == 1
        assert "no whole model" in result.stderr


@pytest.mark.parametrize("recipe", ['{"x":', "5", '["x"]', '[{"kind": "nope"}]', "[" * 100_000,
                                    '[{"kind": "drop_columns", "columns": ["nope"]}]'])  # fmt: skip
def test_a_recipe_that_is_none_is_said_to_be_none(tmp_path: Path, recipe: str) -> None:
    file = placed(tmp_path, "t.csv", "a,b\n1,2\n")
    out = tmp_path / "c.csv"
    result = call("clean", file, "--recipe", placed(tmp_path, "r.json", recipe), "--out", out)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert not out.exists()


def test_rows_too_far_away_to_compute_with_get_no_prediction(tmp_path: Path) -> None:
    content = lines(60, lambda i, x: f"{x},{(i * 7) % 5},{'uv'[x > 0]}", "a,b,y")
    result = fitted(tmp_path, content, "y", "neural", "--features", "a,b", "--set", "epochs=2")
    assert result.exit_code == 0, result.stderr
    new = placed(tmp_path, "new.csv", "a,b\n1e308,-1e308\n1,2\n")
    out = tmp_path / "scored.csv"
    assert document("score", tmp_path / "model", new, "--out", out)["beyond"] == 1
    with out.open(encoding="utf-8", newline="") as file:
        far, near_by = csv.DictReader(file)
    assert [far[name] for name in far if name.startswith("pr")] == ["", "", ""]
    assert near_by["prediction"] in ("u", "v")


def test_features_with_commas_in_their_names_are_quoted(tmp_path: Path) -> None:
    content = lines(30, lambda i, x: f"{x},{i},{near(i, x)}", '"a, b",c,y')
    result = fitted(tmp_path, content, "y", "linear", "--features", '"a, b",c')
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["features"] == ["a, b", "c"]


def test_a_target_all_missing_is_said_to_be_empty(tmp_path: Path) -> None:
    result = fitted(tmp_path, "a,y\n1,\n2,\n3,\n")
    assert result.exit_code == 1
    assert "'y' is empty in every row" in result.stderr
