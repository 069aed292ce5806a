"""From the start of the server to a usable first page, beside an empty Streamlit app."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def seconds_to_first_page(command: list[str], port: int, home: Path) -> float:
    """Start the server, open its first page in a browser, wait until its script has run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        started = time.perf_counter()
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "SIGHTLINE_HOME": str(home), "SIGHTLINE_IDLE_SECONDS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector(SETTLED, timeout=60_000)
            page.wait_for_selector("h1", timeout=60_000)
            return time.perf_counter() - started
        finally:
            server.terminate()
            server.wait(timeout=30)
            browser.close()


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not start")


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    ours: list[float] = []
    empty: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text("import streamlit as st\nst.title('Empty')\n")
        for number in range(5):
            port = _port()
            home = Path(folder) / f"home{number}"
            command = [sys.executable, "serve.py", "--port", str(port)]
            ours.append(seconds_to_first_page(command, port, home))
            port = _port()
            command = [sys.executable, "-m", "streamlit", "run", str(bare), "--server.port", str(port)]
            command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
            empty.append(seconds_to_first_page(command, port, home))
    a, b = statistics.median(ours), statistics.median(empty)
    print(
        f"first page: Sightline {a:.2f} s, an empty Streamlit app {b:.2f} s, ratio {a / b:.2f} (target < 3)"
    )


if __name__ == "__main__":
    main()
