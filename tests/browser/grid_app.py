"""A page with nothing but a grid, behind the real server's gate: python -m tests.browser.grid_app PORT"""

from __future__ import annotations

import sys
from pathlib import Path

HOSTILE = "<img src=x onerror=alert(1)>![x](http://evil.example/a)\u202eabc"
TEXTS = [
    "<script>alert(1)</script>",
    "  two\nlines\t",
    "𝒳🙂 after",
    None,
    "long " * 1000,
    "\u202eright to left",
    "\x00\x07",
    "",
]


def page() -> None:
    """A table with hostile names and cells; below it what a person did last."""
    import pyarrow as pa
    import streamlit as st

    from ui.grid import Bars, HeaderInfo, Values, grid, place

    hostile, texts, count = HOSTILE, TEXTS, 250
    rows = {
        hostile: [texts[n % len(texts)] for n in range(count)],
        "n" * 500: [n / 3 for n in range(count)],
        "day": list(range(count)),
    }
    rows |= {f"column {n}": [str(n)] * count for n in range(120)}
    table = pa.table(rows)
    heads = {
        hostile: HeaderInfo(
            hostile, "text", "category", rows=100, empty=5, invalid=15,
            picture=Values(((hostile, 50), ("<b>b</b>", 20)), 95, "and 3 more"),
            words=hostile, note="<i>new</i>",
        ),
        "n" * 500: HeaderInfo(
            "n" * 500, "number", rows=100, empty=0, picture=Bars((1, 0, 9), ("a", "b", "<c>"), "0", "83")
        ),
    }  # fmt: skip
    at = place("grid", rows=count, columns=len(rows), size=100)
    names = at.names(table.column_names)
    part = table.slice(at.first, at.rows).select(names)
    changed = {hostile: {0: "<b>before</b>", 1: None}, "gone": {0: 1}}
    event = grid(
        part,
        [heads.get(name, HeaderInfo(name, "text")) for name in names],
        key="grid",
        page=at,
        changed=changed,
    )
    st.text(f"first {at.first} left {at.left}")
    if event is not None:
        st.text(
            f"{event.kind} {names.index(event.column)} {event.row} {event.segment} {event.start} {event.end}"
        )


if __name__ == "__main__":
    import streamlit as st
    from starlette.middleware import Middleware

    from ui.gate import Gate

    app = st.App(Path(__file__).with_name("grid_page.py"), middleware=[Middleware(Gate)])
    app.run(
        config={"server.port": int(sys.argv[1]), "server.fileWatcherType": "none", "server.headless": True}
    )
