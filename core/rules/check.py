"""Rules checked on a table: what came of each, whether it stops a refresh, and the record of it.

found = verdict(store, owner, dataset, table, engine)   # before a new version is kept
if found.stops:
    ...                                                 # found.said() says why
version = tables.add_version(...)
keep(store, version, found)                             # part of the dataset's history
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Silent, Table, Watch
from core.errors import Cancelled, NotFound, SightlineError
from core.params import Frozen
from core.rules.rule import Given, Measured, Outcome, Rule
from core.store import tables
from core.store.records import RuleResult, RuleSet, Version, new_id
from core.wording import Note, few, note, told

if TYPE_CHECKING:
    from core.store import Store

_GRAVEST: tuple[Outcome, ...] = ("ok", "warning", "error")


class Result(Frozen):
    """One rule and what it found; `id` is the rule's place in the dataset's rules, through its history."""

    id: str
    rule: dict[str, Json]
    found: Measured

    def member(self) -> Rule:
        return Rule.from_json(self.rule)  # type: ignore[no-any-return]


class Verdict(Frozen):
    """What all rules of a dataset say of one table."""

    rows: int
    results: tuple[Result, ...] = ()

    @property
    def outcome(self) -> Outcome:
        return max((result.found.outcome for result in self.results), key=_GRAVEST.index, default="ok")

    @property
    def stops(self) -> bool:
        """Whether a rule that is an error when broken is broken."""
        return self.outcome == "error"

    def said(self) -> Note:
        """The broken rules in one sentence."""
        broken = [result for result in self.results if result.found.outcome == self.outcome]
        if self.outcome == "ok":
            return note("The rule holds. | All {count:,} rules hold.", count=len(self.results))
        return note(
            "{count} rule is broken: {rules}. | {count} rules are broken: {rules}.",
            count=len(broken),
            rules=few([result.member().describe() for result in broken], most=3),
        )


def rules_of(store: Store, owner: str, dataset: str) -> RuleSet:
    """The rules of a dataset; an empty set, not stored yet, when nobody has given any."""
    found = store.list(RuleSet, owner, dataset=dataset)
    return found[0] if found else RuleSet(owner=owner, dataset=dataset)


def put(store: Store, owner: str, dataset: str, rule: Rule, id: str | None = None) -> str:
    """Add a rule to a dataset, or change the one of this id; returns its id."""
    rules, place = rules_of(store, owner, dataset).rules, id or new_id("ru")
    entry: dict[str, Json] = {"id": place, "rule": rule.to_json()}
    if any(known["id"] == place for known in rules):
        _write(store, owner, dataset, [entry if known["id"] == place else known for known in rules])
    else:
        _write(store, owner, dataset, [*rules, entry])
    return place


def drop(store: Store, owner: str, dataset: str, id: str) -> None:
    """Take a rule away; what it found on versions so far stays in their results."""
    rules = rules_of(store, owner, dataset).rules
    _write(store, owner, dataset, [known for known in rules if known["id"] != id])


def _write(store: Store, owner: str, dataset: str, rules: list[dict[str, Json]]) -> None:
    kept = store.list(RuleSet, owner, dataset=dataset)
    if kept:
        store.change(RuleSet, kept[0].id, owner, rules=rules)
    else:
        store.add(RuleSet(owner=owner, dataset=dataset, rules=rules))


def references(store: Store, owner: str, dataset: str) -> dict[str, str]:
    """The tables that a dataset's rules look in: the id a rule names -> its dataset's newest version.

    A job must name these in its parameters ("others"), or it cannot read them.
    """
    found = {}
    for entry in rules_of(store, owner, dataset).rules:
        named = Rule.from_json(entry["rule"]).other()
        if named is None:
            continue
        try:
            known = store.get(Version, named, owner)
            found[named] = tables.latest(store, known.dataset, owner).id
        except NotFound:
            continue  # the rule says so itself
    return found


def history(
    store: Store, owner: str, dataset: str, *, made: bool = False, before: int | None = None
) -> tuple[int, ...]:
    """Rows of a dataset's earlier versions, the oldest first: those that were read, or made by a recipe."""
    versions = sorted(tables.versions(store, dataset, owner), key=lambda version: version.number)
    return tuple(
        version.rows
        for version in versions
        if (version.recipe is not None) == made and (before is None or version.number < before)
    )


