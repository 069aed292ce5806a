"""What the store keeps: one small frozen record for each kind of thing."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field as P
from pydantic import model_validator

from core.contracts import Account, Json, Schema
from core.params import Frozen

LOCAL = "local"  # the owner in single-user mode
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

JobState = Literal["queued", "running", "done", "cancelled", "failed", "died"]


def new_id(prefix: str) -> str:
    """A name nobody can guess (100 random bits): ds_q3zj5xw2..."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def now() -> datetime:
    return datetime.now(UTC)


class Record(Frozen):
    """Something the store keeps for one owner; `id` and `created` are filled in when not given."""

    prefix: ClassVar[str] = "rc"

    id: str = ""
    owner: str
    created: datetime = P(default_factory=now)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("id"):
            return {**values, "id": new_id(cls.prefix)}
        return values

    @classmethod
    def kind(cls) -> str:
        return cls.__name__.lower()


class Dataset(Record):
    """A table under its name, through all its versions."""

    prefix = "ds"

    name: str
    again: bool = True  # the steps that made its versions are applied again to what a refresh reads


class Version(Record):
    """One immutable state of a dataset: a Parquet file and where it came from."""

    prefix = "vn"

    dataset: str
    number: int
    object: str  # the Parquet file
    columns: Schema
    rows: int
    bytes: int
    account: Account | None = None
    refused: str | None = None  # the object with the rows that did not fit
    parent: str | None = None  # the version that `recipe` was applied to
    recipe: dict[str, Json] | None = None
    source: dict[str, Json] | None = None
    fingerprint: str  # sha256 of the object
    origin: str = ""  # the file's or sample's name, as text


class Draft(Record):
    """A recipe being edited on a version, with its undo and redo."""

    prefix = "dr"

    version: str
    name: str = ""
    steps: list[dict[str, Json]] = P(default_factory=list)
    undo: list[list[dict[str, Json]]] = P(default_factory=list)
    redo: list[list[dict[str, Json]]] = P(default_factory=list)


class Setup(Record):
    """What a person has set for fits on a version, for each target and each kind of model apart."""

    prefix = "se"

    version: str
    target: str | None = None
    tasks: dict[str, str] = P(default_factory=dict)  # by target
    features: dict[str, list[str]] = P(default_factory=dict)  # by target
    models: dict[str, str] = P(default_factory=dict)  # the kind, by task
    parameters: dict[str, dict[str, Json]] = P(default_factory=dict)  # by kind of model
    split: dict[str, Json] = P(default_factory=dict)
    seed: int = 0
    name: str = ""
    rows: dict[str, Json] | None = None  # these alone are used: see core.filters.Filter


class Run(Record):
    """One fitting of a model, with everything that made it and came of it."""

    prefix = "rn"

    version: str
    name: str = ""
    spec: dict[str, Json] = P(default_factory=dict)
    state: str = "queued"
    job: str | None = None
    metrics: dict[str, Json] = P(default_factory=dict)  # in short; all of the result is in the card
    facts: dict[str, Json] = P(default_factory=dict)
    weights: str | None = None
    card: str | None = None


class Job(Record):
    """Work in the background and how it stands. `progress` and `message` come from its log."""

    prefix = "jb"

    task: str
    params: dict[str, Json] = P(default_factory=dict)
    title: str
    state: JobState = "queued"
    result: dict[str, Json] | None = None
    error: dict[str, Json] | None = None  # message, kind, reference; template, hint, values
    progress: float | None = None
    message: str = ""
    submitted: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    subject: str | None = None  # the dataset or run it is about
    stopping: Literal["request", "time"] | None = None  # why it was asked to stop
    supervisor: str | None = None  # the process that runs it

    @property
    def over(self) -> bool:
        return self.state not in ("queued", "running")


class SavedChart(Record):
    """A chart kept with the version it draws."""

    prefix = "ch"

    version: str
    name: str
    chart: dict[str, Json]
    page: str | None = None  # of older ones: a picture as HTML (object id); now pages are made when asked for
    filter: tuple[dict[str, Json], ...] = ()  # the conditions its rows meet, as `Within` has them
    place: int = 0  # among those kept with the version, from the least


class Summary(Record):
    """The profile of a version, as a JSON file: computed once."""

    prefix = "sm"

    version: str
    object: str


class Prediction(Record):
    """What a run's model predicted for a version's rows, as a file to download."""

    prefix = "pr"

    run: str
    version: str
    object: str
    report: dict[str, Json] = P(default_factory=dict)


class Upload(Record):
    """A file as it was sent, before it is read into a table."""

    prefix = "up"

    name: str
    bytes: int
    object: str


class Connection(Record):
    """A database and how to reach it. The password is sealed: see `core.store.sealed`."""

    prefix = "cn"

    name: str
    settings: dict[str, Json]  # a member of core.sources.database: kind, host, port, ...
    secret: str | None = None


class Schedule(Record):
    """When a dataset that came from a database, or was made by a statement, is made again."""

    prefix = "sd"

    dataset: str
    connection: str  # empty: by its statement
    cron: str  # "0 6 * * 1-5"
    zone: str = "UTC"
    on: bool = True
    next: datetime | None = None  # when it is due; set by whoever starts it, in the same transaction
    job: str | None = None  # the last one it started
    missed: int = 0  # runs that were due while nothing ran, before the last one


