"""Sightline's pages and their order: nothing else.

`streamlit run app.py` serves one person on this machine; `make run` starts serve.py around it.
"""

from pathlib import Path

import streamlit as st

import ui.packages  # noqa: F401 - before anything that a thread may import
from ui.frame import guard, sidebar
from ui.hosts import stop_strangers
from ui.shell import FIRST
from ui.text import plain

st.set_page_config(page_title="Sightline", layout="wide", initial_sidebar_state="expanded")

stop_strangers()

HERE = Path(__file__).parent
st.logo(HERE / "ui" / "logo.svg", size="large")

PAGES = {
    "Data": [
        ("pages/data/add.py", "Add", "add"),
        ("pages/data/databases.py", "Databases", "databases"),
        ("pages/data/profile.py", "Profile", "profile"),
        ("pages/data/quality.py", "Quality", "quality"),
        ("pages/data/clean.py", "Clean", "clean"),
        ("pages/data/combine.py", "Combine", "combine"),
        ("pages/data/sql.py", "SQL", "sql"),
        ("pages/data/history.py", "History", "history"),
    ],
    "Explore": [
        ("pages/explore/charts.py", "Charts", "charts"),
        ("pages/explore/dashboard.py", "Dashboard", "dashboard"),
        ("pages/explore/findings.py", "Findings", "findings"),
    ],
    "Model": [
        ("pages/model/train.py", "Train", "train"),
        ("pages/model/runs.py", "Runs", "runs"),
        ("pages/model/evaluate.py", "Evaluate", "evaluate"),
        ("pages/model/predict.py", "Predict", "predict"),
    ],
}
page = st.navigation(
    {
        plain(section): [
            st.Page(place, title=plain(title), url_path=address, default=address == FIRST)
            for place, title, address in pages
        ]
        for section, pages in PAGES.items()
    },
    expanded=True,
)
with guard():
    sidebar()
with guard():
    page.run()
