"""A store whose writer is killed at any moment keeps everything it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def hammer(kind: str, home: Path, kills: int, seed: int) -> dict[str, Any]:
    """In a process of its own: one that forks must have no threads."""
    command = [sys.executable, "-m", "tests.store.killing", kind, str(home), str(kills), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@pytest.mark.slow
def test_no_acknowledged_commit_is_lost_in_200_kills(tmp_path: Path) -> None:
    figures = hammer("store", tmp_path / "store", kills=220, seed=20)
    assert figures["acknowledged"] >= 220
    assert (figures["lost"], figures["changed"]) == (0, 0)
    # a killed writer may have committed one more than it could still say, never one less
    assert figures["acknowledged"] <= figures["counted"] <= figures["acknowledged"] + 220
    assert figures["counted"] == figures["rows"]
    assert figures["integrity"] == "ok"
    assert figures["damage"] == []


def test_the_same_test_finds_a_naive_writer_out(tmp_path: Path) -> None:
    figures = hammer("naive", tmp_path / "naive", kills=100, seed=20)
    assert figures["acknowledged"] >= 100
    assert figures["lost"] > 0
