"""What reads a dataset, by name, and what goes with it: told before it is removed, not found out after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core import refresh, schedules
from core.contracts import Json
from core.errors import SightlineError
from core.recipe import Recipe
from core.rules import Rule
from core.store import Dataset, Store, Version
from core.store.records import Draft, RuleSet, Run, SavedChart, SavedQuery, Template
from core.wording import Note, note

_STRING = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r'"((?:[^"]|"")*)"|([A-Za-z_][A-Za-z0-9_]*)')


@dataclass
class Readers:
    """`broken`: what names the dataset and cannot go on without it; `gone`: what is removed with it."""

    broken: list[Note] = field(default_factory=list)
    gone: list[Note] = field(default_factory=list)


def readers(store: Store, owner: str, dataset: str) -> Readers:
    """All that reads any version of a dataset, or was made on one and is removed with it."""
    names = {one.id: one.name for one in store.list(Dataset, owner)}
    every = sorted(store.list(Version, owner), key=lambda version: -version.number)
    own = [version for version in every if version.dataset == dataset]
    ids = {version.id for version in own}
    owners = {version.id: version.dataset for version in every}
    found = Readers()
    found.broken += _made_from(every, dataset, ids, names)
    for draft in store.list(Draft, owner):
        there = owners.get(draft.version)
        if there is not None and there != dataset and _reads({"steps": draft.steps}, ids):
            found.broken.append(note("the recipe being edited on “{name}”", name=names[there]))
    for template in store.list(Template, owner):
        if _reads(template.recipe, ids):
            found.broken.append(note("the template “{name}”", name=template.name))
    found.broken += _rules(store, owner, dataset, ids, names)
    found.broken += _schedules(store, owner, dataset, ids, names)
    for saved in store.list(SavedQuery, owner):
        if mentions(saved.text, _called(names[dataset], own)):
            found.broken.append(note("the saved statement “{name}”", name=saved.name))
    found.gone += _with_it(store, owner, dataset, own)
    return found


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a statement names one of these tables; what stands in its texts and comments does not count."""
    wanted = {name.casefold() for name in names}
    for quoted, plain in _NAME.findall(_STRING.sub(" ", text)):
        if (plain or quoted.replace('""', '"')).casefold() in wanted:
            return True
    return False


def _called(name: str, versions: Iterable[Version]) -> list[str]:
    return [name, *(f"{name}@{version.number}" for version in versions)]


def _reads(recipe: Json, ids: set[str]) -> bool:
    """Whether a recipe reads one of these tables beside its own."""
    text = str(recipe)  # looked for as text first: reading every recipe of a large store would take seconds
    if not any(id in text for id in ids):
        return False
    try:
        return not ids.isdisjoint(Recipe.from_json(recipe).reads())
    except SightlineError:  # of an older Sightline, or broken by hand: it names the table all the same
        return True


def _made_from(
    every: Iterable[Version], dataset: str, ids: set[str], names: dict[str, str]
) -> Iterator[Note]:
    """The tables made from it: they stay, but cannot be made again. Of each dataset the newest is told."""
    told = {dataset}
    for version in every:
        if version.dataset in told or version.dataset not in names:
            continue
        called = {"name": names[version.dataset], "number": version.number}
        asked = (version.source or {}).get("tables")
        if version.recipe is not None and _reads(version.recipe, ids):
            yield note(
                "the steps that made “{name}”, version {number}: they join it or add its rows", **called
            )
        elif version.recipe is not None and version.parent in ids:
            yield note("the steps that made “{name}”, version {number}, from it", **called)
        elif isinstance(asked, dict) and not ids.isdisjoint(asked.values()):
            yield note("the statement that made “{name}”, version {number}", **called)
        else:
            continue
        told.add(version.dataset)


def _rules(store: Store, owner: str, dataset: str, ids: set[str], names: dict[str, str]) -> Iterator[Note]:
    for rules in store.list(RuleSet, owner):
        if rules.dataset == dataset or rules.dataset not in names:
            continue
        for entry in rules.rules:
            rule = Rule.from_json(entry["rule"])
            if rule.other() in ids:
                yield note("a rule of “{name}”: {rule}", name=names[rules.dataset], rule=rule.describe())


def _schedules(
    store: Store, owner: str, dataset: str, ids: set[str], names: dict[str, str]
) -> Iterator[Note]:
    """The schedules whose refreshes apply steps that read it."""
    for other, name in names.items():
        if other == dataset or schedules.of(store, owner, other) is None:
            continue
        if any(_reads(version.recipe, ids) for version in refresh.stepped(store, other, owner)):
            yield note("the schedule of “{name}”: its steps read it after each refresh", name=name)


def _with_it(store: Store, owner: str, dataset: str, own: Iterable[Version]) -> Iterator[Note]:
    """What `core.store.tables.remove` takes away that a person has made."""
    for version in own:
        for chart in store.list(SavedChart, owner, version=version.id):
            yield note("the chart “{name}”", name=chart.name)
        for run in store.list(Run, owner, version=version.id):
            target = str(run.spec.get("target") or "")
            if run.name:
                yield note("the model “{name}”", name=run.name)
            else:
                yield note("a model of “{target}”", target=target)
        for draft in store.list(Draft, owner, version=version.id):
            if draft.steps:
                yield note("the recipe being edited on version {number}", number=version.number)
    for rules in store.list(RuleSet, owner, dataset=dataset):
        if rules.rules:
            yield note("{count} rule | {count} rules", count=len(rules.rules))
    if schedules.of(store, owner, dataset) is not None:
        yield note("its schedule")
