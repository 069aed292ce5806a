"""Cells that look wrong one by one: each finding says what its step would change, and in how many cells.

Looked at in the order in which the steps should run, each as if those before had been taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.contracts import Json
from core.profile import mend
from core.profile.agreement import Agreement, agreements
from core.profile.amounts import amounts
from core.profile.appended import appended
from core.profile.clocks import clocks
from core.profile.days import days
from core.profile.facts import ColumnProfile, Finding
from core.profile.forms import forms
from core.profile.ranges import ranges
from core.profile.spelling import Respelt, misspelt, variants
from core.profile.together import Together
from core.profile.values import MISSING_WORDS
from core.profile.work import Work
from core.profile.written import PLACEHOLDERS, Written, written

NAMED = frozenset(("category", "boolean", "country"))  # meanings of values that stand for groups of rows
AGREEMENTS = 30  # columns that are brought to agree
GAPS = 0.4  # of the rows of a column: more missing ones are no errors


@dataclass
class _Seen:
    """What was found so far, and what each text column's values would be after it."""

    texts: list[Written]
    findings: list[Finding] = field(default_factory=list)
    changes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # columns that are numbers, times or dates

    def add(self, finding: Finding, changes: Mapping[str, str | None] | None = None) -> None:
        self.findings.append(finding)
        if finding.sure and finding.kind in ("clocks", "text_type"):
            self.typed.add(finding.columns[0])
        if finding.sure and changes:
            self.change(finding.columns[0], changes)

    def change(self, column: str, changes: Mapping[str, str | None]) -> None:
        known = self.changes.setdefault(column, {})
        for value, now in list(known.items()):
            if now is not None:
                known[value] = changes.get(now, now)
        known |= {value: now for value, now in changes.items() if value not in known}
        self.texts = [text.after(changes) if text.name == column else text for text in self.texts]


def doubts(work: Work, columns: Sequence[ColumnProfile]) -> list[Finding]:
    """Values in other ways of writing, misspelt, in the wrong column, or against what other rows say."""
    facts = {column.name: column for column in columns}
    seen = _Seen(written(work, columns))
    for text in seen.texts:
        _one_way(seen, text, facts[text.name], work)
    for text in [text for text in seen.texts if text.name not in seen.typed]:
        _variants(seen, text, facts[text.name])
    for text in list(seen.texts):
        if (found := appended(text, seen.texts)) is not None:
            seen.add(_appended(text, found.other, found.changes), found.changes)
    for name, pairs in misspelt([text for text in seen.texts if text.name not in seen.typed]).items():
        for finding, changes in _misspelt(name, pairs):
            seen.add(finding, changes)
    names, agreed = agreements(work.table, work.engine, work.rows, seen.changes)
    seen.findings += [_together(one) for one in names]
    for agreement in agreed[:AGREEMENTS]:
        if agreement.differ or _few_gaps(facts[agreement.column]):
            seen.findings.append(_agreement(agreement, facts[agreement.column]))
    return seen.findings


