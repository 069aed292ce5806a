"""The datasets of this owner: open, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import readers
from core.store import Dataset, tables
from core.wording import Note, table_size
from ui import services, state
from ui.frame import link
from ui.text import md, said, t
from ui.transfer import download_table

SHOWN = 12
NAMED = 12  # of what reads a dataset, or goes with it


def listing(datasets: Sequence[Dataset]) -> None:
    """One line for each dataset, the newest first."""
    st.subheader(t("Your datasets"), anchor=False)
    shown = datasets if state.get("datasets.all") else datasets[:SHOWN]
    for dataset in shown:
        _line(dataset)
    if len(shown) < len(datasets):
        rest = len(datasets) - len(shown)
        if st.button(t("Show {count} more", count=rest), key="datasets.more", type="tertiary"):
            state.put("datasets.all", True)
            st.rerun()


def _line(dataset: Dataset) -> None:
    store, owner = services.store(), services.owner()
    versions = tables.versions(store, dataset.id, owner)
    key = f"datasets.{dataset.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        size = table_size(versions[0].rows, len(versions[0].columns))
        said = t("{size}, version {number}", size=size, number=versions[0].number)
        st.markdown(f"**{md(dataset.name)}**  :gray[{said}]", width="stretch")
        link("pages/data/profile.py", "Open", key=f"{key}.open", dataset=dataset.id, version=versions[0].id)
        with st.popover("⋯", key=f"{key}.more", type="tertiary"):
            download_table(versions[0], dataset.name, key=f"{key}.download")
            name = st.text_input(t("Name"), dataset.name, key=f"{key}.name")
            if st.button(t("Rename"), key=f"{key}.rename", disabled=name == dataset.name):
                tables.rename(store, dataset.id, owner, name)
                st.rerun()
            sure = st.checkbox(t("Delete it with its versions, charts and runs"), key=f"{key}.sure")
            if sure:
                _warning(dataset)
            if st.button(t("Delete"), key=f"{key}.delete", disabled=not sure):
                tables.remove(store, dataset.id, owner)
                if state.address("dataset") == dataset.id:
                    state.set_address(dataset=None, version=None, run=None)
                st.rerun()


def _warning(dataset: Dataset) -> None:
    """What reads the dataset and what goes with it, by name, before it is removed."""
    found = readers.readers(services.store(), services.owner(), dataset.id)
    if found.broken:
        st.warning(t("These read it, and will not find it any more:") + "\n" + _lines(found.broken))
    else:
        st.caption(t("Nothing else reads it."))
    if found.gone:
        st.markdown(t("These go with it:") + "\n" + _lines(found.gone))


def _lines(notes: Sequence[Note]) -> str:
    lines = [said(note) for note in notes[:NAMED]]
    if len(notes) > NAMED:
        lines.append(t("and {count:,} more", count=len(notes) - NAMED))
    return "\n" + "\n".join(f"- {line}" for line in lines)
