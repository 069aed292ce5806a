"""Every text that a reader can meet, and where each is written.

A text is shown through `t`, `plain` and the like, or it is the template of a note, an error or a
finding. It is written out where it is said, or it comes to that place from somewhere that is read
here too: a name bound to texts, a table of texts at the top of a module, a field that members and
records declare. What comes from anywhere else is `unknown`, for then nobody can say what it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
Texts = dict[str, str]  # text -> where it stands
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
TEMPLATES: dict[str, tuple[int | str, ...]] = {
    "note": (0,),
    "refused": (1, "hint"),
    "unexpected": (0,),
    "close": (0,),
    "counted": (0,),
    "died": (0,),
    "refuse": (0, 1),
    "progress": (1,),
    "Finding": ("template",),
    "Problem": (0,),
    "Measure": (0, 1),
    "Picture": (1, 2),
}
ERRORS = (
    "SightlineError", "BadParameter", "MissingColumn", "BadInput", "NotFound", "LimitReached", "Cancelled",
    "EmptySheet", "Refused",
)  # fmt: skip
TEMPLATES |= dict.fromkeys(ERRORS, (0, "hint"))
# what members, their parameters and core's records declare: their texts are found in `of_members`
# and among the templates
DECLARED = {
    "example", "group", "help", "hint", "summary", "template", "title", "unit", "zero",  # written out
    "action", "asked", "grain", "kind", "label", "meaning", "operator", "personal", "severity", "shape",
    "state", "to", "type", "before", "after", "about", "words",  # choices
}  # fmt: skip
PARAMETERS = {"title", "text", "label", "summary", "template", "said"}  # what callers write out


def has_words(text: str) -> bool:
    """Whether anything in a template wants translating."""
    return bool(re.search(r"[A-Za-z]{2}", re.sub(r"\{[^{}]*\}", "", text)))


def on_screens() -> Texts:
    """Texts written in pages and shared screen code."""
    places = [
        ROOT / "app.py",
        *sorted((ROOT / "ui").rglob("*.py")),
        *sorted((ROOT / "pages").rglob("*.py")),
    ]
    return _of(places, SAYS | TEMPLATES)[0]


def of_core() -> Texts:
    """Templates of notes, errors and findings, words on the progress of work, the samples."""
    from core.sources.samples import SAMPLES

    found = dict(_of(_core(), TEMPLATES)[0])
    for info in SAMPLES:
        found.setdefault(info.title, info.name)
        found.setdefault(info.about, info.name)
    return found


def unknown() -> list[str]:
    """Where something is said that is neither written out nor read from a place that is looked at."""
    screens = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    return [
        *_of(sorted(screens), {"t": (0,), "plain": (0,), "note": (0,)})[1],
        *_of(_core(), {"note": (0,)})[1],
    ]


def _core() -> list[Path]:
    return [place for place in sorted((ROOT / "core").rglob("*.py")) if "cli" not in place.parts]


def _of(places: list[Path], says: dict[str, tuple[int | str, ...]]) -> tuple[Texts, list[str]]:
    found: Texts = {}
    odd: list[str] = []
    for place in places:
        module, name = Module(place), str(place.relative_to(ROOT))
        screen = not name.startswith("core")
        for text in [*module.said(says), *(module.tables() if screen else ())]:
            if has_words(text):
                found.setdefault(text, name)
        odd += [f"{name}:{line}: {what}" for line, what in module.odd]
    return found, odd


class Module:
    """One file of code: the texts it shows, and those whose origin cannot be told."""

    def __init__(self, place: Path) -> None:
        self.tree = ast.parse(place.read_text(encoding="utf-8"))
        self.screen = "core" not in place.relative_to(ROOT).parts
        self.odd: list[tuple[int, str]] = []
        self.inside: dict[ast.AST, ast.AST] = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    def said(self, says: dict[str, tuple[int | str, ...]]) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "template":
                yield from self._texts(node.value) or ()
            if not isinstance(node, ast.Call):
                continue
            name = _function(node)
            for argument in says.get(name, ()):
                shown = _argument(node, argument)
                if shown is None:
                    continue
                texts = self._texts(shown)
                if texts is None:
                    self.odd.append((node.lineno, f"{name}({ast.unparse(shown)})"))
                yield from texts or ()

    def tables(self) -> Iterator[str]:
        """Texts at the top of the module: WAYS = {"file": ("Your own file", "...")}."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict | ast.Tuple):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if isinstance(target, ast.Name) and target.id.lstrip("_").isupper():
                    yield from (
                        text for text in _constants(node.value) if text[:1].isupper() and not text.isupper()
                    )

    def _texts(self, node: ast.AST, depth: int = 0) -> list[str] | None:
        """The texts that an expression may be; None when that cannot be told."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr) and self.screen:
            return []  # a job's title, which is read back when it is shown
        if isinstance(node, ast.JoinedStr):  # a finished text that counts is known with # for its numbers
            parts = [p.value if isinstance(p, ast.Constant) else "#" for p in node.values]
            return ["".join(map(str, parts))]
        if isinstance(node, ast.IfExp):
            return _together([self._texts(part, depth) for part in (node.body, node.orelse)])
        if isinstance(node, ast.BoolOp):
            return _together([self._texts(part, depth) for part in node.values])
        if isinstance(node, ast.Tuple | ast.List):
            return _together([self._texts(item, depth) for item in node.elts])
        if isinstance(node, ast.Dict):
            return _together([self._texts(item, depth) for item in node.values])
        if isinstance(node, ast.Attribute):
            return [] if node.attr in DECLARED else None
        if isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else ""
            return [] if key in DECLARED else self._texts(node.value, depth)
        if isinstance(node, ast.Call):
            return self._called(node, depth)
        if isinstance(node, ast.GeneratorExp):
            return self._texts(node.generators[0].iter, depth)
        if isinstance(node, ast.Name) and depth < 4:
            return self._constant(node.id) if _table(node) else self._named(node, depth + 1)
        return None

    def _constant(self, name: str) -> list[str]:
        """A table of core's at the top of this module; what other tables hold is found by `tables`."""
        if self.screen:
            return []
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if getattr(target, "id", "") == name:
                    return list(_constants(node.value))
        return []

    def _called(self, node: ast.Call, depth: int) -> list[str] | None:
        name = _function(node)
        if name in ("get", "items", "values") and isinstance(node.func, ast.Attribute):
            defaults = [self._texts(default, depth) for default in node.args[1:]]
            return _together([self._texts(node.func.value, depth), *defaults])
        if name == "next":
            return _together([self._texts(given, depth) for given in node.args])
        if name in ("str", "translated") and node.args:
            return self._texts(node.args[0], depth)
        return [] if name in DECLARED or name in ("choice_said", "removeprefix", "_metric_name") else None

    def _named(self, node: ast.Name, depth: int) -> list[str] | None:
        """What a name was bound to in its function, or what callers hand over."""
        function: ast.AST | None = node
        while function is not None and not isinstance(function, ast.FunctionDef):
            function = self.inside.get(function)
        scope = function or self.tree
        bound = list(_bindings(scope, node.id))
        if bound:
            texts = _together([self._texts(value, depth) for value in bound])
            # what a name holds may be names for the code beside texts
            return texts and [text for text in texts if text[:1].isupper() or " " in text or not self.screen]
        if isinstance(function, ast.FunctionDef) and node.id in PARAMETERS:
            arguments = [*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs]
            return [] if any(argument.arg == node.id for argument in arguments) else None
        return None