def _one_way(seen: _Seen, text: Written, column: ColumnProfile, work: Work) -> None:
    """One way of writing for numbers, times, dates and ranges; nothing but them in such a column."""
    name, values = text.name, {"column": text.name}
    if column.meaning in ("constant", "empty"):
        return
    if (clock := clocks(text)) is not None:
        seen.add(Finding(
            kind="clocks", columns=(name,), severity="warning", sure=clock.sure,
            template="{column!r} holds times of day, {count:,} of them written in another way than most.",
            values=values | {"count": clock.rows}, fix=mend.one_clock(name, clock.form),
        ), clock.changes)  # fmt: skip
    elif (day := days(text, work)) is not None:
        seen.add(Finding(
            kind="text_type", columns=(name,), severity="warning", sure=day.sure,
            template="{column!r} holds dates, {count:,} of them written in another way than most.",
            values=values | {"count": day.rows}, fix=mend.mixed_dates(name),
        ))  # fmt: skip
    elif column.meaning != "identifier" and (amount := amounts(text)) is not None:
        seen.add(Finding(
            kind="text_type", columns=(name,), severity="warning", sure=amount.sure,
            template="{column!r} holds numbers, {count:,} of them with a unit or sign, such as {example!r}.",
            values=values | {"count": amount.marked, "example": amount.example},
            fix=mend.amounts_from_text(name, amount.whole, amount.percent, amount.convert),
        ))  # fmt: skip
    elif changes := forms(text):
        example = next(iter(changes))
        seen.add(Finding(
            kind="forms", columns=(name,), severity="warning", sure=True,
            template="{count:,} values of {column!r} are written in another form than most: {example!r} for "
            "{meant!r}.",
            values=values | {"count": _rows(text, changes), "example": example, "meant": changes[example]},
            fix=mend.replaced(name, changes),
        ), changes)  # fmt: skip
    elif changes := ranges(text):
        example = next(iter(changes))
        seen.add(Finding(
            kind="ranges", columns=(name,), severity="warning", sure=True,
            template="{count:,} value of {column!r} looks like a range that a spreadsheet took for a date: "
                "{example!r} for {meant!r}. | {count:,} values of {column!r} look like ranges that a "
                "spreadsheet took for dates: {example!r} for {meant!r}.",
            values=values | {"count": _rows(text, changes), "example": example, "meant": changes[example]},
            fix=mend.replaced(name, changes),
        ), changes)  # fmt: skip
    elif not _bare(text):
        _blank(seen, text, MISSING_WORDS)
        return
    words = _blank(seen, text, tuple(PLACEHOLDERS))
    more = [word for word in words if word not in MISSING_WORDS]
    if more:
        seen.add(Finding(
            kind="disguised_missing", columns=(name,), severity="warning", sure=text.whole,
            template="{column!r} has {count:,} text among other values that means a missing one: "
                "{example!r}. | {column!r} has {count:,} texts among other values that mean a missing "
                "one, such as {example!r}.",
            values=values | {"count": _rows(text, words), "example": more[0]},
            fix=mend.words_to_missing(name, [word.casefold() for word in words]),
        ))  # fmt: skip


def _bare(text: Written) -> bool:
    """Whether a column holds numbers and words for missing ones alone."""
    present = text.without(PLACEHOLDERS)
    return bool(present) and all(value.strip("+-").replace(".", "", 1).isdecimal() for value in present)


def _blank(seen: _Seen, text: Written, words: Sequence[str]) -> list[str]:
    """The values that stand for a missing one; from here on they are missing."""
    found = [value for value in text.counts if value.casefold() in words]
    if max(map(len, text.counts), default=0) > 2:
        seen.change(text.name, dict.fromkeys(found))
    return list({value.casefold(): value for value in found}.values())


def _rows(text: Written, changes: Mapping[str, str | None] | Sequence[str]) -> int:
    return sum(text.counts.get(value, 0) for value in changes)


def _variants(seen: _Seen, text: Written, column: ColumnProfile) -> None:
    if column.meaning not in NAMED or not text.whole:
        return
    found = variants(text)
    for sure in (True, False):
        if pairs := [pair for pair in found if pair.sure == sure]:
            changes: dict[str, str | None] = {pair.find: pair.put for pair in pairs}
            seen.add(Finding(
                kind="variants", columns=(text.name,), severity="warning", sure=sure,
                template="{column!r} spells the same value in several ways: {about}{count:,} row differs "
                    "from others by capitals or outer spaces alone. | {column!r} spells the same value "
                    "in several ways: {about}{count:,} rows differ from others by capitals or outer "
                    "spaces alone.",
                values={"column": text.name, "count": sum(pair.rows for pair in pairs), "about": ""},
                fix=mend.replaced(text.name, changes),
            ), changes)  # fmt: skip


def _appended(text: Written, other: str, changes: Mapping[str, str | None]) -> Finding:
    return Finding(
        kind="appended", columns=(text.name, other), severity="warning", sure=True,
        template="{count:,} value of {column!r} ends with a value of {other!r}: {example!r}. | {count:,} "
            "values of {column!r} end with a value of {other!r}, such as {example!r}.",
        values={"column": text.name, "other": other, "count": _rows(text, changes),
                "example": next(iter(changes))},
        fix=mend.replaced(text.name, changes),
    )  # fmt: skip


