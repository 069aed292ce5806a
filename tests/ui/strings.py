"""Every text that a reader can meet: what pages and shared screen code say, and what members are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# function -> which of its arguments are shown, by position or by name
SAYS: dict[str, tuple[int | str, ...]] = {
    "t": (0,),
    "plain": (0,),
    "translated": (0,),
    "header": (0, 1),
    "link": (1,),
    "next_link": (1, 2),
    "empty": (0, 1, 3),
    "submit": ("title",),
}


def on_screens() -> dict[str, str]:
    """Texts written in pages and shared screen code, with where each stands."""
    found: dict[str, str] = {}
    for place in [
        ROOT / "app.py",
        *sorted((ROOT / "ui").rglob("*.py")),
        *sorted((ROOT / "pages").rglob("*.py")),
    ]:
        tree = ast.parse(place.read_text(encoding="utf-8"))
        for text in [*_said(tree), *_listed(tree)]:
            found.setdefault(text, str(place.relative_to(ROOT)))
    return found


def _said(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for place in SAYS.get(name, ()):
            if isinstance(place, int):
                shown = node.args[place] if place < len(node.args) else None
            else:
                shown = next((k.value for k in node.keywords if k.arg == place), None)
            yield from _texts(shown)


def _listed(tree: ast.Module) -> Iterator[str]:
    """Tables of texts at the top of a module: WAYS = {"file": ("Your own file", "...")}."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict | ast.Tuple):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and target.id.lstrip("_").isupper():
                yield from (text for text in _texts(node.value) if text[:1].isupper() and not text.isupper())


def _texts(node: ast.AST | None) -> Iterator[str]:
    """The string constants of an expression, as far as it is written out: a choice of two, a list."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from [*_texts(node.body), *_texts(node.orelse)]
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _texts(item)
    elif isinstance(node, ast.Dict):
        for item in node.values:
            yield from _texts(item)


def of_members() -> dict[str, str]:
    """Titles, headings, summaries and parameters of every source, step, chart and model."""
    import core.charts
    import core.models
    import core.sources
    import core.steps  # noqa: F401
    from core.contracts import Chart, Member, Model, Source, Step
    from core.params import Field, fields

    found: dict[str, str] = {}

    def add(rows: tuple[Field, ...], where: str) -> None:
        for row in rows:
            texts = [row.title, row.help, row.unit, row.example if " " in row.example else ""]
            texts += [choice.replace("_", " ") for choice in row.choices if isinstance(choice, str)]
            for text in texts:
                if any(c.isalpha() for c in text):
                    found.setdefault(text, f"{where}.{row.name}")
            if row.row is not None:
                add(fields(row.row), f"{where}.{row.name}")

    families: tuple[type[Member], ...] = (Source, Step, Chart, Model)
    for family in families:
        for kind, cls in family.members.items():
            for text in (cls.title, cls.group, cls.summary()):
                if text:
                    found.setdefault(text, kind)
            add(cls.parameters(), kind)
    return found


def of_core() -> dict[str, str]:
    """Templates and hints of errors and findings, words on the progress of work, the samples."""
    found: dict[str, str] = {}
    for place in sorted((ROOT / "core").rglob("*.py")):
        if "cli" in place.parts:
            continue
        for text in _core_texts(ast.parse(place.read_text(encoding="utf-8"))):
            found.setdefault(text, str(place.relative_to(ROOT)))
    from core.sources.samples import SAMPLES

    for info in SAMPLES:
        found.setdefault(info.title, info.name)
        found.setdefault(info.about, info.name)
    return found


_ERRORS = {
    "SightlineError",
    "BadParameter",
    "MissingColumn",
    "BadInput",
    "NotFound",
    "LimitReached",
    "Cancelled",
}


def _core_texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
            yield from _texts(node.value) if target.id == "template" else ()
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _ERRORS:
            yield from _texts(node.args[0] if node.args else None)
            yield from (text for k in node.keywords if k.arg == "hint" for text in _texts(k.value) if text)
        elif name == "Finding":
            yield from (text for k in node.keywords if k.arg == "template" for text in _texts(k.value))
        elif name == "progress" and len(node.args) > 1:
            yield from (text for text in _texts(node.args[1]) if text)
