"""History: the versions of a dataset, where each comes from, and what differs between two tables."""

import streamlit as st

from core import refresh
from core.store import tables
from ui import services
from ui.compare import ask, compared
from ui.differences import show
from ui.frame import dataset_bar, header, next_link
from ui.lineage import drawn
from ui.refreshing import made_again
from ui.text import t
from ui.versions import listing

header("History", "The versions of a dataset, how each came about, and what differs between two of them.")
dataset, version = dataset_bar()
versions = tables.versions(services.store(), dataset.id, services.owner())

st.subheader(t("Versions"), anchor=False)
listing(versions, version.id)
made = refresh.origin(services.store(), dataset.id, services.owner())
if made is not None and refresh.statement(made):
    made_again(dataset, made)

st.subheader(t("Where it comes from"), anchor=False)
drawn(version)

st.subheader(t("Compare"), anchor=False)
asked = ask(version)
if asked is not None:
    before, after, key = asked
    found = compared(before, after, key)
    if found is not None:
        show(found)

next_link("pages/data/quality.py", "Check the quality", "Say what must hold in each version.")
