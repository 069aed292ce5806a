"""A page with nothing but a picture, behind the real server's gate: python -m tests.browser.plot_app PORT"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>![x](http://evil.example/a) %{x} $a$ \u202eabc"
)
DAYS = ("2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05")


def figures() -> dict[str, Any]:
    """A picture of each kind, each point with its row of data."""
    import numpy as np
    import plotly.graph_objects as go

    from core.charts.drawing import colour_meta, shown

    bars = go.Figure(
        [
            go.Bar(
                x=["a", "b", "c"], y=[3, 5, 2], customdata=[[0], [1], [2]], name="one", meta=colour_meta(0)
            ),
            go.Bar(
                x=["a", "b", "c"], y=[1, 4, 6], customdata=[[3], [4], [5]], name="two", meta=colour_meta(1)
            ),
        ]
    )
    heat = go.Figure(
        go.Heatmap(
            x=[0, 1, 2, 3], y=[0, 10, 20], z=[[1, 2, 3], [4, 5, None]],
            customdata=np.array([[0, 1, 2], [3, 4, -1]]), autocolorscale=True,
        )
    )  # fmt: skip
    days = go.Figure(
        go.Scatter(x=list(DAYS), y=[1, 10, 100, 1000], mode="lines+markers", customdata=[0, 1, 2, 3])
    )
    days.update_yaxes(type="log")
    cloud = go.Figure(
        go.Scattergl(
            x=np.arange(3000.0), y=np.arange(3000.0) % 50, mode="markers", customdata=np.arange(3000)
        )
    )
    pie = go.Figure(go.Pie(labels=["a", "b", "c"], values=[2, 3, 5], customdata=[[0], [1], [2]], sort=False))
    tree = go.Figure(
        go.Treemap(labels=["all", "a", "b"], parents=["", "all", "all"], values=[5, 2, 3],
                   branchvalues="total", customdata=[[-1], [0], [1]])
    )  # fmt: skip
    flat = go.Figure(go.Bar(y=["a", "b", "c"], x=[3, 5, 2], orientation="h", customdata=[0, 1, 2]))
    box = go.Figure(
        go.Box(x=["a", "b"], q1=[1, 2], median=[2, 3], q3=[3, 4], lowerfence=[0, 1], upperfence=[5, 6],
               customdata=[[0], [1]])
    )  # fmt: skip
    flow = go.Figure(
        go.Sankey(node={"label": ["a", "b", "c"], "customdata": [0, 1, 2]},
                  link={"source": [0, 0], "target": [1, 2], "value": [3, 4], "customdata": [3, 4]})
    )  # fmt: skip
    hostile = go.Figure(
        go.Bar(x=[shown(HOSTILE, 200), "b"], y=[1, 2], customdata=[0, 1], name=shown(HOSTILE, 200))
    )
    hostile.update_layout(title={"text": shown(HOSTILE, 200)})
    found = {"bars": bars, "heat": heat, "days": days, "cloud": cloud, "pie": pie, "tree": tree, "flat": flat,
             "box": box, "flow": flow, "hostile": hostile}  # fmt: skip
    from plotly.subplots import make_subplots

    panels = make_subplots(rows=1, cols=2, shared_xaxes="all", shared_yaxes="all")
    for place in (0, 1):
        panels.add_trace(
            go.Scatter(x=[0, 1, 2], y=[5, 6, 7 + place], mode="markers",
                       customdata=[3 * place + n for n in range(3)]),
            row=1, col=place + 1,
        )  # fmt: skip
    return found | {"panels": panels}


def page() -> None:
    """One picture, what a person did last, and how often the page has run."""
    import streamlit as st

    from tests.browser.plot_app import HOSTILE, figures
    from ui.figures import show

    kind = st.query_params.get("figure", "bars")
    taken = st.session_state.setdefault("taken", [])
    if st.button("Another figure", key="another"):
        st.session_state["grown"] = True
    figure = figures()[kind]
    if st.session_state.get("grown"):
        figure.update_traces(opacity=0.9)
    event = show(
        figure, f"In words: {HOSTILE if kind == 'hostile' else kind}", key="picture", selected=taken,
        events=("mark", "region", "zoom"), axes=kind, label="The picture",
        menu=[("rows", "See its rows"), ("drop", HOSTILE)],
    )  # fmt: skip
    if event is not None and event.kind in ("mark", "region"):
        st.session_state["taken"] = sorted({*(taken if event.add else ()), *event.rows})
        st.session_state["last"] = event
        st.rerun()
    st.session_state["last"] = event or st.session_state.get("last")
    last = st.session_state["last"]
    st.text(f"taken {taken}")
    if last is not None:
        st.text(f"{last.kind} {list(last.rows)} {last.add} {last.action} {last.axes} {last.panel}")
        st.text(f"x {last.x} y {last.y}")


if __name__ == "__main__":
    import streamlit as st
    from starlette.middleware import Middleware
    from starlette.routing import Route

    from ui.gate import Gate
    from ui.plot import library
    from ui.transfer import ROUTES

    ROUTES.present = True
    app = st.App(
        Path(__file__).with_name("plot_page.py"),
        middleware=[Middleware(Gate)],
        routes=[Route(library.PATH, library.library)],
    )
    app.run(
        config={"server.port": int(sys.argv[1]), "server.fileWatcherType": "none", "server.headless": True}
    )
