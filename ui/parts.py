"""The parts of a column's rows: valid, invalid and empty ones, how many, and what can be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from core.contracts import Step
from core.meanings import Part
from core.profile import ColumnProfile
from ui.text import plain, t


@dataclass(frozen=True)
class Parts:
    """Rows of a column for its meaning; `invalid` is None where the meaning has no notion of it."""

    column: str
    meaning: str
    rows: int
    empty: int
    invalid: int | None

    @classmethod
    def of(cls, column: ColumnProfile) -> Parts:
        return cls(column.name, column.meaning, column.rows, column.missing, column.invalid)

    def count(self, part: Part) -> int:
        invalid = self.invalid or 0
        return {"empty": self.empty, "invalid": invalid, "valid": self.rows - self.empty - invalid}[part]


def limited(parts: Parts, part: Part, key: str) -> Step | Literal["all"] | None:
    """Say that only the rows of a part are shown, and offer the steps for them and the way back.

    Returns the step that was asked for, or "all" for all rows.
    """
    asked: Step | Literal["all"] | None = None
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.limited"):
        st.markdown(_words(parts, part), width="content")
        for number, (label, step) in enumerate(_steps(parts, part)):
            if st.button(label, key=f"{key}.limited.{number}", help=t("Add this step to the recipe")):
                asked = step
        if st.button(t("Show all rows"), key=f"{key}.unlimited", type="tertiary"):
            asked = "all"
    return asked


def _words(parts: Parts, part: Part) -> str:
    told = {"column": parts.column, "what": plain(parts.meaning), "rows": parts.count(part)}
    if part == "empty":
        return t("Only rows in which **{column}** is empty: {rows:,}.", **told)
    if parts.invalid is None:
        return t("Only rows in which **{column}** has a value: {rows:,}.", **told)
    if part == "invalid":
        return t("Only rows in which **{column}** is not valid as {what}: {rows:,}.", **told)
    return t("Only rows in which **{column}** is valid as {what}: {rows:,}.", **told)


def _steps(parts: Parts, part: Part) -> list[tuple[str, Step]]:
    """What can be done with the rows of a part, each as a step."""
    labels = {"keep": t("Keep these rows alone"), "drop": t("Drop these rows")}
    steps: list[tuple[str, dict[str, Any]]] = []
    if parts.invalid is None or part == "empty":
        operator = "is missing" if part == "empty" else "is not missing"
        condition = {"column": parts.column, "operator": operator}
        for action, label in labels.items():
            steps.append((label, {"kind": "filter_rows", "conditions": [condition], "action": action}))
    else:
        rule = {"column": parts.column, "meaning": parts.meaning, "part": part}
        for action, label in labels.items():
            steps.append((label, {"kind": "filter_valid", **rule, "action": action}))
        if part == "invalid":
            fix = {"kind": "clear_invalid", "columns": [parts.column], "meaning": parts.meaning}
            steps.append((t("Make the values missing"), fix))
    return [(label, Step.from_json(step)) for label, step in steps]
