"""How long a page switch takes in a browser: alone, beside the reading of another's 1 GB, beside a fit."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.start import ROOT, _port, _wait

PAGES = ("Profile", "Clean", "Charts", "Runs", "Train")
OTHER = "somebody"
GIGABYTE = 1_000_000_000
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def _sample(home: Path) -> str:
    """The diamonds sample in a store at `home`; returns its version's id."""
    from core.contracts import Silent
    from core.jobs.work import Work
    from core.store import LOCAL, Store
    from core.tasks import TASKS

    scratch = home / "scratch" / "bench"
    store = Store(home)
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(
        store,
        LOCAL,
        {"source": {"kind": "sample", "name": "diamonds"}, "name": "d"},
        Silent(),
        scratch,
        "bench",
    )
    version = str(TASKS["read"](work)["version"])
    TASKS["profile"](Work(store, LOCAL, {"version": version}, Silent(), scratch, "bench"))
    return version


def _fit(home: Path, version: str) -> None:
    from core.jobs import Jobs
    from core.store import LOCAL, Run, Store

    store = Store(home)
    spec = {"target": "price", "model": {"kind": "neural_network", "epochs": 5000, "patience": 0}}
    run = store.add(Run(owner=LOCAL, version=version, spec=spec))
    job = Jobs(store).submit("fit", {"run": run.id}, LOCAL, title="Fit")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        events, _ = Jobs(store).events(job.id, LOCAL)
        if any(event["kind"] == "epoch" for event in events):
            return
        time.sleep(0.2)
    raise RuntimeError("the fit did not start")


def _read(home: Path) -> str:
    """Somebody else's CSV of 1 GB, being read; returns the job."""
    from core.jobs import Jobs
    from core.store import Store, Upload

    store = Store(home)
    with store.new_object(OTHER, ".csv") as made, made.path.open("wb") as out:
        out.write(b"id,name,amount,day\n")
        lines = b"".join(b"%d,name %d,%d.5,2024-01-%02d\n" % (i, i, i, i % 28 + 1) for i in range(100_000))
        for _ in range(GIGABYTE // len(lines)):
            out.write(lines)
    upload = store.add(Upload(owner=OTHER, name="big.csv", bytes=made.bytes, object=made.id), [made])
    params = {"upload": upload.id, "source": {"kind": "delimited_file"}, "name": "big"}
    job = Jobs(store).submit("read", params, OTHER, title="Read a file")
    until = time.monotonic() + 60
    while Jobs(store).get(job.id, OTHER).state == "queued" and time.monotonic() < until:
        time.sleep(0.05)
    return job.id


def _end(home: Path, job: str) -> str:
    """How far the reading was when the pages had been switched; it is stopped then."""
    from core.jobs import Jobs
    from core.store import Store

    jobs = Jobs(Store(home))
    state = jobs.get(job, OTHER).state
    if state == "running":
        jobs.cancel(job, OTHER)
    return "still under way" if state == "running" else state


def _switches(page: object, rounds: int) -> dict[str, list[float]]:
    """The seconds of each switch, by the page it led to."""
    seconds: dict[str, list[float]] = {title: [] for title in PAGES}
    for _ in range(rounds):
        for title in PAGES:
            started = time.perf_counter()
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()  # type: ignore[attr-defined]
            page.wait_for_function(  # type: ignore[attr-defined]
                "title => document.querySelector('h1')?.innerText === title", arg=title, timeout=60_000
            )
            page.wait_for_selector(SETTLED, timeout=60_000)  # type: ignore[attr-defined]
            seconds[title].append(time.perf_counter() - started)
    return seconds


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        version = _sample(home)
        port = _port()
        server = subprocess.Popen(
            [sys.executable, "serve.py", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "SIGHTLINE_HOME": str(home), "SIGHTLINE_IDLE_SECONDS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            _wait(port)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector("h1", timeout=60_000)
            _switches(page, 1)  # first visits import what they need
            quiet = _switches(page, 4)
            job = _read(home)
            reading = _switches(page, 3)
            end = _end(home, job)
            _fit(home, version)
            busy = _switches(page, 4)
        finally:
            browser.close()
            server.terminate()
            server.wait(timeout=30)
            _stop(home)
    rounds = (
        ("nothing else to do", quiet),
        (f"while another's 1 GB is read ({end} at the end)", reading),
        ("while a network is fitted", busy),
    )
    for name, by_page in rounds:
        found = sorted(second for seconds in by_page.values() for second in seconds)
        print(
            f"page switch, {name}: median {statistics.median(found):.2f} s, "
            f"95% within {found[int(len(found) * 0.95)]:.2f} s (target < 0.5)"
        )
        print("  " + ", ".join(f"{title} {statistics.median(own):.2f}" for title, own in by_page.items()))


def _stop(home: Path) -> None:
    from core.jobs import Jobs
    from core.store import Store

    Jobs(Store(home)).stop_supervisor()


if __name__ == "__main__":
    main()
