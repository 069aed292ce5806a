"""Add data: your own file, a sample, or a made data set."""

import streamlit as st

from core.store import Dataset
from ui import services, state
from ui.datasets import listing
from ui.frame import header, link, next_link
from ui.intake import files, readings
from ui.made import made, samples
from ui.text import t

WAYS = {
    "file": (
        "Your own file",
        "CSV, Excel, JSON, Parquet and more. You see first how it is read.",
    ),
    "sample": ("A sample", "Real data on marketing, customers, risk, people and prices, one click away."),
    "made": ("A made data set", "A line, moons, a spiral and others: data whose truth is known."),
}
SECTIONS = {"file": files, "sample": samples, "made": made}

datasets = services.store().list(Dataset, services.owner())
if datasets:
    header("Add data", "Bring a file, take a sample, or make a data set.")
else:
    header("Welcome to Sightline", "From a table to a model you can trust. Three ways to begin:")

way = state.address("from") if state.address("from") in WAYS else "file"
for place, (name, (title, text)) in zip(st.columns(3), WAYS.items(), strict=True):
    with place.container(border=True, height="stretch", key=f"add.way.card.{name}"):
        st.markdown(f"**{t(title)}**  \n:gray[{t(text)}]")
        chosen = st.button(
            t("Begin here"), key=f"add.way.{name}", type="primary" if name == way else "secondary"
        )
    if chosen:
        state.set_address(**{"from": name})
        st.rerun()

link("pages/data/databases.py", "Read from a database", key="add.databases")
readings()
SECTIONS[way]()
if datasets:
    listing(datasets)
    next_link("pages/data/profile.py", "Look at the data", "What it holds, and what is worth mending.")
