"""A real server on a free port and a real Chromium for it; skipped where no Chromium is found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.serving import sightline

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
        # a browser on a busy machine may miss its moment once; a page that is broken is so twice
        item.add_marker(pytest.mark.flaky(reruns=1))
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no chromium found: install Debian's package chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    return {"viewport": {"width": 1440, "height": 1000}, "locale": "en-GB", "accept_downloads": True}


@dataclass
class Server:
    """A running Sightline with a store of its own."""

    url: str
    home: Path


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A function that starts one more server (on `home`, when given) and returns it."""
    with ExitStack() as running:

        def start(home: Path | None = None) -> Server:
            home = home or tmp_path_factory.mktemp("home")
            port = running.enter_context(sightline(home, SIGHTLINE_IDLE_SECONDS="20"))
            return Server(f"http://127.0.0.1:{port}", home)

        yield start


@pytest.fixture(scope="session")
def server(start_server: object) -> Server:
    return start_server()  # type: ignore[operator]
