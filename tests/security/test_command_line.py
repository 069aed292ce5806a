"""A file that takes the command line over reaches the files it was named with, and its result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.jobs import landlock

ROOT = Path(__file__).parents[2]
# stands in for a parser that a file has taken over: it tries, then goes on as if nothing were
TAKEN_OVER = """
import json, os, sys
from pathlib import Path
import core.cli, core.cli.inputs as inputs

def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "allowed"

honest = inputs.offers
def hostile(place, name, folder, watch):
    given, secret = Path(place), Path(sys.argv[1])
    found = {
        "read the file": attempt(given.read_bytes),
        "change the file": attempt(lambda: given.open("r+b")),
        "read beside it": attempt((given.parent / "private.txt").read_text),
        "write beside it": attempt(lambda: (given.parent / "new.txt").write_text("x")),
        "read elsewhere": attempt(secret.read_text),
        "write elsewhere": attempt(lambda: (secret.parent / "new.txt").write_text("x")),
        "write beside the result": attempt(lambda: (Path(sys.argv[2]).parent / "new.txt").write_text("x")),
        "write the last result": attempt(lambda: Path(sys.argv[2]).write_text("x")),
        "write its scratch": attempt(lambda: (folder / "new.txt").write_text("x")),
        "signal its parent": attempt(lambda: os.kill(os.getppid(), 0)),
    }
    print(json.dumps(found), file=sys.stderr)
    if sys.argv[3] == "crash":
        os.abort()
    if sys.argv[3] == "swallow":
        bytearray(4_000_000_000)
    if sys.argv[3] == "fill":
        with (folder / "large").open("wb") as file:
            for _ in range(200):
                file.write(bytes(1_000_000))
    return honest(place, name, folder, watch)

inputs.offers = hostile
core.cli.main(sys.argv[4:])
"""


def run(
    tmp_path: Path, command: str, *options: str, then: str = "", **settings: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    given, other, results = tmp_path / "given", tmp_path / "other", tmp_path / "results"
    for folder in (given, other, results):
        folder.mkdir(exist_ok=True)
    (given / "a.csv").write_text("a,b\n1,x\n2,y\n")
    (given / "private.txt").write_text("private")
    (other / "secret.txt").write_text("secret")
    out = results / "out.csv"
    out.write_text("the last result")
    arguments = [str(other / "secret.txt"), str(out), then, command, str(given / "a.csv"), *options]
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_OVER, *arguments],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    first, _, done.stderr = done.stderr.partition("\n")
    assert sorted(place.name for place in tmp_path.rglob("new.txt")) == []
    return done, json.loads(first)


@pytest.mark.skipif(not landlock.available(), reason="this kernel has no Landlock")
def test_a_command_reads_its_file_and_writes_its_result_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "results" / "out.csv"
    done, found = run(tmp_path, "clean", "--suggested", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert found == {
        "read the file": "allowed",
        "change the file": "PermissionError",
        "read beside it": "PermissionError",
        "write beside it": "PermissionError",
        "read elsewhere": "PermissionError",
        "write elsewhere": "PermissionError",
        "write beside the result": "PermissionError",
        "write the last result": "PermissionError",
        "write its scratch": "allowed",
        "signal its parent": "PermissionError" if landlock.version() >= 6 else "allowed",
    }
    assert out.read_text() == '"a","b"\n1,"x"\n2,"y"\n'
    assert [place.name for place in out.parent.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("crash", "was ended or crashed (SIGABRT)"),
        ("swallow", "more memory than a job may take (600.0 MB)"),
        ("fill", "more disk than a job may take (50.0 MB)"),
    ],
)
def test_a_command_that_fails_leaves_the_last_result_alone(tmp_path: Path, then: str, said: str) -> None:
    out = tmp_path / "results" / "out.csv"
    limits = {"SIGHTLINE_JOB_MEMORY": "600MB", "SIGHTLINE_JOB_DISK": "50MB"}
    done, _ = run(tmp_path, "clean", "--suggested", "--out", str(out), then=then, **limits)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "the last result"
    assert [place.name for place in out.parent.iterdir()] == ["out.csv"]


def test_a_folder_for_results_is_made_and_goes_when_nothing_comes(tmp_path: Path) -> None:
    folder = tmp_path / "fresh" / "folder"
    done, _ = run(tmp_path, "read", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert sorted(place.name for place in folder.iterdir()) == ["a.parquet", "a.refused.csv"]
    model = tmp_path / "model"
    fit = ("--target", "nope", "--model", "linear", "--out", str(model))
    done, _ = run(tmp_path, "fit", *fit)
    assert done.returncode == 1
    assert "nope" in done.stderr
    assert not model.exists()
