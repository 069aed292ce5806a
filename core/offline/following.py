"""Read-only links that follow their dashboard: what a link is to show now, and the page that it shows."""

from __future__ import annotations

from contextlib import suppress

from core.dashboards import OWN, Board, Tables
from core.errors import BadParameter, NotFound, SightlineError
from core.filters import every
from core.offline.wanted import Wanted
from core.store import Store, Version, tables
from core.store.records import Dashboard, Exported, Link

KEPT = 4  # pages of a dashboard that no link shows
CHARTS = 20  # pages of charts


def wish(store: Store, link: Link) -> Wanted:
    """What the link is to show: the dashboard as it is kept, of the newest version that it fits."""
    record = store.get(Dashboard, link.dashboard, link.owner)
    board = Board.of(record)
    beside = tables.newest(store, board.tables(), link.owner)
    version = newest(store, record, board)
    known = {column.name for column in version.columns}
    return Wanted.of(
        board, board.state(), version, dashboard=record.id, title=record.name,
        filters=tuple(name for name in link.filters if name in known), language=link.language,
        patterns=link.patterns, beside=tuple(one.id for one in beside.values()),
    )  # fmt: skip


def newest(store: Store, record: Dashboard, board: Board) -> Version:
    """The newest version of the table on which nothing is lost that the dashboard shows of its own version.

    A filter for places in the table, which another version fills with other rows, holds it where it is.
    """
    own = store.get(Version, record.version, record.owner)
    tiles = [tile for tile in board.tiles if tile.table == OWN]
    filters = (one for tile in tiles for one in every(tile.filters))
    if any(one.by_order() for one in (*board.state().selections(), *filters)):
        return own
    wanted = [tile for tile in tiles if tile.fits(own.columns)]
    for version in tables.versions(store, record.dataset, record.owner):
        if version.number <= own.number:
            break
        if all(tile.fits(version.columns) for tile in wanted) and _holds(board, version):
            return version
    return own


def _holds(board: Board, version: Version) -> bool:
    try:
        board.state().check(Tables.shown(board.tiles, {OWN: version.columns}))
    except SightlineError:
        return False
    return True


def made(store: Store, wanted: Wanted, owner: str) -> Exported | None:
    """The page of a wish, where it was made."""
    known = store.list(Exported, owner, limit=1, dashboard=wanted.dashboard, digest=wanted.digest())
    return known[0] if known else None


def shown(store: Store, link: Link) -> tuple[Exported | None, Wanted | None]:
    """The page that a link shows, the newest that is finished, and what is to be made for it first."""
    wanted = None
    if link.follows:
        with suppress(BadParameter):  # of a dashboard that cannot be read, the last page stays
            wanted = wish(store, link)
            if (found := made(store, wanted, link.owner)) is not None:
                return found, None
    if link.page is not None:
        with suppress(NotFound):
            last = store.get(Exported, link.page, link.owner)
            return (last if last.dashboard == link.dashboard else None), wanted
    return None, wanted


def tidy(store: Store, dashboard: str, owner: str) -> None:
    """Let go of pages that no link shows, but for the last few."""
    with store.writing() as catalog:
        shown = {link.page for link in catalog.list(Link, owner, dashboard=dashboard)}
        others = [one for one in catalog.list(Exported, owner, dashboard=dashboard) if one.id not in shown]
        for one in others[KEPT if dashboard else CHARTS :]:
            catalog.delete(Exported, one.id, owner)
