"""Findings: what the table shows beyond chance, each with its number and its chart."""

import streamlit as st

from ui import found, linked
from ui.frame import dataset_bar, header, next_link
from ui.summary import stored_profile
from ui.text import t

header("Findings", "What the table shows beyond chance, the strongest first: each with its number and chart.")
dataset, version = dataset_bar()
of = linked.read("of", version)
found.which(version, of)
told = found.search(version, stored_profile(version), of)
if told is not None:
    found.looked(told)
    if told.findings:
        found.listed(version, told, of)
    elif told.rows < found.FEW:
        st.info(
            t("These are fewer than {least} rows: too few to tell anything from chance.", least=found.FEW)
        )
    else:
        st.info(
            t("Nothing here goes beyond chance: its columns may well have nothing to do with each other.")
        )

next_link("pages/explore/charts.py", "Charts", "Draw what you want to see for yourself.")