def _bindings(scope: ast.AST, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=False):
                        if getattr(one, "id", "") == name:
                            yield value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and getattr(node.target, "id", "") == name:
            yield from [node.value] if node.value else []
        elif isinstance(node, ast.For | ast.comprehension) and any(
            getattr(one, "id", "") == name for one in ast.walk(node.target)
        ):
            yield node.iter


def _table(node: ast.AST) -> bool:
    """Whether an expression is a table at the top of a module, whose texts are all found."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(name.lstrip("_")) and name.lstrip("_").isupper()


def _function(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return "" if node.func.attr == "note" else node.func.attr  # a method that is called so is another one
    return str(getattr(node.func, "id", ""))


def _argument(node: ast.Call, place: int | str) -> ast.AST | None:
    if isinstance(place, int):
        return node.args[place] if place < len(node.args) else None
    return next((k.value for k in node.keywords if k.arg == place), None)


def _together(parts: list[list[str] | None]) -> list[str] | None:
    if any(part is None for part in parts):
        return None
    return [text for part in parts for text in part or ()]


def _constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):  # its keys are names for the code
        for value in node.values:
            yield from _constants(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _constants(item)
    elif isinstance(node, ast.Call):  # a record of a table: Measure("Accuracy", "...")
        for item in node.args:
            yield from _constants(item)


def of_members() -> dict[str, str]:
    """Titles, headings, summaries and parameters of every source, step, chart and model."""
    import core.charts
    import core.models
    import core.rules
    import core.sources
    import core.steps  # noqa: F401
    from core.contracts import Chart, Member, Model, Source, Step
    from core.features import Split
    from core.params import Field, fields
    from core.rules import Rule
    from core.sources.database import Database

    found: dict[str, str] = {}

    def add(rows: tuple[Field, ...], where: str) -> None:
        for row in rows:
            texts = [row.title, row.help, row.unit, row.zero, row.example if " " in row.example else ""]
            texts += [choice.replace("_", " ") for choice in row.choices if isinstance(choice, str)]
            for text in texts:
                if any(c.isalpha() for c in text):
                    found.setdefault(text, f"{where}.{row.name}")
            if row.row is not None:
                add(fields(row.row), f"{where}.{row.name}")

    add(fields(Split), "split")
    families: tuple[type[Member], ...] = (Source, Step, Chart, Model, Rule, Database)
    for family in families:
        for kind, cls in family.members.items():
            for text in (cls.title, cls.group, cls.summary()):
                if text:
                    found.setdefault(text, kind)
            add(cls.parameters(), kind)
    return found
