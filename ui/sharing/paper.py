"""PDF: one press makes the offline page, opens it out of sight, and with it the browser's own printing.

What is printed is text and vectors, in the fonts of the reader's machine; "Save as PDF" is one of the
printers that every browser has.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any

import streamlit as st

from core.offline import Wanted
from core.store.records import Exported
from ui import services, state
from ui.sharing import making
from ui.text import plain, t
from ui.transfer import ROUTES

ADDRESS = "/print/{page}"

# The frame stays where it is until the next one: a dialog may be open for as long as it likes.
_SCRIPT = """
export default function ({ data }) {
  const before = document.getElementById("sightline-print");
  if (before && before.dataset.turn === data.turn) return;
  if (before) before.remove();
  const frame = document.createElement("iframe");
  frame.id = "sightline-print";
  frame.dataset.turn = data.turn;
  frame.title = data.title;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  // in the window, though not seen: a frame outside of it would not be drawn
  frame.style.cssText =
    "position:fixed;left:0;top:0;width:1280px;height:900px;border:0;opacity:0;pointer-events:none;z-index:-1";
  frame.src = data.address;
  document.body.append(frame);
}
"""


def pdf(wanted: Wanted, key: str) -> None:
    """The button; the page is made where it is not yet."""
    if not ROUTES.present:
        st.button(t("PDF"), icon=":material/print:", key=key, disabled=True,
                  help=t("Start Sightline with “make run” to print."))  # fmt: skip
        return
    if st.button(
        t("PDF"), icon=":material/print:", key=key,
        help=t("Opens the browser's print dialog; choose “Save as PDF” there."),
    ):  # fmt: skip
        state.put(f"{key}.asked", {"of": wanted.digest(), "turn": secrets.token_hex(4)})
        if making.made(wanted) is None and not making.underway(wanted):
            making.ask(wanted, services.owner())


def printed(wanted: Wanted, key: str) -> None:
    """Where the progress stands after the button was pressed, and then the way to the print dialog."""
    asked = state.get(f"{key}.asked") or {}
    if asked.get("of") != wanted.digest():
        return
    found = making.page(wanted, f"{key}.job")
    if found is None:
        return
    _component()(
        key=f"{key}.frame",
        data={"address": address(found), "turn": asked["turn"], "title": plain("The page to print")},
    )
    st.link_button(
        t("Open the page to print it"), address(found), type="tertiary", key=f"{key}.open",
        help=t("If no print dialog has opened: your browser may have blocked it."),
    )  # fmt: skip


def address(page: Exported) -> str:
    """Where the page prints itself."""
    return f"{ADDRESS.format(page=page.id)}#print"


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("sightline.paper", js=_SCRIPT)
