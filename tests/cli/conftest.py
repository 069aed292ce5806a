from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from core.cli import commands

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """Run a command; its result has the exit code, standard output and standard error."""

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(commands, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def document(call: Call) -> Callable[..., Any]:
    """Run a command with --json that must succeed; gives the document it printed."""

    def run(*arguments: object) -> Any:
        result = call(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """400 houses: price = 1000 + 50 area + 300 (North) + noise; some areas are missing."""
    rng = np.random.default_rng(1)
    lines = ["area,region,price"]
    for i in range(400):
        area, region = rng.uniform(20, 200), ("North", "South")[i % 2]
        price = 1000 + 50 * area + (300 if region == "North" else 0) + rng.normal(0, 10)
        lines.append(f"{area:.3f},{region},{price:.3f}")
    place = tmp_path / "houses.csv"
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place
