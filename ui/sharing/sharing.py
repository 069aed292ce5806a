"""The Share button of a dashboard: make its page, download it, give a read-only link to it, take it back."""

from __future__ import annotations

import urllib.parse

import streamlit as st

from core.dashboards import Board, State
from core.errors import SightlineError
from core.offline import fitting
from core.offline.choices import FILTERS
from core.store import Dataset, Version
from core.store.files import readable
from core.store.records import Dashboard, Exported
from core.store.records import now as moment
from ui import services, state
from ui.sharing import exporting, links
from ui.text import message, plain, t
from ui.transfer import ROUTES, download


def share(dataset: Dataset, version: Version, record: Dashboard, board: Board, now: State) -> None:
    """The button and what it opens."""
    with st.popover(
        t("Share"), icon=":material/share:", key=f"dash.share.{record.id}", disabled=not board.tiles
    ):
        kept = exporting.newest(record)
        _make(dataset, version, record, board, now, kept)
        kept = exporting.newest(record)
        if kept is None:
            return
        _file(record, version, kept)
        _links(record)


def _make(
    dataset: Dataset, version: Version, record: Dashboard, board: Board, now: State, kept: Exported | None
) -> None:
    st.markdown(
        t("**One HTML file** shows this dashboard anywhere, without a network, with filters that work. "
          "It holds numbers, and the first rows of table tiles: give it to people who may see them.")
    )  # fmt: skip
    names = fitting(version.columns)
    before = [name for name in kept.filters if name in names] if kept else []
    chosen = st.multiselect(
        t("Filters of the page"), names, before, max_selections=FILTERS,
        key=f"dash.share.filters.{record.id}", placeholder=plain("columns to filter by"),
        help=t("Each shows one of its groups, or all rows. With fewer filters, each has more groups."),
    )  # fmt: skip
    label = t("Make the page again") if kept else t("Make the page")
    if not st.button(label, key="dash.share.make", type="primary"):
        return
    bar = st.progress(0.0, t("Counting"))
    try:
        exporting.make(dataset, version, record, board, now, chosen, bar.progress)
    except SightlineError as error:
        st.error(message(error))
    finally:
        bar.empty()


def _file(record: Dashboard, version: Version, kept: Exported) -> None:
    st.caption(
        t("Made {when} UTC, {size}. What has changed since is not in it.",
          when=f"{kept.created:%Y-%m-%d %H:%M}", size=readable(kept.bytes))
    )  # fmt: skip
    if kept.version != version.id:
        st.caption(t("It shows another version of the table than the screen does."))
    download(t("Download as HTML"), kept.object, f"{record.name}.html", key="dash.share.download")
    st.caption(
        t("As PDF: open it and press “Print, or save as PDF”; it prints what its filters show, on A4 paper.")
    )


def _links(record: Dashboard) -> None:
    store = services.store()
    st.markdown(t("**A read-only link** shows that page, and nothing else, to whoever has the link."))
    if not ROUTES.present:
        st.caption(t("Start Sightline with “make run” to give links."))
        return
    days = st.selectbox(
        t("Valid for"), links.DAYS, 2, key="dash.share.days",
        format_func=lambda one: plain("{count} day | {count} days", count=one),
    )  # fmt: skip
    if st.button(t("Make a link"), key="dash.share.link"):
        link, token = links.make(store, record, days)
        state.put("dash.share.told", {"link": link.id, "token": token})
    told = state.get("dash.share.told") or {}
    known = links.links(store, record)
    if told.get("link") in {link.id for link in known}:
        st.code(address(told["token"]), language=None, wrap_lines=True)
        st.caption(t("Copy it now: only its fingerprint is kept, so it cannot be shown again."))
    for link in known:
        with st.container(horizontal=True, vertical_alignment="center", key=f"dash.share.of.{link.id}"):
            when = f"{link.expires:%Y-%m-%d %H:%M}"
            words = t("Expired {when} UTC", when=when) if link.expires <= moment() else t(
                "Until {when} UTC", when=when
            )  # fmt: skip
            made = t("Link of {when}", when=f"{link.created:%Y-%m-%d %H:%M}")
            st.markdown(f"{made} · {words}", width="stretch")
            if st.button(t("Withdraw"), key=f"dash.share.withdraw.{link.id}"):
                links.withdraw(store, link)
                st.rerun()


def address(token: str) -> str:
    """The link as it is given to somebody: this server as the reader's browser calls it."""
    here = urllib.parse.urlsplit(st.context.url or "http://localhost")
    return f"{here.scheme}://{here.netloc}{links.PATH.format(token=token)}"
