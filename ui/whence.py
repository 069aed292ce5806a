"""Where a number comes from: the table's version, the steps before it, the filters, the rows."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.selection import Selection
from core.store import Dataset, Version
from ui import services
from ui.behind import count_of
from ui.provenance import steps_before
from ui.text import plain, plain_said, said, t


def whence(version: Version, selections: Sequence[Selection], key: str) -> None:
    """A small button that opens where what stands beside it was counted from."""
    rows = count_of(version, selections) if selections else version.rows
    with st.popover(
        t("Where this comes from"), icon=":material/info:", type="tertiary", key=key,
    ):  # fmt: skip
        listed([*table_lines(version), *row_lines(version, selections, rows)])


def listed(lines: Sequence[str]) -> None:
    """One thing a line."""
    st.markdown("\n".join(f"- {line}" if not line.startswith("  ") else line for line in lines))


def table_lines(version: Version) -> list[str]:
    """The table, its version and the steps that made it, for Markdown."""
    dataset = services.store().get(Dataset, version.dataset, services.owner())
    found = [t("Table: {name}, version {number}", name=dataset.name, number=version.number)]
    steps = [said(step) for step in steps_before(version)]
    found.append(t("Steps before it: {steps}", steps=plain("none")) if not steps else t("Steps before it:"))
    return found + [f"  - {step}" for step in steps]


def row_lines(version: Version, selections: Sequence[Selection], rows: int | None) -> list[str]:
    """The conditions that the rows meet, and how many they are."""
    found = [
        t("Only rows where {what}", what=plain_said(one.describe(version.columns))) for one in selections
    ]
    return found if rows is None else [*found, t("Rows: {rows:,} of {all:,}", rows=rows, all=version.rows)]
