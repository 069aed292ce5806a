"""What is told of all that was found: each relation once, the strongest first, what is no news left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.findings.derived import Derived
from core.findings.finding import Finding
from core.findings.looks import Discovery
from core.wording import note

NEARLY = 0.99  # of a number's spread: it follows the groups
_WEIGHT = {"skew": 0.5, "season": 0.9, "break": 0.9}  # a shape is less than a relation
_FAMILY = {"outlying group": "difference", "reversal": "relation"}  # the same relation told another way


@dataclass(frozen=True)
class Told:
    """The findings that are told, and how many of each kind are too weak, the same again, or no news."""

    findings: tuple[Finding, ...]
    more: dict[str, int]
    same: int
    known: int


def to_tell(
    found: Sequence[Discovery], derived: Derived, most: int, looks: int, q: float
) -> tuple[Told, float]:
    """The findings to tell, with intervals at the level that is returned beside them.

    The level is that of Y. Benjamini and D. Yekutieli (2005): of the intervals that are told, a share of
    `q` at most is expected to miss, although only what was striking is told.
    """
    order = sorted(found, key=lambda one: _rank(one.finding, derived))
    first: dict[tuple[str, frozenset[str]], int] = {}
    kept: list[Discovery] = []
    also: list[list[str]] = []
    counts: Counter[str] = Counter()
    same = known = 0
    for one in order:
        this = one.finding
        if this.kind == "difference" and len(this.columns) == 2 and this.value >= NEARLY:
            words = note("{y} follows {x} almost entirely.", x=this.columns[1], y=this.columns[0])
            derived.say(words, *this.columns)
        if frozenset(this.columns) in derived.known:
            known += 1
            continue
        key = _key(this, derived)
        if key in first:
            same += 1
            also[first[key]] += this.columns
            continue
        counts[this.kind] += 1
        if counts[this.kind] > most:
            continue
        first[key] = len(kept)
        kept.append(one)
        also.append([])
    level = 1 - q * len(kept) / max(looks, len(kept), 1)
    made = tuple(
        _with(one, level, tuple(dict.fromkeys(names))) for one, names in zip(kept, also, strict=True)
    )
    return Told(made, {kind: n - most for kind, n in counts.items() if n > most}, same, known), level


def _rank(one: Finding, derived: Derived) -> tuple[bool, float, bool, float, tuple[str, ...]]:
    """The strongest first; of equal ones that of the columns which stand for others."""
    other = any(derived.of(column) != column for column in one.columns)
    return (
        one.kind != "reversal",
        -round(one.effect * _WEIGHT.get(one.kind, 1.0), 12),
        other,
        one.p,
        one.columns,
    )


def _key(one: Finding, derived: Derived) -> tuple[str, frozenset[str]]:
    """What a finding is about: of a reversal the two columns, whichever groups turn them around."""
    columns = one.columns[:2] if one.kind == "reversal" else one.columns
    if one.kind == "missing":
        first = derived.missing.get(columns[0], columns[0])
        return one.kind, frozenset((f"missing {first}", *map(derived.of, columns[1:])))
    return _FAMILY.get(one.kind, one.kind), frozenset(map(derived.of, columns))


def _with(one: Discovery, level: float, also: tuple[str, ...]) -> Finding:
    low, high = one.interval(level) if one.interval is not None else (None, None)
    more = tuple(name for name in also if name not in one.finding.columns)
    return one.finding.model_copy(update={"low": low, "high": high, "also": more})
