"""Threads that import in different orders meet whole modules: the packages are there before any of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# one thread is in the middle of a package when the other asks for a module that comes later in it
RACE = """
import importlib, sys, threading

package, early, late, first = sys.argv[1:]
begun, asked, problems = threading.Event(), threading.Event(), []

class Watch:
    def find_spec(self, name, path=None, target=None):
        one = threading.current_thread().name == "package"
        if one and name == early:
            begun.set()
            asked.wait(2)
            asked.clear()
            asked.wait(0.5)  # until the other thread waits for the package
        if not one and name == late:
            asked.set()

def run(*names):
    try:
        for name in filter(None, names):
            importlib.import_module(name)
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")

sys.meta_path.insert(0, Watch())
one = threading.Thread(target=run, args=(first, package), name="package")
other = threading.Thread(target=lambda: (begun.wait(10), run(first, late)))
for thread in (one, other):
    thread.start()
for thread in (one, other):
    thread.join(60)
print(problems or "whole")
"""


@pytest.mark.parametrize(
    ("package", "early", "late"),
    [("core.sources", "core.sources.archive", "core.sources.gathered")],
)
def test_a_module_is_whole_while_another_thread_imports_its_package(
    package: str, early: str, late: str
) -> None:
    command = [sys.executable, "-c", RACE, package, early, late, "ui.packages"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120)
    assert said.stdout.strip() == "whole"


def test_whatever_begins_a_thread_of_pages_begins_with_the_packages() -> None:
    for name in ("app.py", "serve.py"):
        own = [module for module in _imported(ROOT / name) if module.split(".")[0] in ("core", "ui")]
        assert own[0] == "ui.packages", name


def test_every_package_whose_modules_import_each_other_is_listed() -> None:
    listed = set(_imported(ROOT / "ui" / "packages.py"))
    asks: set[tuple[str, str]] = set()
    for place in [*ROOT.glob("core/**/*.py"), *ROOT.glob("ui/**/*.py")]:
        asks |= {(_name(place), module) for module in _imported(place)}
    packages = {_name(place) for place in ROOT.glob("*/**/__init__.py")}
    # a package that asks for its modules, and a module that asks for the package it lies in
    both = {one for one, module in asks if one in packages and module.startswith(f"{one}.")}
    circles = {package for one, package in asks if package in both and one.startswith(f"{package}.")}
    assert circles <= listed


def _name(place: Path) -> str:
    return ".".join(place.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(place: Path) -> Iterator[str]:
    """What a file imports when it is loaded, in its order: not in functions, not for types alone."""
    for node in ast.parse(place.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
