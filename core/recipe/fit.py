"""A recipe made for one table, tried on another: what no longer fits, and what it learns differently.

found = fit(recipe, columns, table, engine)     # columns: those of the table it was made for
found.misfits                                   # steps that cannot work here, each with its reason
found.recipe                                    # those are switched off; the others have learned here
reapply(document, columns, table, engine)       # the same for work that nobody watches
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table, near
from core.errors import BadInput, Cancelled, SightlineError
from core.params import Frozen, fields
from core.recipe.compiled import Stage
from core.recipe.recipe import Recipe, RecipeStep, extended, result
from core.steps.columns import NewName, RenameColumns
from core.wording import Note, few, note, told

MOST_TOLD = 6  # constants of one step that are told one by one


class Misfit(Frozen):
    """Why a step cannot work on a table. `column` is one it needs that is not there."""

    number: int  # of the step, from 1
    step: Note
    said: Note
    column: str | None = None
    candidates: tuple[str, ...] = ()  # columns that may be meant; none where a step would have made it


class Difference(Frozen):
    """Something that is otherwise here than there, and stops no step."""

    number: int
    step: Note
    what: Literal["type", "constant"]
    said: Note


class Fit(Frozen):
    """How a recipe fits a table; `recipe` has its misfits switched off and everything learned."""

    recipe: Recipe
    misfits: tuple[Misfit, ...] = ()
    differences: tuple[Difference, ...] = ()

    def said(self) -> Note:
        """The steps that do not fit, in one sentence."""
        reasons = {str(misfit.said): misfit.said for misfit in self.misfits}
        return note(
            "{count} step does not fit this table: {steps}. | {count} steps do not fit this table: {steps}.",
            count=len({misfit.number for misfit in self.misfits}),
            steps=few(list(reasons.values()), most=3),
        )


def renamed(recipe: Recipe, names: Mapping[str, str]) -> Recipe:
    """The recipe for a table whose columns are called otherwise: column there -> column here.

    A first step gives them the names that the recipe knows.
    """
    chosen = tuple(NewName(column=here, name=there) for there, here in names.items() if here != there)
    if not chosen:
        return recipe
    return Recipe(steps=(RecipeStep(step=RenameColumns(names=chosen)), *recipe.steps))


def fit(
    recipe: Recipe,
    columns: Schema,
    table: Table,
    engine: Engine,
    *,
    names: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Fit:
    """Try a recipe that was made for a table with these columns on another table.

    `names`: what columns there are called here, see `renamed`. With `keep`, the steps keep the
    constants they learned there; else each learns here anew.
    """
    recipe, columns = renamed(recipe, names or {}), _as_there(columns, names or {})
    there = _stages_there(recipe, columns, table, engine)
    steps, stages = [], list[Stage]()
    misfits: list[Misfit] = []
    differences: list[Difference] = []
    for number, entry in enumerate(recipe.steps, start=1):
        if not entry.active:
            steps.append(entry)
            continue
        so_far, then = result(table, stages), there.get(number)
        used = _used(entry.step, then)
        wrong = _missing(number, entry.step, used, so_far, table, columns)
        if not wrong:
            try:
                fresh = _learned(entry, so_far, engine, keep=keep)
                extended(stages, number, fresh, table, engine)
            except Cancelled:
                raise
            except SightlineError as error:
                wrong = [Misfit(number=number, step=entry.step.describe(), said=told(error))]
        if wrong:
            misfits += wrong
            steps.append(entry.model_copy(update={"active": False}))
            continue
        steps.append(fresh)
        differences += _types(number, entry.step, used, then, so_far)
        if not keep:
            differences += _constants(number, entry, fresh, so_far.names())
    return Fit(recipe=Recipe(steps=tuple(steps)), misfits=tuple(misfits), differences=tuple(differences))


def reapply(
    document: Json,
    columns: Schema,
    table: Table,
    engine: Engine,
    *,
    names: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Fit:
    """A stored recipe on a new table, for work that nobody watches: BadInput when a step does not fit."""
    found = fit(Recipe.from_json(document), columns, table, engine, names=names, keep=keep)
    if found.misfits:
        raise BadInput(
            "{problem}",
            hint="Apply the recipe by hand on the Clean page, which says what to do about each.",
            problem=found.said(),
        )
    return found


def _as_there(columns: Schema, names: Mapping[str, str]) -> Schema:
    """The columns of the table there, as the first step of `renamed` wants them."""
    return tuple(c.model_copy(update={"name": names.get(c.name, c.name)}) for c in columns)


def _stages_there(recipe: Recipe, columns: Schema, table: Table, engine: Engine) -> dict[int, Stage]:
    """The steps compiled for the table they were made for, as far as that can be known."""
    cells = {
        column.name: exp.cast(exp.Null(), sql.STORAGE[column.type], dialect="duckdb") for column in columns
    }
    row = exp.alias_(exp.cast(exp.Null(), "BIGINT"), sql.ROW, quoted=True)
    nothing = Table(sql.select_values(cells).select(row).where(exp.false()), columns, table.others)
    stages: list[Stage] = []
    for number, entry in enumerate(recipe.steps, start=1):
        if entry.active:
            try:
                extended(stages, number, entry, nothing, engine)
            except Cancelled:
                raise
            except SightlineError:
                break  # it has learned nothing yet, or reads a table that is gone: the types stay unknown
    return {stage.number: stage for stage in stages}


def _used(step: Step, stage: Stage | None) -> list[str]:
    """The columns that a step names, and those that its query does more with than pass them on."""
    found = dict.fromkeys(_named(step))
    for node in stage.query.selects if stage else ():
        passed = node.unalias()
        if isinstance(passed, exp.Column) and passed.name == node.alias_or_name:
            continue
        known = {column.name for column in stage.before} if stage else set()
        found |= dict.fromkeys(one.name for one in node.find_all(exp.Column) if one.name in known)
    return list(found)


def _named(values: Any) -> list[str]:
    found: list[str] = []
    for field in fields(type(values)):
        value = getattr(values, field.name)
        if field.kind == "rows":
            found += [name for row in value for name in _named(row)]
        elif field.kind in ("column", "columns") and not field.of and value is not None:
            found += [value] if field.kind == "column" else list(value)
    return found


def _missing(
    number: int, step: Step, used: Sequence[str], so_far: Table, table: Table, columns: Schema
) -> list[Misfit]:
    here, there = set(so_far.names()), {column.name: column.type for column in columns}
    found = []
    for name in used:
        if name in here:
            continue
        own = name in there and name not in table.names()
        said = note("there is no column {column!r}", column=name)
        if not own:
            said = note("there is no column {column!r}, which an earlier step made", column=name)
        candidates = _candidates(name, there[name], table, there) if own else ()
        found.append(
            Misfit(number=number, step=step.describe(), said=said, column=name, candidates=candidates)
        )
    return found


def _candidates(
    name: str, kind: ColumnType, table: Table, there: Mapping[str, ColumnType]
) -> tuple[str, ...]:
    """Columns that are new here, the likeliest first: by their names, and of the same type before others."""
    new = {column.name: column.type for column in table.columns if column.name not in there}
    alike = near(name, new)
    return tuple(sorted(alike, key=lambda one: new[one] != kind))


def _learned(entry: RecipeStep, table: Table, engine: Engine, *, keep: bool) -> RecipeStep:
    entry.step.check(table.columns)
    if keep and entry.learned is not None:
        return entry
    return entry.model_copy(update={"learned": entry.step.learn(table, engine)})


def _types(
    number: int, step: Step, used: Sequence[str], then: Stage | None, so_far: Table
) -> list[Difference]:
    before = {column.name: column.type for column in then.before} if then else {}
    found = []
    for column in so_far.columns:
        kind = before.get(column.name, column.type)
        if column.name in used and kind != column.type:
            said = note(
                "{column!r} was {before} there and is {after} here",
                column=column.name, before=note(kind), after=note(column.type),
            )  # fmt: skip
            found.append(Difference(number=number, step=step.describe(), what="type", said=said))
    return found


def _constants(number: int, entry: RecipeStep, fresh: RecipeStep, names: Sequence[str]) -> list[Difference]:
    """What a step learned here that it had learned otherwise there, by the columns it is about."""
    if not entry.learned or not fresh.learned:
        return []
    before, after = _by_column(entry.learned, names), _by_column(fresh.learned, names)
    found: list[Note] = []
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            found += [
                note("{name}: {found}", name=name, found=said) if name else said
                for said in _changed(before.get(name, []), after.get(name, []))
            ]
    if len(found) > MOST_TOLD:
        found = [*found[:MOST_TOLD], note("and {count} more", count=len(found) - MOST_TOLD)]
    step = entry.step.describe()
    return [Difference(number=number, step=step, what="constant", said=said) for said in found]


def _changed(before: list[Any], after: list[Any]) -> list[Note]:
    """Categories are compared one by one; numbers and other constants as a whole."""
    if not all(isinstance(value, str) for value in (*before, *after)) or not (before and after):
        return [note("{before} there, {after} here", before=_few(before), after=_few(after))]
    new, gone = ([x for x in one if x not in other] for one, other in ((after, before), (before, after)))
    found = []
    if new:
        found.append(note("not seen there: {values}", values=_few(new)))
    if gone:
        found.append(note("not seen here: {values}", values=_few(gone)))
    return found or [note("in another order here")]


def _few(values: list[Any]) -> Any:
    return few([_text(value) for value in values] or ["–"], most=5)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = "–" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _by_column(value: Any, names: Sequence[str], at: str = "") -> dict[str, list[Any]]:
    """Plain constants, in order, under the column that they are about ("" where none is named)."""
    found: dict[str, list[Any]] = {}
    if isinstance(value, dict):
        inner = [(key if key in names else at, one) for key, one in value.items() if key != "others"]
    elif isinstance(value, list):
        inner = [(at, one) for one in value]
    else:
        return {at: [value]}
    for place, one in inner:
        for name, plain in _by_column(one, names, place).items():
            found.setdefault(name, []).extend(plain)
    return found