def verdict(
    store: Store,
    owner: str,
    dataset: str,
    table: Table,
    engine: Engine,
    *,
    others: Mapping[str, str] | None = None,
    made: bool = False,
    before: int | None = None,
    watch: Watch | None = None,
) -> Verdict:
    """What a dataset's rules say of a table that is, or is to become, a version of it.

    `others` is what `references` gives (looked up when not given). `made`: a recipe made the table,
    so its number of rows is compared with versions that recipes made. `before`: compare with versions
    of a lower number alone.
    """
    entries = rules_of(store, owner, dataset).rules
    if not entries:
        return Verdict(rows=0)
    named = references(store, owner, dataset) if others is None else others
    rows = int(engine.rows(_on(table, exp.select(sql.template("count(*) AS n")).from_("t")))["n"][0].as_py())
    given = Given(
        table=table,
        rows=rows,
        now=dt.datetime.now(dt.UTC).replace(tzinfo=None),
        history=history(store, owner, dataset, made=made, before=before),
        others={id: tables.table(store, store.get(Version, newest, owner)) for id, newest in named.items()},
    )
    rules = [(entry["id"], Rule.from_json(entry["rule"])) for entry in entries]
    return Verdict(rows=rows, results=tuple(check(rules, given, engine, watch)))


def check(
    rules: Sequence[tuple[str, Rule]], given: Given, engine: Engine, watch: Watch | None = None
) -> list[Result]:
    """Each rule's answer; one that cannot be asked of this table counts as broken, and says why."""
    watch = watch or Silent()
    found = []
    for number, (id, rule) in enumerate(rules):
        watch.progress(number / len(rules), "Checking the rules")
        if watch.stopped():
            raise Cancelled()
        found.append(Result(id=id, rule=rule.to_json(), found=measured(rule, given, engine)))
    return found


def measured(rule: Rule, given: Given, engine: Engine) -> Measured:
    """One rule's answer."""
    try:
        rule.check(given.table.columns)
        (row,) = engine.rows(_on(given.table, rule.question(given))).to_pylist()
    except Cancelled:
        raise
    except SightlineError as error:  # a column is gone, or has another type now
        return Measured(outcome=rule.broken(), said=told(error))
    return rule.answer(row, given)


def keep(store: Store, version: Version, found: Verdict) -> RuleResult | None:
    """Keep what the rules said of a version; nothing when the dataset has no rules."""
    if not found.results:
        return None
    return store.add(
        RuleResult(
            owner=version.owner,
            dataset=version.dataset,
            version=version.id,
            outcome=found.outcome,
            results=[result.model_dump(mode="json") for result in found.results],
        )
    )


def failing(store: Store, result: RuleResult, id: str) -> Table | None:
    """The rows of the result's version that broke one of its rules; None where no single rows do."""
    rule = next((Result.model_validate(one) for one in result.results if one["id"] == id), None)
    if rule is None:
        raise NotFound("There is no such rule here.", hint="It may have been deleted.")
    version = store.get(Version, result.version, result.owner)
    table, member = tables.table(store, version), rule.member()
    others, named = {}, member.other()
    if named is not None:
        known = store.get(Version, named, result.owner)
        newest = tables.latest(store, known.dataset, result.owner)
        others[named] = tables.table(store, newest)
    member.check(table.columns)
    now = result.created.replace(tzinfo=None)
    return member.failing(Given(table=table, rows=version.rows, now=now, others=others))


def _on(table: Table, query: exp.Select) -> exp.Select:
    inner = list(query.args["with_"].expressions) if query.args.get("with_") else []
    asked = query.copy()
    asked.set("with_", None)
    asked = asked.with_("t", as_=table.query.copy(), copy=False)
    for part in inner:
        asked = asked.with_(part.alias, as_=part.this.copy(), copy=False)
    return asked
