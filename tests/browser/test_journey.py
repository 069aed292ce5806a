"""The main job, end to end, in a real browser on real data."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen
from tests.serving import ROOT

HOSTILE = '<img src=x onerror=alert(1)> ![x](http://evil.example/a) "a"; drop table t; -- 🙂 \u202eabc'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The telecom churn sample as people send such files, with a broken line; and new rows."""
    rng = random.Random(4)
    with gzip.open(ROOT / "data/samples/modeldata_mlc_churn.csv.gz", "rt", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    area, target = header.index("area_code"), header.index("churn")
    folder = tmp_path_factory.mktemp("files")
    messy, new = folder / "churn march.csv", folder / "new customers.csv"
    with messy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(header)
        for row in rows[:1500]:
            padded = f"  {row[area]} " if rng.random() < 0.5 else row[area]
            writer.writerow([*row[:area], padded, *row[area + 1 :]])
        out.write("this line;is broken\r\n")
    with new.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(row[:target] + row[target + 1 :] for row in [header, *rows[2000:2200]])
    return messy, new


def read_file(screen: Screen, file: Path) -> None:
    screen.drop("add.files.drop.0", file)
    screen.press("Read this file")
    screen.shows("See what is in it")


def choose_target(screen: Screen, target: str) -> None:
    screen.page.locator("[class*=st-key-train-target] input").first.click()
    screen.page.get_by_role("option", name=target, exact=True).click()
    expect(screen.at("train.fit").get_by_role("button")).to_be_enabled(timeout=SLOW)
    screen.settle()


def test_from_a_messy_file_to_predictions(
    page: Page, start_server: Callable[[], Server], files: tuple[Path, Path]
) -> None:
    messy, new = files
    screen = Screen(page, start_server().url).open()  # nothing is in its store: the runs are counted
    read_file(screen, messy)
    screen.shows(re.compile("1,500 rows")).shows(re.compile("refused"))

    # clean it
    screen.press("See what is in it")
    screen.shows("Findings")
    screen.click("profile.suggested")
    screen.goto("Clean")
    screen.shows(re.compile("Trim spaces"))
    screen.click("clean.save")
    expect(screen.at("frame.version").locator("input")).to_have_value("2 (newest)", timeout=SLOW)

    # chart it
    screen.goto("Charts")
    expect(screen.at("charts.figure").locator(".js-plotly-plot")).to_be_visible(timeout=SLOW)
    screen.click("charts.keep")

    # a category, exactly
    screen.goto("Train")
    choose_target(screen, "churn")
    screen.click("train.fit")
    screen.shows(re.compile("better than the baseline", re.I))

    # a network, watched while it learns, and stopped
    page.get_by_role("radio", name="Neural network").click()
    screen.settle()
    screen.at("train.more").locator("summary").click()
    slider = screen.at("train.parameter.neural_network.patience").get_by_role("slider")
    slider.focus()
    slider.press("Home")  # 0: never stops early
    screen.settle()
    epochs = screen.at("train.parameter.neural_network.epochs").get_by_role("slider")
    epochs.focus()
    epochs.press("End")  # 2,000: long enough to be watched
    screen.settle()
    screen.click("train.fit")
    curve = screen.at("train.loss").locator(".js-plotly-plot")
    expect(curve).to_be_visible(timeout=SLOW)
    epoch = page.get_by_test_id("stMetricValue").first
    seen = epoch.inner_text()
    expect(epoch).not_to_have_text(seen, timeout=SLOW)  # the curve moves
    expect(curve).to_have_count(1)  # in its place: no older one is left beside it
    screen.at("train.job.stop").get_by_role("button").click()
    screen.shows(re.compile("Stopped on request: the best weights"))

    # a number, by descent
    choose_target(screen, "total_day_charge")
    page.get_by_role("radio", name="descent").click()
    screen.settle()
    screen.click("train.fit")
    screen.shows("Epochs done")
    screen.shows("Predicting total_day_charge")

    # the runs side by side, and the model that names who leaves
    screen.goto("Runs")
    expect(screen.at("runs.table").locator("table[role=grid] tbody tr")).to_have_count(3, timeout=SLOW)
    screen.goto("Evaluate")
    screen.shows("Right and wrong")

    # new rows, as raw as the first ones were, by the model that names who leaves
    screen.goto("Predict")
    page.locator(".st-key-frame-run input").first.click()
    page.get_by_role("option", name=re.compile("^churn by Logistic")).first.click()
    page.wait_for_timeout(500)
    screen.settle()
    screen.drop("add.files.drop.0", new)
    screen.press("Read this file")
    screen.shows("Every column that the model needs is there")
    screen.click("predict.go")
    screen.shows(re.compile("200 rows of new customers"))
    with page.expect_download(timeout=SLOW) as download:
        screen.at("predict.download").get_by_role("link").click()
    predicted = pd.read_csv(download.value.path())
    assert len(predicted) == 200
    assert set(predicted["prediction"]) <= {"yes", "no"}
    chances = predicted[["probability of yes", "probability of no"]].sum(axis=1)
    assert chances.between(0.999999, 1.000001).all()
    screen.is_clean()


def test_hostile_names_and_cells_stay_text_all_the_way(page: Page, server: Server, tmp_path: Path) -> None:
    place = tmp_path / "hostile.csv"
    rng = random.Random(2)
    with place.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([HOSTILE, "=cmd|' /C calc'!A0", "x" * 500, "y"])
        for i in range(200):
            writer.writerow(
                [f"<script>alert({i % 3})</script>", f"=1+{i % 4}", "![i](http://evil.example)", rng.random()]
            )
    screen = Screen(page, server.url).open()
    read_file(screen, place)
    screen.press("See what is in it")
    screen.shows("Findings")
    for title in ("Clean", "Charts", "Train"):
        screen.goto(title)
    choose_target(screen, "y")
    screen.click("train.fit")
    screen.shows(re.compile("baseline"))
    for title in ("Runs", "Evaluate", "Predict"):
        screen.goto(title)
    expect(page.locator("img[src*='evil'], img[src='x']")).to_have_count(0)
    screen.is_clean()
