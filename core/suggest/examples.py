"""Extraction by example: from a part selected in a text to the rules that could have chosen it.

Each rule is one of the product's extraction steps. All rules that give just what was selected, in every
example, are tried on the column. Of rules that give the same in every row one is kept: the most
general.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Json, Schema, Step, Table
from core.errors import SightlineError
from core.steps.extract import KINDS
from core.suggest.headers import DELIMITERS
from core.suggest.tried import Candidate, Suggestion, tried

MOST = 6  # rules that are offered
SOME = 1_000  # rows on which rules are compared
ALIKE = 0.05  # share of the rows in which two rules may differ and be one choice
FEW = 8  # rows; below them, one that differs tells two rules apart
NEAR = 2_000  # characters of a text that are looked at around what was selected
_WHICH = (1, -1, 2, 3, -2, 4, 5, -3)
# a more general rule comes first where the rows they touch are about as many
_LESS = {"extract_pattern": 0.0, "extract_part": 0.02, "extract_between": 0.04, "extract_position": 0.2}
_OWN = 0.06
_LATE = {"text without spaces": 0.08, "word": 0.06, "capital letters": 0.03, "letters": 0.01, "digits": 0.01}


@dataclass(frozen=True)
class Example:
    """A text and the part of it that was selected: characters from `start` up to `end`, not included."""

    text: str
    start: int
    end: int

    def trimmed(self) -> Example:
        """Without the spaces at the ends of the selection."""
        chosen = self.text[self.start : self.end]
        left = len(chosen) - len(chosen.lstrip())
        return Example(self.text, self.start + left, self.start + left + len(chosen.strip()))

    @property
    def chosen(self) -> str:
        return self.text[self.start : self.end]


def for_selection(
    table: Table, engine: Engine, column: str, examples: Sequence[Example], keep: int = MOST
) -> list[Suggestion]:
    """Steps for a selected part of a text: rules that extract it, and what else can be done with it.

    With more examples, from other cells, only rules remain that fit them all.
    """
    found = extractions(table, engine, column, examples)[:keep]
    candidates = [Candidate(step) for step in found]
    if len(examples) == 1:
        candidates += [Candidate(step) for step in _others(column, examples[0])]
    return tried(table, engine, column, candidates)


def extractions(table: Table, engine: Engine, column: str, examples: Sequence[Example]) -> list[Step]:
    """The extraction steps that fit all examples, ranked by generality and by the rows they touch."""
    trimmed = [example.trimmed() for example in examples]
    if not trimmed or not all(example.chosen for example in trimmed):
        return []
    steps = list(_candidates(column, trimmed[0], table.columns))
    fitting = _fitting(engine, column, steps, trimmed)
    return _ranked(table, engine, column, fitting, _look(trimmed[0].chosen))


def _candidates(column: str, example: Example, columns: Schema) -> Iterator[Step]:
    for kind, values in _rules(example):
        part = str(values["what"]) if values.get("what", "own pattern") != "own pattern" else "part"
        name = _free(f"{column} {part}", columns)
        try:
            yield Step.build(kind, {"column": column, "name": name, **values})
        except SightlineError:
            continue


def _free(name: str, columns: Schema) -> str:
    taken, number, wanted = {column.name.casefold() for column in columns}, 2, name
    while name.casefold() in taken:
        name, number = f"{wanted} {number}", number + 1
    return name


def _rules(example: Example) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every rule that might have chosen the part; some choose another, and are tried out."""
    text, start, end = example.text, example.start, example.end
    for kind in KINDS:
        for which in _WHICH:
            yield "extract_pattern", {"what": kind, "which": which}
    for delimiter in dict.fromkeys([*DELIMITERS, *_signs(text)]):
        if delimiter in text and delimiter not in example.chosen:
            for which in _WHICH:
                yield "extract_part", {"delimiter": delimiter, "which": which}
    for after in _left(text[:start]):
        for before in _right(text[end:]):
            for which in (1, -1, 2, 3):
                yield "extract_between", {"after": after, "before": before, "which": which}
    for pattern in _shapes(example):
        for which in (1, -1, 2):
            yield "extract_pattern", {"what": "own pattern", "pattern": pattern, "which": which}
    length = end - start
    yield "extract_position", {"start": start + 1, "length": length}
    yield "extract_position", {"start": start - len(text), "length": 0 if end == len(text) else length}
    if end == len(text) and start:
        yield "extract_position", {"start": start + 1, "length": 0}


def _signs(text: str) -> list[str]:
    """Signs of the text that may separate its parts."""
    return re.findall(r"[^\w\s]", text[:NEAR])[:8]


def _left(before: str) -> list[str]:
    """What may mark the beginning of the part: the sign before it, the signs, the word before those."""
    if not before:
        return [""]
    found = [re.search(pattern, before[-NEAR:]) for pattern in (r"\W+$", r"\w+\W*$", r"\W\w+\W*$")]
    marks = [match.group() for match in found if match] + [before[-1]]
    return [mark for mark in dict.fromkeys(marks) if len(mark) <= 60]


def _right(behind: str) -> list[str]:
    """What may mark the end of the part."""
    if not behind:
        return [""]
    found = [re.search(pattern, behind[:NEAR]) for pattern in (r"^\W+", r"^\W*\w+")]
    marks = [behind[0]] + [match.group() for match in found if match]
    return [mark for mark in dict.fromkeys(marks) if len(mark) <= 60]


