"""Twenty thousand statements made from attacks and from ordinary ones: none does what no statement may.

SIGHTLINE_SQL_FUZZ=200000 tries more of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.security.sql_oracle import available

ROOT = Path(__file__).parents[2]
BATCHES = 8
COUNT = int(os.environ.get("SIGHTLINE_SQL_FUZZ") or 20_000) // BATCHES
SEED = int(os.environ.get("SIGHTLINE_SQL_SEED") or 2024)

pytestmark = pytest.mark.skipif(not available, reason="files are watched by inotify, which Linux has")


def run(how: str, place: Path, seed: int = 0, count: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.security.sql_fuzz", how, str(seed), str(count), str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    last = place.with_suffix(".last")
    at = last.read_text() if last.exists() else ""
    assert done.returncode == 0, f"the engine ended ({done.returncode}) at: {at}\n{done.stderr[-2000:]}"
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("part", range(BATCHES))
def test_no_mutant_gets_through(tmp_path: Path, part: int) -> None:
    found = run("checked", tmp_path / "fuzz", SEED + part, COUNT)
    assert found["breaches"] == []
    assert found["tried"] == COUNT
    assert found["ran"] > COUNT / 15  # enough are allowed for their running to say something


def test_the_oracle_notices_what_the_check_would_have_stopped(tmp_path: Path) -> None:
    found = run("open", tmp_path / "control")
    assert [text for text, noticed in found["noticed"] if not noticed] == []
    assert len(found["noticed"]) > 10


@pytest.mark.parametrize("hole", ["scope", "functions", "queries"])
def test_a_hole_in_the_check_is_found(tmp_path: Path, hole: str) -> None:
    assert run(hole, tmp_path / "hole", SEED, 2500)["breaches"]


def test_behind_the_check_the_settings_still_keep_files_and_settings_safe(tmp_path: Path) -> None:
    assert run("locked", tmp_path / "locked")["breaches"] == []
