"""The Share button of a dashboard: make its page, download it, give read-only links to it, take them back."""

from __future__ import annotations

import urllib.parse

import streamlit as st

from core.dashboards import Board, State
from core.errors import NotFound
from core.offline import Wanted, fitting, following
from core.offline.choices import FILTERS
from core.store import Version
from core.store.files import readable
from core.store.records import Dashboard, Exported, Link
from ui import services, state
from ui.dashboards.shown import Shown
from ui.sharing import links, making
from ui.text import plain, t
from ui.transfer import ROUTES, download


def wanted_of(
    known: Shown, record: Dashboard, board: Board, now: State, filters: tuple[str, ...] = ()
) -> Wanted:
    """The page of what is on the screen."""
    return Wanted.of(
        board, now, known.own, dashboard=record.id, title=record.name, filters=filters, beside=known.ids(),
        **making.looks(),
    )  # fmt: skip


def share(known: Shown, record: Dashboard, board: Board, now: State) -> None:
    """The button and what it opens."""
    with st.popover(
        t("Share it"), icon=":material/share:", key=f"dash.share.{record.id}", disabled=not board.tiles
    ):
        wanted = wanted_of(known, record, board, now, _filters(known.own, record))
        making.personal(wanted, known.own, "dash.share")
        for table, version in known.beside.items():
            making.personal(wanted, version, f"dash.share.{table}", table)
        _page(record, wanted)
        _links(record, board, now, wanted)


def _filters(version: Version, record: Dashboard) -> tuple[str, ...]:
    st.markdown(
        t("**One HTML file** shows this dashboard anywhere, without a network, with filters that work. "
          "It holds numbers, and the first rows of table tiles: give it to people who may see them.")
    )  # fmt: skip
    chosen = st.multiselect(
        t("Filters of the page"), fitting(version.columns), max_selections=FILTERS,
        key=f"dash.share.filters.{record.id}", placeholder=plain("columns to filter by"),
        help=t("Each shows one of its groups, or all rows. With fewer filters, each has more groups."),
    )  # fmt: skip
    return tuple(chosen)


def _page(record: Dashboard, wanted: Wanted) -> None:
    kept = making.made(wanted)
    if kept is None:
        busy = making.underway(wanted)
        if st.button(t("Make the page"), key="dash.share.make", type="primary", disabled=busy):
            making.ask(wanted, services.owner())
            st.rerun()
        making.page(wanted, "dash.share.job")
        return
    st.caption(
        t("Made {when} UTC, {size}.", when=f"{kept.created:%Y-%m-%d %H:%M}", size=readable(kept.bytes))
    )
    download(t("Download as HTML"), kept.object, f"{record.name}.html", key="dash.share.download")


def _links(record: Dashboard, board: Board, now: State, wanted: Wanted) -> None:
    store = services.store()
    st.markdown(
        t("**A read-only link** shows that page, and nothing else, to whoever has the link. It follows the "
          "dashboard and the newest version of its table, until you freeze it.")
    )  # fmt: skip
    if not ROUTES.present:
        st.caption(t("Start Sightline with “make run” to give links."))
        return
    if now != board.state():
        st.caption(t("A link shows the dashboard as it is kept: save what is filtered and selected first."))
    days = st.selectbox(t("Valid for"), links.DAYS, 1, key="dash.share.days", format_func=_days)
    if st.button(t("Make a link"), key="dash.share.link"):
        link, token = links.make(store, record, days, filters=wanted.filters, **making.looks())
        state.put("dash.share.told", {"link": link.id, "token": token})
        if (lacks := following.shown(store, link)[1]) is not None and not making.underway(lacks):
            making.ask(lacks, link.owner)
    told = state.get("dash.share.told") or {}
    for link in links.links(store, record):
        with st.container(border=True, key=f"dash.share.of.{link.id}"):
            if told.get("link") == link.id:
                st.code(address(told["token"]), language=None, wrap_lines=True)
                st.caption(t("Copy it now: only its fingerprint is kept, so it cannot be shown again."))
            _link(link)


def _days(days: int | None) -> str:
    return plain("until it is withdrawn") if days is None else plain("{count} day | {count} days", count=days)


def _link(link: Link) -> None:
    """One link: until when, when it was opened last, what it shows; frozen, let go, withdrawn."""
    store = services.store()
    try:
        page, lacks = following.shown(store, link)
    except NotFound:  # its table is gone
        page, lacks = None, None
    st.markdown("  \n".join(_facts(link, page)))
    if lacks is not None and making.underway(lacks):
        making.page(lacks, f"dash.share.making.{link.id}")
    with st.container(horizontal=True):
        if not link.follows:
            if st.button(t("Follow the dashboard again"), key=f"dash.share.follow.{link.id}"):
                links.freeze(store, link, None)
                st.rerun()
        elif st.button(
            t("Freeze"), key=f"dash.share.freeze.{link.id}", disabled=page is None,
            help=t("It goes on showing the page as it is now."),
        ):  # fmt: skip
            links.freeze(store, link, page)
            st.rerun()
        if st.button(t("Withdraw"), key=f"dash.share.withdraw.{link.id}"):
            links.withdraw(store, link)
            st.rerun()


def _facts(link: Link, page: Exported | None) -> list[str]:
    when = "" if link.expires is None else f"{link.expires:%Y-%m-%d %H:%M}"
    until = t("Valid until it is withdrawn") if link.expires is None else t("Until {when} UTC", when=when)
    if links.over(link):
        until = t("Expired {when} UTC", when=when)
    opened = "" if link.opened is None else f"{link.opened:%Y-%m-%d %H:%M}"
    shows = t("Its page is not made yet")
    if page is not None:
        made = {"when": f"{page.created:%Y-%m-%d %H:%M}", "number": page.number}
        shows = (
            t("Shows version {number}, as of {when} UTC", **made) if link.follows
            else t("Frozen: shows version {number}, as of {when} UTC", **made)
        )  # fmt: skip
    return [
        f"**{t('Link of {when}', when=f'{link.created:%Y-%m-%d %H:%M}')}** · {until}",
        shows,
        t("Last opened {when} UTC", when=opened) if opened else t("Not opened yet"),
    ]


def address(token: str) -> str:
    """The link as it is given to somebody: this server as the reader's browser calls it."""
    here = urllib.parse.urlsplit(st.context.url or "http://localhost")
    return f"{here.scheme}://{here.netloc}{links.PATH.format(token=token)}"
