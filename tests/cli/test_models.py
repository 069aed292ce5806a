"""fit and score, as a script calls them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Call


def test_a_linear_fit_on_all_rows_equals_least_squares(houses: Path, tmp_path: Path, document) -> None:
    result = document(
        "fit", houses, "--target", "price", "--model", "linear", "--test-share", 0, "--out", tmp_path / "m"
    )
    frame = pd.read_csv(houses)
    x = np.column_stack([np.ones(len(frame)), frame["area"], frame["region"] == "South"]).astype(float)
    beta, *_ = np.linalg.lstsq(x, frame["price"].to_numpy(), rcond=None)
    found = {row["name"]: row["value"] for row in result["coefficients"]}
    south = found.get("region = South")
    if south is None:  # the reference is the most frequent level; these two are equally frequent
        south = -found["region = North"]
    assert found["area"] == pytest.approx(beta[1], rel=1e-10)
    assert south == pytest.approx(beta[2], rel=1e-9)
    assert all(row["se"] > 0 for row in result["coefficients"])


@pytest.mark.parametrize("model", ["linear", "neural"])
def test_metrics_are_on_held_out_rows_beside_a_baseline(model: str, houses, tmp_path, document) -> None:
    options = ["--set", "epochs=30"] if model == "neural" else []
    result = document(
        "fit", houses, "--target", "price", "--model", model, *options, "--seed", 3, "--out", tmp_path / "m"
    )
    assert result["metrics"]["rmse"] < 0.5 * result["baseline"]["rmse"]
    assert result["seconds"] > 0


def test_a_logistic_fit_gives_coefficients_with_errors(houses: Path, tmp_path: Path, document) -> None:
    result = document(
        "fit", houses, "--target", "region", "--model", "logistic", "--features", "area,price",
        "--out", tmp_path / "m",
    )  # fmt: skip
    assert result["metrics"]["accuracy"] > 0.9
    assert {row["name"] for row in result["coefficients"]} >= {"area", "price"}


def test_in_words_a_fit_says_how_sure_its_coefficients_are(houses: Path, tmp_path: Path, call: Call) -> None:
    robust = ("--set", "errors=HC3", "--test-share", 0)
    result = call("fit", houses, "--target", "price", "--model", "linear", *robust, "--out", tmp_path / "m")
    header, *rows = [line for line in result.stdout.splitlines() if line.startswith(("coef", "area"))]
    assert header.split() == ["coefficient", "value", "standard", "error", "95%", "interval", "p"]
    name, value, error, low, _, high, p = rows[0].split()
    assert name == "area"
    assert float(low) < float(value) < float(high)
    assert float(error) > 0
    assert float(p) < 0.05
    assert "breusch_pagan_p" in result.stdout


def test_scoring_gives_a_prediction_for_every_row(houses: Path, tmp_path: Path, document) -> None:
    document("fit", houses, "--target", "price", "--model", "linear", "--out", tmp_path / "m")
    new = tmp_path / "new.csv"
    new.write_text("region,area\nNorth,100\nWest,50\nSouth,\n")
    report = document("score", tmp_path / "m", new, "--out", tmp_path / "scored.csv")
    frame = pd.read_csv(tmp_path / "scored.csv")
    assert report["rows"] == 3
    assert frame["prediction"].iloc[0] == pytest.approx(1000 + 50 * 100 + 300, abs=10)
    assert frame["prediction"].notna().all()


def test_scoring_names_a_missing_column(houses: Path, tmp_path: Path, call: Call) -> None:
    call("fit", houses, "--target", "price", "--model", "linear", "--out", tmp_path / "m")
    (tmp_path / "new.csv").write_text("area\n100\n")
    result = call("score", tmp_path / "m", tmp_path / "new.csv", "--out", tmp_path / "s.csv")
    assert result.exit_code == 1
    assert "region" in result.stderr


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epochs", "--set takes name=value"),
        ("epoks=3", "has no parameter 'epoks'"),
        ("learning_rate=-1", "learning_rate"),
        ("solver=magic", "solver"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(setting, message, houses, tmp_path, call) -> None:
    result = call(
        "fit", houses, "--target", "price", "--model", "linear", "--set", setting, "--out", tmp_path / "m"
    )
    assert result.exit_code == 1
    assert message in result.stderr


def test_a_target_that_is_not_there_offers_names_like_it(houses: Path, tmp_path: Path, call: Call) -> None:
    result = call("fit", houses, "--target", "Prize", "--model", "linear", "--out", tmp_path / "m")
    assert result.exit_code == 1
    assert "price" in result.stderr


def test_the_same_seed_gives_the_same_fit(houses: Path, tmp_path: Path, document) -> None:
    def once(name: str) -> object:
        options = ["--set", "epochs=5", "--set", "hidden=8", "--seed", 7]
        result = document(
            "fit", houses, "--target", "price", "--model", "neural", *options, "--out", tmp_path / name
        )
        return result["metrics"]

    assert once("a") == once("b")


def test_the_model_folder_holds_nothing_that_can_run(houses: Path, tmp_path: Path, document) -> None:
    document("fit", houses, "--target", "price", "--model", "linear", "--out", tmp_path / "m")
    assert sorted(place.name for place in (tmp_path / "m").iterdir()) == ["model.json", "weights.safetensors"]
    json.loads((tmp_path / "m" / "model.json").read_text())
