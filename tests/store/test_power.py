"""A store whose power is cut at any moment keeps everything it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.store import powercut

pytestmark = pytest.mark.skipif(not powercut.possible(), reason="no process can be traced on this machine")


def cut(kind: str, folder: Path, keeps: int, every: int) -> dict[str, Any]:
    """In a process of its own: one that forks must have no threads."""
    command = [sys.executable, "-m", "tests.store.powercut", kind, str(folder), str(keeps), str(every), "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@pytest.mark.slow
@pytest.mark.parametrize(("keeps", "every"), [(40, 250), (3, 28)], ids=["in use", "from its first moment"])
def test_no_acknowledged_commit_is_lost_when_the_power_goes(tmp_path: Path, keeps: int, every: int) -> None:
    figures = cut("store", tmp_path / "store", keeps, every)
    assert figures["images"] >= 40
    assert figures["acknowledged"] == keeps
    assert figures["lost"] == {"strict": 0, "torn": 0}


@pytest.mark.parametrize("kind", ["unsynced", "normal", "naive"])
def test_the_same_test_finds_careless_writers_out(tmp_path: Path, kind: str) -> None:
    figures = cut(kind, tmp_path / kind, keeps=20, every=10 if kind == "naive" else 150)
    assert figures["acknowledged"] == 20
    assert figures["lost"]["strict"] > figures["images"] // 4  # half of the images are of this kind