def _shapes(example: Example) -> list[str]:
    """Patterns of the part's own shape: AB-123 as two capitals, a dash, three digits."""
    chosen = example.chosen
    if len(chosen) > 60 or not re.search(r"\d", chosen):
        return []
    runs = re.findall(r"[0-9]+|[A-Z]+|[a-z]+|[^0-9A-Za-z]", chosen)
    if len(runs) > 12:
        return []
    exact, loose = "", ""
    for run in runs:
        sort = "[0-9]" if run.isdigit() else "[A-Z]" if run.isupper() else "[a-z]" if run.islower() else ""
        sort = sort if run.isascii() else ""
        exact += f"{sort}{{{len(run)}}}" if sort else re.escape(run)
        loose += f"{sort}+" if sort else re.escape(run)
    word = r"[0-9A-Za-z]"
    left, right = (r"\b" if re.match(word, chosen[i]) else "" for i in (0, -1))
    return [f"{left}{shape}{right}" for shape in (exact, loose)]


def _fitting(engine: Engine, column: str, steps: Sequence[Step], examples: Sequence[Example]) -> list[Step]:
    """The steps that give what was selected, in every example; one query tries them all."""
    if not steps:
        return []
    columns = (Column(name=column, type="text"),)
    rows = [sql.select_values({column: sql.literal(one.text), sql.ROW: sql.literal(place)})
            for place, one in enumerate(examples)]  # fmt: skip
    base: exp.Query = rows[0]
    for row in rows[1:]:
        base = exp.union(base, row, distinct=False)
    tests = {str(number): _node(step, columns) for number, step in enumerate(steps)}
    query = sql.select("base", tests, row=True).order_by(sql.name(sql.ROW)).with_("base", as_=base)
    found = engine.rows(query).to_pylist()
    return [
        step
        for number, step in enumerate(steps)
        if all(row[str(number)] == one.chosen for row, one in zip(found, examples, strict=True))
    ]


def _node(step: Step, columns: Schema) -> exp.Expr:
    """What the step puts into its new column."""
    made: exp.Expr = step.sql("base", columns, {}).selects[len(columns)].unalias()
    return made


def _look(text: str) -> frozenset[str]:
    """Which sorts of characters a text has."""
    return frozenset(
        "digit" if c.isdigit() else "letter" if c.isalpha() else "space" if c.isspace() else "sign"
        for c in text
    )


def _ranked(
    table: Table, engine: Engine, column: str, steps: Sequence[Step], look: frozenset[str]
) -> list[Step]:
    """The steps by rank, those left out that give the same as a better one; judged on some of the rows.

    A rule is better the more general it is, and the more rows it gives something that looks like
    what was selected; what looks otherwise counts against it.
    """
    if not steps:
        return []
    chosen = tuple(c for c in table.columns if c.name == column)
    row = sql.name(sql.ROW)
    some = sql.select("t", {column: sql.name(column)}).from_(table.query.subquery("t"))
    some = some.where(sql.template("NOT :x IS NULL", x=sql.name(column)))
    some = some.order_by(sql.template("hash(:row)", row=row), row).limit(SOME)
    asked = {str(number): _node(step, chosen) for number, step in enumerate(steps)}
    found = engine.rows(sql.select_values(asked).from_(some.subquery("some"))).to_pydict()
    given = [found[str(number)] for number in range(len(steps))]
    rows = max(len(given[0]), 1)
    alike = [sum(_look(cell) == look for cell in cells if cell is not None) / rows for cells in given]
    there = [sum(cell is not None for cell in cells) / rows for cells in given]
    cost = [
        _cost(step) - 0.5 * alike[number] + 0.3 * (there[number] - alike[number])
        for number, step in enumerate(steps)
    ]
    order = sorted(range(len(steps)), key=lambda number: (cost[number], number))
    kept: list[int] = []
    for number in order:
        if not any(_same(given[number], given[other], steps[number], steps[other]) for other in kept):
            kept.append(number)
    return [steps[number] for number in kept]


def _same(one: Sequence[str | None], other: Sequence[str | None], first: Step, second: Step) -> bool:
    """Whether two rules are one choice for a person: equal in every row or, where both look for what
    the product knows, in nearly all."""
    differ = sum(a != b for a, b in zip(one, other, strict=True))
    known = all(getattr(step, "what", "own pattern") != "own pattern" for step in (first, second))
    return differ <= (max(ALIKE * len(one), int(len(one) >= FEW)) if known else 0)


def _cost(step: Step) -> float:
    """How much less general a rule is than the most general one; from the end costs a little."""
    what = getattr(step, "what", "")
    cost = _OWN if what == "own pattern" else _LESS[step.kind()] + _LATE.get(what, 0.0)
    which: int = getattr(step, "which", 1)
    return cost + 0.002 * abs(which - 1)


def _others(column: str, example: Example) -> list[Step]:
    """What else can be done with a selected text: remove it everywhere, keep or drop rows with it."""
    part = example.chosen
    wanted: list[tuple[str, dict[str, Json]]] = [
        ("replace_values", {"columns": [column], "values": [{"find": part}], "match": "part of the text"}),
        ("filter_rows", {"conditions": [{"column": column, "operator": "contains", "value": part}]}),
        (
            "filter_rows",
            {"conditions": [{"column": column, "operator": "contains", "value": part}], "action": "drop"},
        ),
    ]
    if len(part) <= 3 and not part.isalnum():
        count = min(len(example.text.split(part)), 20)
        wanted.insert(0, ("split_column", {"column": column, "at": part, "parts": max(count, 2)}))
    found = []
    for kind, values in wanted:
        try:
            found.append(Step.build(kind, values))
        except SightlineError:
            continue
    return found
