"""Changing a recipe: each function gives a new one.

What a step learned holds only for the rows that reached it: when a step changes, everything
learned after it is forgotten and learned again on the next `Recipe.learn`.
"""

from __future__ import annotations

from core.contracts import Step
from core.errors import BadParameter
from core.params import Frozen
from core.recipe.recipe import Recipe, RecipeStep

REMEMBERED = 100  # changes that can be undone


def add(recipe: Recipe, step: Step, at: int | None = None) -> Recipe:
    """With this step at the end, or before the step that stands at `at` now (counted from 0)."""
    at = len(recipe.steps) if at is None else at
    if at != len(recipe.steps):
        _check(recipe, at)
    return _from(recipe, at, [RecipeStep(step=step), *recipe.steps[at:]])


def replace(recipe: Recipe, index: int, step: Step) -> Recipe:
    """With this step instead of the one at `index`; it stays switched on or off."""
    changed = RecipeStep(step=step, active=_check(recipe, index).active)
    return _from(recipe, index, [changed, *recipe.steps[index + 1 :]])


def move(recipe: Recipe, index: int, to: int) -> Recipe:
    """With the step at `index` standing at `to`."""
    moved = _check(recipe, index)
    _check(recipe, to)
    rest = [*recipe.steps[:index], *recipe.steps[index + 1 :]]
    rest.insert(to, moved)
    first = min(index, to)
    return recipe if index == to else _from(recipe, first, rest[first:])


def remove(recipe: Recipe, index: int) -> Recipe:
    """Without the step at `index`."""
    _check(recipe, index)
    return _from(recipe, index, list(recipe.steps[index + 1 :]))


def switch(recipe: Recipe, index: int, active: bool) -> Recipe:
    """With the step at `index` on or off; a step that is off stays in the list and does nothing."""
    entry = _check(recipe, index)
    if entry.active == active:
        return recipe
    changed = entry.model_copy(update={"active": active})
    return _from(recipe, index, [changed, *recipe.steps[index + 1 :]])


def _from(recipe: Recipe, index: int, later: list[RecipeStep]) -> Recipe:
    """The steps before `index` as they are, then these, with what they learned forgotten."""
    forgotten = [entry.model_copy(update={"learned": None}) for entry in later]
    return Recipe(steps=(*recipe.steps[:index], *forgotten))


def _check(recipe: Recipe, index: int) -> RecipeStep:
    if not 0 <= index < len(recipe.steps):
        raise BadParameter(
            "This recipe has {count} step; there is none at place {place}. | This recipe has "
            "{count} steps; there is none at place {place}.",
            count=len(recipe.steps),
            place=index + 1,
        )
    return recipe.steps[index]


class History(Frozen):
    """A recipe being edited: what it is, what it was, and what was undone."""

    present: Recipe = Recipe()
    undone: tuple[Recipe, ...] = ()  # the next to redo comes first
    past: tuple[Recipe, ...] = ()  # the latest comes last

    def change(self, recipe: Recipe) -> History:
        """With this recipe now; what had been undone is gone. The same recipe changes nothing."""
        if recipe == self.present:
            return self
        return History(present=recipe, past=(*self.past, self.present)[-REMEMBERED:])

    def undo(self) -> History:
        """One change back; the same history when there is none."""
        if not self.past:
            return self
        return History(present=self.past[-1], past=self.past[:-1], undone=(self.present, *self.undone))

    def redo(self) -> History:
        """One undone change again; the same history when there is none."""
        if not self.undone:
            return self
        return History(present=self.undone[0], past=(*self.past, self.present), undone=self.undone[1:])
