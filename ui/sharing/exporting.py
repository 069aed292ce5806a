"""Making the offline page of a dashboard, and keeping it in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.dashboards import Board, State
from core.offline import About, Contents, choices, page
from core.store import Dataset, Version
from core.store.records import Dashboard, Exported
from core.wording import Note, note
from ui import offline, services
from ui.dashboards.tiles import asker, source_of
from ui.figures import PATTERNS
from ui.provenance import steps_before
from ui.state import get
from ui.text import language, plain_said


def newest(record: Dashboard) -> Exported | None:
    """The page as it was last made."""
    found = services.store().list(Exported, record.owner, dashboard=record.id)
    return found[0] if found else None


def make(
    dataset: Dataset, version: Version, record: Dashboard, board: Board, now: State,
    columns: Sequence[str], told: Callable[[float], None],
) -> Exported:  # fmt: skip
    """Make the page of what is on the screen; it takes the place of the one made before."""
    store, owner = services.store(), services.owner()
    source, engine = source_of(version), services.engine()
    contents = Contents.of(
        asker(), engine, source, board, now, choices(source.table, engine, columns),
        say=plain_said, patterns=bool(get(PATTERNS)), told=told,
    )  # fmt: skip
    about = About(record.name, tuple(lines(dataset, version)), language().replace("_", "-"))
    pieces = [piece.encode() for piece in page(contents, about, offline.themes(), plain_said)]
    store.check_space(sum(map(len, pieces)), owner)
    with store.new_object(owner, ".html") as made:
        made.path.write_bytes(b"".join(pieces))
    kept = Exported(
        owner=owner, dashboard=record.id, version=version.id, object=made.id, bytes=made.bytes,
        filters=list(columns),
    )  # fmt: skip
    with store.writing() as catalog:
        for before in catalog.list(Exported, owner, dashboard=record.id):
            catalog.delete(Exported, before.id, owner)
        catalog.add(kept, [made])
    return kept


def lines(dataset: Dataset, version: Version) -> list[Note]:
    """Where the numbers come from; who made them is nobody's business."""
    steps = steps_before(version)
    return [
        note("Table: {name}, version {number}", name=dataset.name, number=version.number),
        note("Rows of the table: {rows:,}", rows=version.rows),
        note("Version of {day}, fingerprint {print}", day=f"{version.created:%Y-%m-%d}",
             print=version.fingerprint[:16]),
        note("Steps before it: {steps}", steps=steps or note("none")),
        note("Made on {day}", day=f"{_today():%Y-%m-%d}"),
    ]  # fmt: skip


def _today() -> object:
    from core.store.records import now

    return now()