def _misspelt(column: str, pairs: Sequence[Respelt]) -> Iterator[tuple[Finding, dict[str, str | None]]]:
    for sure in (True, False):
        if some := [pair for pair in pairs if pair.sure == sure]:
            changes: dict[str, str | None] = {pair.find: pair.put for pair in some}
            values: dict[str, Json] = {"column": column, "count": sum(pair.rows for pair in some),
                                       "example": some[0].find, "meant": some[0].put}  # fmt: skip
            yield Finding(
                kind="misspelt", columns=(column,), severity="warning" if sure else "note", sure=sure,
                template="{count:,} value of {column!r} looks like a frequent one misspelt: {example!r} for "
                    "{meant!r}. | {count:,} values of {column!r} look like frequent ones misspelt: "
                    "{example!r} for {meant!r}.",
                values=values, fix=mend.replaced(column, changes),
            ), changes  # fmt: skip


def _few_gaps(column: ColumnProfile) -> bool:
    return column.missing <= GAPS * column.rows


def _together(found: Together) -> Finding:
    template = "{names} name the same thing: {missing:,} of their values are missing that other rows say."
    values: dict[str, Json] = {"names": ", ".join(found.columns), "missing": found.filled}
    if found.changed:
        template = (
            "{names} name the same thing: {count:,} of their values differ from what most rows say, such as "
            "{example!r} for {meant!r}, and {missing:,} are missing."
            if found.filled
            else "{names} name the same thing: {count:,} of their values differ from what most rows say, "
            "such as {example!r} for {meant!r}."
        )
        values |= {"count": found.changed, "example": found.example[0], "meant": found.example[1]}
    return Finding(
        kind="together", columns=found.columns, severity="warning", sure=True, template=template,
        values=values, fix=mend.one_thing(found.columns),
    )  # fmt: skip


def _differing(found: Agreement) -> str:
    """How values are said to differ; missing ones are told of only where there are some."""
    template = (
        "{about}{count:,} value of {column!r} differs from those of most rows with the same {by} "
        "({support:,} agree). | "
        "{about}{count:,} values of {column!r} differ from those of most rows with the same {by} "
        "({support:,} agree)."
    )
    if found.told:
        template = (
            "{about}{count:,} value of {column!r} differs from what most sources tell of the same {by} "
            "({support:,} agree). | "
            "{about}{count:,} values of {column!r} differ from what most sources tell of the same {by} "
            "({support:,} agree)."
        )
    if found.together:
        template = (
            "{about}{count:,} value of {column!r} differs from those of most rows that share {by} "
            "({support:,} agree). | "
            "{about}{count:,} values of {column!r} differ from those of most rows that share {by} "
            "({support:,} agree)."
        )
    return template


def _lacking(found: Agreement) -> str:
    """The same where some values are missing, too."""
    template = (
        "{about}{count:,} value of {column!r} differs from those of most rows with the same {by} "
        "({support:,} agree), and {missing:,} are missing. | "
        "{about}{count:,} values of {column!r} differ from those of most rows with the same {by} "
        "({support:,} agree), and {missing:,} are missing."
    )
    if found.told:
        template = (
            "{about}{count:,} value of {column!r} differs from what most sources tell of the same {by} "
            "({support:,} agree), and {missing:,} are missing. | "
            "{about}{count:,} values of {column!r} differ from what most sources tell of the same {by} "
            "({support:,} agree), and {missing:,} are missing."
        )
    if found.together:
        template = (
            "{about}{count:,} value of {column!r} differs from those of most rows that share {by} "
            "({support:,} agree), and {missing:,} are missing. | "
            "{about}{count:,} values of {column!r} differ from those of most rows that share {by} "
            "({support:,} agree), and {missing:,} are missing."
        )
    return template


def _agreement(found: Agreement, column: ColumnProfile) -> Finding:
    fill = found.told or _few_gaps(column)
    return Finding(
        kind="disagree", columns=(found.column, *found.by), sure=found.sure,
        template=_lacking(found) if found.missing else _differing(found),
        severity="warning" if found.sure else "note",
        values={"column": found.column, "by": ", ".join(found.by), "count": found.differ,
                "missing": found.missing, "support": found.support,
                "about": "about " if found.sampled else ""},
        fix=mend.agree(found.column, found.by, 0.3 if found.told else 0.6, fill, found.spare,
                       found.together),
    )  # fmt: skip
