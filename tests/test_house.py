"""What holds for the house as a whole: the README names every room, and core starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _first_line(place: Path) -> str:
    text = ast.get_docstring(ast.parse(place.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0].rstrip(".") if text else ""


def _rooms(folder: Path, depth: int) -> Iterator[tuple[str, str]]:
    for place in sorted(folder.glob("*.py")):
        if place.name != "__init__.py":
            yield "  " * depth + place.name, _first_line(place)
    for inner in sorted(place for place in folder.iterdir() if place.is_dir()):
        if any(inner.rglob("*.py")):
            init = inner / "__init__.py"
            yield "  " * depth + inner.name + "/", _first_line(init) if init.exists() else ""
            yield from _rooms(inner, depth + 1)


def tree() -> str:
    """The modules with the first line of their docstrings, as the README shows them."""
    rows = [(name, _first_line(ROOT / name)) for name in ("app.py", "serve.py")]
    for top in ("pages", "ui", "core"):
        rows += [(f"{top}/", _first_line(ROOT / top / "__init__.py")), *_rooms(ROOT / top, 1)]
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(f"    {name.ljust(width)}{text}".rstrip() for name, text in rows)


def test_the_readme_gives_every_file_a_line() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tree() in readme, f"the tree in README.md should be:\n\n{tree()}"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(place.relative_to(ROOT))
        for top in ("core", "ui", "pages")
        for place in (ROOT / top).rglob("*.py")
        if place.name != "__init__.py" and not _first_line(place)
    ]
    assert silent == []


@pytest.mark.parametrize("module", ["core.contracts", "core.store", "core.jobs", "ui.services", "ui.frame"])
def test_what_every_page_needs_imports_nothing_heavy(module: str) -> None:
    code = (
        f"import sys, {module}; heavy = {{'torch', 'sklearn', 'duckdb', 'scipy'}};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
