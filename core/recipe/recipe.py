"""The recipe itself: steps in order, with what they learned.

A table is never changed: a recipe reads one version and yields another. What a step learns from
the table (a median, the categories) is kept beside the step, so the same recipe gives the same
answer on new rows.

    recipe = add(Recipe(), TrimText(columns=("name",)))
    recipe = recipe.learn(table, engine)        # constants, from this table
    cleaned = recipe.apply(table, engine)       # a Table: nothing has run yet
    recipe.apply(new_rows, engine)              # the same constants

The pandas script reads the table with Arrow types (`dtype_backend="pyarrow"`): of pandas' three
backends it is the one with the engine's own types and rules. A whole number stays whole beside
missing values, a missing value is one thing (not NaN, NaT and None), a day is a day, datetimes
have microseconds, and regular expressions are RE2 in both. The frame's index is the row order.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_serializer, field_validator, model_validator

import core.steps  # noqa: F401  (so that its members can be read back from JSON)
from core import sql
from core.contracts import Engine, Json, Step, Table
from core.errors import BadInput, BadParameter
from core.params import Frozen
from core.recipe.compiled import Stage, compile_step, compiled, in_step
from core.recipe.effects import Effect, effects

DEEPEST = 8  # levels of lists and objects in what a step learned
EXPORTED = Path("table.parquet")  # the table's name in exported code: the file people download
_IMPORTS = {
    "dt": "import datetime as dt",
    "hashlib": "import hashlib",
    "hmac": "import hmac",
    "json": "import json",
    "math": "import math",
    "np": "import numpy as np",
    "os": "import os",
    "pa": "import pyarrow as pa",
    "pc": "import pyarrow.compute as pc",
    "rapidfuzz": "import rapidfuzz.distance",
}


class RecipeStep(Frozen):
    """One step with its switch and the constants it learned (None: not learned yet)."""

    step: Step
    active: bool = True
    learned: dict[str, Json] | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"step": value} if isinstance(value, Mapping) and "kind" in value else value

    @field_validator("step", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return Step.from_json(value) if isinstance(value, Mapping) else value

    @field_validator("learned")
    @classmethod
    def _shallow(cls, value: Any) -> Any:
        """What each step accepts is for the step to say; no step learns anything deep."""
        level, depth = [value], 0
        while level:
            if depth > DEEPEST:
                raise ValueError(f"what a step learned must not be nested deeper than {DEEPEST} levels")
            nested = (item for item in level if isinstance(item, (dict, list)))
            level = [
                inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)
            ]
            depth += 1
        return value

    @field_serializer("step")
    def _write(self, step: Step) -> dict[str, Json]:
        return step.to_json()

    def constants(self) -> dict[str, Json]:
        """What was learned; an error when a step that must learn has not."""
        if self.learned is None and type(self.step).learn is not Step.learn:
            raise BadParameter(
                "This step has not learned its constants yet.",
                hint="Learn the recipe on a table before applying it.",
            )
        return self.learned or {}


class Recipe(Frozen):
    """Ordered steps; a value like any other: every change gives a new recipe."""

    steps: tuple[RecipeStep, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, document: Json) -> Recipe:
        """Read back what `to_json` wrote, or a bare list of steps, each as `Step.to_json` writes it.

        BadInput names the place that is wrong.
        """
        try:
            return cls.model_validate({"steps": document} if isinstance(document, list) else document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadInput(
                "This is not a recipe, at {place}: {rule}.",
                hint="A recipe looks like {shape}.",
                place=".".join(map(str, first["loc"])) or "its outermost level",
                rule=first["msg"],
                shape='{"steps": [{"step": {"kind": ...}, "active": true, "learned": null}, ...]}',
            ) from None

    def learn(self, table: Table, engine: Engine) -> Recipe:
        """Learn the constants of active steps that have none, each on the result of those before it."""
        steps = list(self.steps)
        stages: list[Stage] = []
        for index, entry in enumerate(steps):
            if not entry.active:
                continue
            if entry.learned is None:
                so_far = result(table, stages)
                with in_step(index + 1, entry.step):
                    entry.step.check(so_far.columns)
                    steps[index] = entry.model_copy(update={"learned": entry.step.learn(so_far, engine)})
            extended(stages, index + 1, steps[index], table, engine)
        return Recipe(steps=tuple(steps))

    def apply(self, table: Table, engine: Engine) -> Table:
        """The table that the recipe makes of this one: one query, which nothing has run yet."""
        return result(table, self.stages(table, engine))

    def stages(self, table: Table, engine: Engine) -> list[Stage]:
        """The active steps, compiled one upon the other."""
        stages: list[Stage] = []
        for number, entry in enumerate(self.steps, start=1):
            if entry.active:
                extended(stages, number, entry, table, engine)
        return stages

    def effects(self, table: Table, engine: Engine) -> tuple[Effect, ...]:
        """What each active step does to the rows, columns and cells of this table; runs one query."""
        return effects(table, self.stages(table, engine), engine)

    def sql(self, table: Table, engine: Engine) -> str:
        """The recipe as one SQL query over `table.parquet`, for DuckDB."""
        stages = self.stages(table, engine)
        others = {id: exported(table.other(id), exported_as(id)) for id in self.reads()}
        whole = compiled(exported(table, EXPORTED, others), stages)
        return sql.text(whole, pretty=True) + ";\n"

    def reads(self) -> tuple[str, ...]:
        """The ids of the other tables that the active steps read, each once."""
        found = (id for entry in self.steps if entry.active for id in entry.step.reads())
        return tuple(dict.fromkeys(found))

    def pandas(self, table: Table, engine: Engine) -> str:
        """The recipe as a Python script over `table.parquet`; its result is the data frame `df`."""
        blocks = []
        for stage in self.stages(table, engine):
            code = stage.step.pandas(stage.before, stage.learned).strip("\n")
            blocks.append(f"# {stage.number}. {one_line(str(stage.step.describe()))}\n{code}\n")
        body = "\n".join(blocks)
        # names of the code itself: what stands in its texts and comments needs no import
        used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
        imports = [line for alias, line in _IMPORTS.items() if alias in used]
        head = "\n".join([*imports, "import pandas as pd"])
        read = f'df = pd.read_parquet("{EXPORTED}", dtype_backend="pyarrow")'
        for number, id in enumerate(self.reads()):
            read += "\nothers = {}" if not number else ""
            place = str(exported_as(id))
            read += f'\nothers[{id!r}] = pd.read_parquet("{place}", dtype_backend="pyarrow")'
        return f"{head}\n\n{read}\n\n{body}\ndf = df.reset_index(drop=True)\n"


def exported_as(id: str) -> Path:
    """The file in which exported code looks for another table."""
    return Path(f"{sql.other(id)}.parquet")


def exported(table: Table, place: Path, others: Mapping[str, Table] | None = None) -> Table:
    """The table as exported code reads it."""
    return Table(sql.parquet(place, table.names()), table.columns, others or {})


def one_line(text: str) -> str:
    """Text fit for a comment: one line, whatever it holds."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def result(table: Table, stages: list[Stage]) -> Table:
    """The table after these stages: one query, which nothing has run yet."""
    columns = stages[-1].after if stages else table.columns
    return Table(compiled(table, stages), columns, table.others)


def extended(stages: list[Stage], number: int, entry: RecipeStep, table: Table, engine: Engine) -> None:
    """Add a step, with what it learned, to the stages before it."""
    with in_step(number, entry.step):
        learned = entry.constants()
    source, columns = (stages[-1].relation, stages[-1].after) if stages else ("base", table.columns)
    stages.append(compile_step(number, entry.step, learned, source, columns, engine, table))
