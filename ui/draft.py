"""The recipe being edited on a version. It lives in the store: a reload or a lost session loses nothing."""

from __future__ import annotations

import json

from core.contracts import Step
from core.recipe import History, Recipe, add
from core.store import Draft, Version
from ui import services


def load(version: Version) -> Draft:
    """The draft of this version; an empty one, not stored yet, when nothing was begun."""
    found = services.store().list(Draft, services.owner(), version=version.id)
    return found[0] if found else Draft(owner=services.owner(), version=version.id, name="")


def history(draft: Draft) -> History:
    """The draft as a recipe with its undo and redo."""
    return History(
        present=_recipe(draft.steps),
        past=tuple(_recipe(steps) for steps in draft.undo),
        undone=tuple(_recipe(steps) for steps in draft.redo),
    )


def keep(draft: Draft, changed: History, name: str | None = None) -> Draft:
    """Store a changed draft."""
    changes = {
        "steps": _steps(changed.present),
        "undo": [_steps(recipe) for recipe in changed.past],
        "redo": [_steps(recipe) for recipe in changed.undone],
        "name": draft.name if name is None else name,
    }
    store, owner = services.store(), services.owner()
    if any(found.id == draft.id for found in store.list(Draft, owner, version=draft.version)):
        return store.change(Draft, draft.id, owner, **changes)
    return store.add(draft.model_copy(update=changes))


def put_step(version: Version, step: Step) -> None:
    """Add a step at the end of a version's draft, as the profile's findings do."""
    draft = load(version)
    now = history(draft)
    keep(draft, now.change(add(now.present, step)))


def forget(draft: Draft) -> None:
    """The draft became a version of its own."""
    store, owner = services.store(), services.owner()
    for found in store.list(Draft, owner, version=draft.version):
        store.delete(Draft, found.id, owner)


def _recipe(steps: list[dict[str, object]]) -> Recipe:
    return Recipe.from_json({"steps": steps})


def _steps(recipe: Recipe) -> list[dict[str, object]]:
    return list(recipe.to_json()["steps"])  # constants stand here only where they were kept on purpose


def as_json(recipe: Recipe) -> str:
    """The recipe as a file that `python -m core clean --recipe` takes."""
    return json.dumps(recipe.to_json(), ensure_ascii=False, indent=2)
