"""An offline page made in a job: a dashboard's with all that its filters offer, or a chart's."""

from __future__ import annotations

from core.dashboards import Asker, Source
from core.errors import NotFound
from core.jobs.work import Work
from core.offline import About, Contents, Wanted, choices, page
from core.offline.looks import themes
from core.store import Dataset, Store, Version
from core.store.records import Dashboard, Exported, now
from core.tasks.given import Result, engine, version_of
from core.tongue import Tongue
from core.watching import go_on
from core.wording import Note, note


def make_page(work: Work) -> Result:
    """Make the page of a `Wanted`, which the parameters are. Result: page (the id of an Exported)."""
    wanted = Wanted.model_validate(work.params)
    version, table = version_of(work, wanted.version)
    beside = [version_of(work, id) for id in wanted.beside]
    board, state = wanted.parts()
    say = Tongue(wanted.language).said
    with engine(work) as ready:
        go_on(work.watch, 0.0, "Counting")
        source = Source(version.id, table, version.rows, {
            one.dataset: Source(one.id, rows, one.rows) for one, rows in beside
        })  # fmt: skip
        contents = Contents.of(
            Asker(ready), ready, source, board, state,
            choices(table, ready, wanted.filters), say=say,
            told=lambda share: go_on(work.watch, 0.95 * share, "Counting"),
        )  # fmt: skip
    go_on(work.watch, 0.95, "Writing the page")
    told = [line for one in (version, *(one for one, _ in beside)) for line in lines(work.store, one)]
    about = About(
        wanted.title, tuple(told), wanted.language.replace("_", "-"), as_of(version), wanted.patterns
    )
    with work.store.new_object(work.owner, ".html") as made, made.path.open("w", encoding="utf-8") as file:
        file.writelines(page(contents, about, themes(), say))
    kept = Exported(
        owner=work.owner, dashboard=wanted.dashboard, version=version.id, number=version.number,
        object=made.id, bytes=made.bytes, beside=wanted.beside, digest=wanted.digest(),
    )  # fmt: skip
    with work.store.writing() as catalog:
        if wanted.dashboard:  # NotFound where it was deleted meanwhile
            catalog.get(Dashboard, wanted.dashboard, work.owner)
        catalog.add(kept, [made])
    return {"page": kept.id}


def as_of(version: Version) -> Note:
    return note(
        "As of {moment} UTC, version {number} of the table",
        moment=f"{now():%Y-%m-%d %H:%M}", number=version.number,
    )  # fmt: skip


def lines(store: Store, version: Version) -> list[Note]:
    """Where the numbers come from. Who made them is nobody's business, and what the steps say may name
    columns and values that are on no tile."""
    name = store.get(Dataset, version.dataset, version.owner).name
    return [
        note("Table: {name}, version {number}", name=name, number=version.number),
        note("Rows of the table: {rows:,}", rows=version.rows),
        note("Version of {day}, fingerprint {print}", day=f"{version.created:%Y-%m-%d}",
             print=version.fingerprint[:16]),
        note("Steps before it: {steps}", steps=str(_steps(store, version))),
    ]  # fmt: skip


def _steps(store: Store, version: Version) -> int:
    """How many steps lie between the table as it was read and this version."""
    count = 0
    while version.recipe is not None and version.parent is not None:
        count += sum(1 for one in version.recipe.get("steps", ()) if one.get("active", True))
        try:
            version = store.get(Version, version.parent, version.owner)
        except NotFound:
            break
    return count
