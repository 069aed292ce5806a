"""The versions of a dataset: when each came about, how, and what it holds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.refresh import statement
from core.store import Version
from core.store.records import RuleResult
from core.wording import table_size
from ui import services, state
from ui.rules import MARKS, WORDS
from ui.text import said, t

SHOWN = 5
UNITS = ("B", "kB", "MB", "GB", "TB")


def listing(versions: Sequence[Version], current: str) -> None:
    """One line for each version, the newest first; opening one makes it the page's version."""
    numbers = {version.id: version.number for version in versions}
    outcomes = _outcomes(versions)
    everything = bool(state.get("history.all"))
    shown = versions if everything else versions[:SHOWN]
    for place, version in enumerate(shown):
        earlier = versions[place + 1] if place + 1 < len(versions) else None
        key = f"history.{version.id}"
        with st.container(
            border=True, key=key, horizontal=True, wrap=False, vertical_alignment="center", gap="small"
        ):
            told = _told(version, earlier, numbers)
            mark = f" {outcomes[version.id]}" if version.id in outcomes else ""
            name = t("Version {number}", number=version.number)
            st.markdown(f"**{name}**{mark}  \n:small[:gray[{told}]]", width="stretch")
            if text := statement(version):
                with st.popover("SQL", key=f"{key}.sql", type="tertiary"):
                    st.code(text, language="sql", wrap_lines=True)
            if version.id == current:
                st.markdown(f":gray[{t('shown')}]", width="content")
            elif st.button(t("Open"), key=f"{key}.open", type="tertiary"):
                state.set_address(version=version.id)
                st.rerun()
    rest = len(versions) - len(shown)
    if rest > 0 and st.button(t("Show {count} more", count=rest), key="history.more", type="tertiary"):
        state.put("history.all", True)
        st.rerun()


def _outcomes(versions: Sequence[Version]) -> dict[str, str]:
    """What the dataset's rules said of each version, as a mark."""
    found = services.store().list(RuleResult, services.owner(), dataset=versions[0].dataset)
    return {
        result.version: MARKS[result.outcome].format(t(WORDS[result.outcome])) for result in reversed(found)
    }


def _told(version: Version, earlier: Version | None, numbers: dict[str, int]) -> str:
    parts = [f"{version.created:%Y-%m-%d %H:%M} UTC"]
    parts.append(said(table_size(version.rows, len(version.columns))))
    if earlier is not None and earlier.rows != version.rows:
        parts.append(t("{count:+,} row | {count:+,} rows", count=version.rows - earlier.rows))
    parts.append(_size(version.bytes))
    if version.recipe is not None:
        steps = len(version.recipe.get("steps", []))
        where = numbers.get(version.parent or "")
        made = t("{count} step on version {number} | {count} steps on version {number}", count=steps,
                 number=where if where is not None else "?")  # fmt: skip
        parts.append(made)
    elif statement(version):
        again = (version.source or {}).get("again")
        parts.append(t("made by its statement, run again") if again else t("made by a statement"))
    elif version.origin:
        parts.append(t("read from {name}", name=version.origin))
    return " · ".join(parts)


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {UNITS[unit]}"
