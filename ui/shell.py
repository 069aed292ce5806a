"""The HTML that every address of the app is answered with: Streamlit's own, told where its server is.

Streamlit's page looks for its server beside the address it was opened at, so `/evaluate` would first
ask for `/evaluate/_stcore/health`, be told that there is none, and leave errors in the console.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent.parent / "pages"
FIRST = "add"  # the page that Streamlit shows at / and knows by no other address
_WHERE = '<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/" }</script>'

# Streamlit writes an address on the way to another page, the page's own, and what that page makes of it:
# what is written without a person having done anything since belongs to the step before.
_STEPS = """<script>(() => {
  let acted = false;
  const act = (event) => { acted ||= event.isTrusted; };
  for (const kind of ["pointerdown", "keydown", "click", "change", "drop"]) addEventListener(kind, act, true);
  addEventListener("popstate", () => { acted = false; }, true);
  const push = history.pushState;
  history.pushState = function (...given) {
    if (!acted) return history.replaceState(...given);
    acted = false;
    return push.apply(this, given);
  };
})()</script>"""


def addresses() -> list[str]:
    """The first part of every page's address, the first page's left out: the name of its file."""
    return sorted(place.stem for place in PAGES.glob("*/*.py") if place.stem != FIRST)


@cache
def html() -> str:
    """Streamlit's page with the server's address, and one step back for each act, ahead of its scripts."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    before, head, after = page.partition("<head>")
    return f"{before}{head}{_WHERE}{_STEPS}{after}"


@cache
def script_hashes() -> str:
    """The inline scripts of the page, as a content policy names them."""
    found = re.findall(r"<script>(.*?)</script>", html(), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]
    return " ".join(f"'sha256-{digest}'" for digest in hashes)
