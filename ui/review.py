"""What reviews share: the rows they look at, pages of findings, and values shown so that spaces are seen."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from core.contracts import Table
from core.recipe import Recipe
from core.store import Version, tables
from ui import services, state
from ui.text import plain, t

T = TypeVar("T")
_UNSEEN = re.compile(r"^\s+|\s+$|\s{2,}|[^\S ]")


@dataclass(frozen=True)
class Rows:
    """The rows that a step begins with: a version, and the steps before it as JSON."""

    version: str
    before: str

    def table(self, owner: str) -> Table:
        """All rows of the version, after the steps before."""
        store, engine = services.store(), services.engine()
        table = tables.table(store, store.get(Version, self.version, owner))
        return Recipe.from_json(json.loads(self.before)).learn(table, engine).apply(table, engine)


def seen(value: str) -> str:
    """A value as it is shown: an open box for each space that could not be seen; "(empty)"."""
    if not value:
        return plain("(empty)")
    return _UNSEEN.sub(lambda found: "\u2423" * len(found[0]), value)


def short(text: str) -> str:
    """A few letters that stand for a text in the key of a widget."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def page_of(found: Sequence[T], size: int, *, key: str) -> Sequence[T]:
    """Some of the findings, with buttons to the others where there are more."""
    last = max(0, (len(found) - 1) // size)
    page = min(state.get(f"{key}.page") or 0, last)
    if last:
        with st.container(horizontal=True, vertical_alignment="center"):
            before = st.button("‹", key=f"{key}.before", disabled=page == 0, help=t("The ones before"))
            shown = t(
                "{first:,} to {last:,} of {count:,}",
                first=page * size + 1, last=min(len(found), page * size + size), count=len(found),
            )  # fmt: skip
            st.caption(shown, width="content")
            after = st.button("›", key=f"{key}.after", disabled=page == last, help=t("The next ones"))
        if before or after:
            state.put(f"{key}.page", page + (1 if after else -1))
            st.rerun()
    return found[page * size : page * size + size]
