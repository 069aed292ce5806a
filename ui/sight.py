"""What opens below what is in sight: the page moves down until its beginning can be read, and no further."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from ui import state
from ui.review import short

# What was shown when the page was opened stays where it is: a link does not begin in the middle.
_SCRIPT = """
export default function ({ data, parentElement }) {
  const known = (window.sightlineSeen ??= {});
  if (!data.turn || known[data.key] === data.turn) return;
  known[data.key] = data.turn;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const move = () => {
    const host = parentElement.host ?? parentElement;
    const place = host.closest(data.place);
    const main = host.closest('[data-testid="stMain"]');
    if (!place || !main) return;
    const { top, height } = place.getBoundingClientRect();
    const wanted = Math.min(height, data.share * main.clientHeight);
    const below = top + wanted - main.getBoundingClientRect().bottom;
    if (below > 0) main.scrollBy({ top: below, behavior: still ? "auto" : "smooth" });
  };
  setTimeout(move, 350);
}
"""


def into(key: str, place: str, what: str, share: float) -> None:
    """Bring the container with this key into sight when something else is shown there than before.

    `what` says what is shown; `share` is how much of the window it is given at most. This stands in the
    container, and comes and goes with it.
    """
    before = state.get(f"sight.{key}")
    turn = short(what)
    if before is None:  # the page was opened so
        state.put(f"sight.{key}", {"what": turn, "turn": ""})
    elif before["what"] != turn:
        state.put(f"sight.{key}", {"what": turn, "turn": turn})
    turn = state.get(f"sight.{key}")["turn"]
    _component()(
        key=f"sight.{key}.place", data={"key": key, "turn": turn, "place": place, "share": share}, height=0
    )


def nothing(key: str) -> None:
    """Nothing is shown there now: whatever is next is brought into sight."""
    state.put(f"sight.{key}", {"what": "", "turn": ""})


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("sightline.sight", js=_SCRIPT)