class Refresh(Record):
    """One making again of a dataset, from its database or by its statement, and what had changed."""

    prefix = "rf"

    dataset: str
    connection: str  # empty: by its statement
    state: Literal["done", "failed", "cancelled"]
    version: str | None = None  # the new one; None when nothing had changed, or it failed
    before: str | None = None  # the one that was compared with
    changes: dict[str, Json] = P(default_factory=dict)  # see core.refresh.changes
    error: dict[str, Json] | None = None  # of one that is done: why the steps were not applied
    made: str | None = None  # the version that the steps of an earlier one made of it
    schedule: str | None = None  # None: a person asked
    missed: int = 0  # due runs that nothing ran, before this one
    seconds: float = 0.0


class Meanings(Record):
    """What columns of a dataset mean where a person has said so: see core.profile.chosen."""

    prefix = "mn"

    dataset: str
    chosen: dict[str, str] = P(default_factory=dict)  # column -> meaning


class RuleSet(Record):
    """What must hold in each version of a dataset: rules with an id each, see core.rules."""

    prefix = "rs"

    dataset: str
    rules: list[dict[str, Json]] = P(default_factory=list)  # {"id": ..., "rule": ...}


class RuleResult(Record):
    """What a dataset's rules said of one version, when they were checked on it."""

    prefix = "rr"

    dataset: str
    version: str
    outcome: Literal["ok", "warning", "error"]
    results: list[dict[str, Json]] = P(default_factory=list)  # {"id", "rule", "found"}


class SavedQuery(Record):
    """A statement kept under a name."""

    prefix = "sv"

    name: str
    text: str


class Statement(Record):
    """A statement that was run, and what came of it."""

    prefix = "sq"

    text: str
    state: Literal["done", "failed", "cancelled"]
    rows: int | None = None
    cut: bool = False  # there were more rows than were shown
    seconds: float = 0.0
    error: dict[str, Json] | None = None
    tables: dict[str, str] = P(default_factory=dict)  # versions by the names it used


class Template(Record):
    """A recipe kept for other tables, with what it found in the table it was made for."""

    prefix = "tp"

    name: str
    recipe: dict[str, Json]  # with the constants it learned there
    columns: Schema  # of that table
    origin: str = ""  # the dataset's name, as text


class Compared(Record):
    """What differs between two table versions: as JSON, and the list of different rows as Parquet."""

    prefix = "cp"

    version: str
    before: str
    key: list[str] | None = None  # as it was asked for; None: proposed, empty: whole rows
    object: str  # a core.compare.Comparison
    listed: str  # see core.compare.Differences


class Similar(Record):
    """What was found to be similar in a version, as a JSON file: see core.tasks.similar."""

    prefix = "si"

    version: str
    question: str  # stands for what was looked for, and how
    object: str


class Dashboard(Record):
    """Linked views of a dataset on one page: see core.dashboards.Board, which reads its parts."""

    prefix = "db"

    dataset: str
    version: str  # the one it was made on, and is drawn on where an address names none
    name: str
    tiles: list[dict[str, Json]] = P(default_factory=list)  # in order, each with its width and height
    across: int = 2  # columns of the grid
    answer: str = "filter"  # what tiles do about what is selected on another one: filter or highlight
    filters: list[dict[str, Json]] = P(default_factory=list)  # shared by all tiles
    picks: dict[str, Json] = P(default_factory=dict)  # what is selected on which tile
    zooms: dict[str, Json] = P(default_factory=dict)  # which part of its axes a tile shows
    undo: list[list[dict[str, Json]]] = P(default_factory=list)  # the tiles before the last changes
    place: int = 0  # among the dataset's dashboards


class Segment(Record):
    """Rows of a dataset that a person picked out and named: those that are in all the selections."""

    prefix = "sg"

    dataset: str
    name: str
    selections: list[dict[str, Json]]  # see core.selection
    about: str = ""  # in a person's words


class View(Record):
    """What was filtered and selected on a dashboard, where it is too long for an address."""

    prefix = "vw"

    dashboard: str
    digest: str  # of `state`: the same one is kept once
    state: dict[str, Json]


class Found(Record):
    """What a search for findings found in a version, as a JSON file: see core.tasks.findings."""

    prefix = "fo"

    version: str
    question: str  # stands for the rows that were looked at, and what was known of their columns
    object: str


class Exported(Record):
    """An offline page: one HTML file, see core.offline. The same wish (`digest`) has the same page."""

    prefix = "ex"

    dashboard: str = ""  # empty: a chart's own page
    version: str
    number: int = 0  # of the version
    object: str
    bytes: int
    beside: tuple[str, ...] = ()  # versions of other tables that it shows
    digest: str = ""  # of the core.offline.Wanted that it was made of


class Link(Record):
    """A read-only link to a dashboard's page: whoever has its token sees that page, nothing else."""

    prefix = "lk"

    dashboard: str
    digest: str  # sha256 of the token, which is kept nowhere
    expires: datetime | None = None  # never
    follows: bool = False  # the dashboard; else it stays with its page
    page: str | None = None  # the Exported that it shows, the newest that was finished when it was opened
    filters: tuple[str, ...] = ()  # columns that the page filters by
    language: str = "en"
    patterns: bool = False
    opened: datetime | None = None  # last


class Setting(Record):
    """One choice of one owner."""

    prefix = "st"

    key: str
    value: Json = None
