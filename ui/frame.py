"""What every page wears: header, dataset bar, empty and error states, the "next" link."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from typing import Any

import streamlit as st

from core.errors import NotFound, SightlineError
from core.store import Dataset, Version
from core.wording import table_size
from ui import services, state
from ui.text import LANGUAGES, language, md, message, plain, said, t, worded

ADD = "pages/data/add.py"
_STYLE = """
<style>
.block-container {padding-top: 2.6rem; padding-bottom: 4rem; max-width: 1360px;}
[data-testid="stMetricValue"] {font-size: 1.45rem;}
[data-testid="stMetricDelta"] {font-size: 0.78rem; padding: 0 0.3rem;}
.st-key-train-result [data-testid="stMetric"] {padding: 0.7rem;}
[data-testid="stSidebarHeader"] {padding-bottom: 0;}
.st-key-sql-beside button, .st-key-sql-beside button p {justify-content: flex-start; text-align: left;}
@media (max-width: 1000px) {
  .block-container {padding-left: 1.2rem; padding-right: 1.2rem;}
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) {flex-wrap: wrap;}
  [data-testid="stColumn"] {min-width: min(15rem, 100%);}
  .st-key-frame-bar [data-testid="stColumn"] {min-width: 8rem;}
  [data-testid="stColumn"]:has([class*="st-key-dash-tile-"]) {min-width: min(22rem, 100%);}
  .st-key-train-numbers [data-testid="stColumn"] {min-width: 7rem;}
  .st-key-train-curves [data-testid="stColumn"] {min-width: 100%;}
  [class*="st-key-evaluate-pictures"] [data-testid="stColumn"] {min-width: 100%;}
}
</style>
"""


def header(title: str, summary: str) -> None:
    """The page's title and one sentence on what it is for; both English texts, translated here."""
    st.html(_STYLE)
    st.title(t(title), anchor=False)
    st.markdown(f":gray[{t(summary)}]")


@contextmanager
def guard() -> Iterator[None]:
    """Turn what goes wrong into words: a SightlineError says itself, a defect gets a reference."""
    try:
        yield
    except SightlineError as error:
        st.error(message(error))
    except Exception as error:  # noqa: BLE001 - the outermost door: it logs what it catches
        st.error(defect_message(defect(error)))


def defect_message(reference: str) -> str:
    return t(
        "This did not work because of a defect in Sightline. Your data is safe. "
        "Reference {reference}; the log in {place} says more.",
        reference=reference,
        place=services.store().home / "logs",
    )


def defect(error: BaseException) -> str:
    """Write an unexpected error to the log; returns the reference under which it is found."""
    reference = secrets.token_hex(4)
    lines = "".join(traceback.format_exception(error))
    _log().error("reference %s\n%s", reference, lines)
    return reference


def _log() -> logging.Logger:
    log = logging.getLogger("sightline")
    place = services.store().home / "logs" / "sightline.log"
    if not any(getattr(handler, "baseFilename", "") == str(place) for handler in log.handlers):
        place.parent.mkdir(parents=True, exist_ok=True)
        writer = RotatingFileHandler(place, maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True)
        writer.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.handlers = [h for h in log.handlers if not isinstance(h, RotatingFileHandler)] + [writer]
    return log


def link(page: str, label: str, *, key: str, primary: bool = False, **address: str) -> None:
    """A button to another page; dataset, version and language go with it. The label is translated."""
    if st.button(t(label), key=key, type="primary" if primary else "secondary"):
        st.switch_page(page, query_params={**state.kept(), **address})


def next_link(page: str, label: str, summary: str = "") -> None:
    """The way on, at the end of a page."""
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        link(page, label, key=f"next.{page}", primary=True)
        if summary:
            st.markdown(f":gray[{t(summary)}]")


def empty(title: str, text: str, page: str, label: str) -> None:
    """Nothing here yet: says what to do and leads there. Ends the page."""
    with st.container(border=True, key="frame.empty"):
        st.subheader(t(title), anchor=False)
        st.markdown(t(text))
        link(page, label, key="frame.empty.go", primary=True)
    st.stop()


def dataset_bar() -> tuple[Dataset, Version]:
    """The dataset and version this page works on, chosen here and kept in the address.

    Without any dataset the page ends here with the way to add one.
    """
    from ui.summary import personal_badge

    store, owner = services.store(), services.owner()
    datasets = store.list(Dataset, owner)
    if not datasets:
        empty(
            "There is no data yet",
            "Add a table first: your own file, a sample, or a made data set.",
            ADD,
            "Add data",
        )
    names = {item.id: item.name for item in datasets}
    wanted = state.address("dataset")
    if wanted is not None and wanted not in names:
        st.warning(t("The dataset in this address does not exist, or is not yours. Choose another one."))
    chosen = wanted if wanted in names else datasets[0].id
    state.set_address(dataset=chosen)
    with st.container(border=True, key="frame.bar"):
        left, middle, right = st.columns([5, 3, 4], vertical_alignment="bottom")
        with left:
            _picker("Dataset", "dataset", names, chosen)
        with middle:
            version = _version(chosen)
        size = said(table_size(version.rows, len(version.columns)))
        right.markdown(f"{size} {personal_badge(version)}")
    return store.get(Dataset, chosen, owner), version


def _version(dataset: str) -> Version:
    versions = services.store().list(Version, services.owner(), dataset=dataset)
    if not versions:
        raise NotFound("This dataset has no stored version.", hint="Add the data again.")
    ordered = {item.id: item for item in sorted(versions, key=lambda item: -item.number)}
    newest = next(iter(ordered))
    wanted = state.address("version")
    chosen = wanted if wanted in ordered else newest
    state.set_address(version=chosen)
    names = {key: str(item.number) for key, item in ordered.items()}
    names[newest] = plain("{number} (newest)", number=ordered[newest].number)
    _picker("Version", "version", names, chosen)
    return ordered[chosen]


def _picker(label: str, address: str, names: dict[str, str], chosen: str) -> None:
    """A select box that shows what the address says and writes there what is chosen."""
    key = f"frame.{address}"
    state.put(key, chosen)

    def change() -> None:
        forget = {"version": None, "run": None} if address == "dataset" else {}
        state.set_address(**{**forget, address: state.get(key)})

    st.selectbox(
        t(label), list(names), format_func=lambda item: names.get(item, item), key=key, on_change=change
    )


def preview(rows: Any, *, key: str, height: int | str = "auto") -> None:
    """A small Arrow table, read only, with its columns' names as they are."""
    with st.container(key=key):
        st.dataframe(rows, hide_index=True, height=height, width="stretch", placeholder="–")


def sidebar() -> None:
    """What runs now, and the language."""
    with st.sidebar:
        _activity()
        _picker("Language", "lang", LANGUAGES, language())


@st.fragment(run_every=2)
def _activity() -> None:
    """Jobs that are queued or running, seen from every page."""
    active = services.jobs().active(services.owner())
    if active:
        services.jobs().ensure_supervisor()  # where it was killed, a new one says which jobs died
    for job in active:
        st.progress(job.progress or 0.0, text=md(f"{worded(job.title)} · {plain(job.state)}"))
