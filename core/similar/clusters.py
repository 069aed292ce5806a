"""Values of a column that seem to be one value written differently, and which of them it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from core import sql
from core.contracts import Engine, Silent, Table, Watch
from core.similar import texts
from core.similar.near import near
from core.watching import go_on

MOST = 100_000  # different values that are looked at: the most frequent ones
Method = Literal["fingerprint", "letter pairs", "Levenshtein", "Jaro-Winkler"]
BY_KEY: dict[str, Callable[[str], str]] = {"fingerprint": texts.fingerprint, "letter pairs": texts.ngrams}


@dataclass(frozen=True)
class Cluster:
    """Values that seem to be one, the most frequent first: that one is proposed for all of them."""

    values: tuple[str, ...]
    rows: tuple[int, ...]  # in how many rows each value stands

    @property
    def proposed(self) -> str:
        return self.values[0]


def counted(table: Table, column: str, engine: Engine) -> list[tuple[str, int]]:
    """The values of a text column and their rows, the most frequent first; at most MOST of them."""
    cell = sql.name(column)
    query = exp.select(exp.alias_(cell, "v"), exp.alias_(sql.template("count(*)"), "n"))
    query = query.from_(table.query.subquery("t")).where(sql.template(":x IS NOT NULL", x=cell))
    query = query.group_by("1").order_by(exp.column("n").desc(), "v").limit(MOST)
    rows = engine.rows(query)
    return list(zip(rows.column("v").to_pylist(), rows.column("n").to_pylist(), strict=True))


def clusters(
    values: Sequence[tuple[str, int]], method: Method, least: float = 0.9, watch: Watch | None = None
) -> list[Cluster]:
    """Clusters of values (each with its rows), those of the most rows first.

    "fingerprint" puts values together whose words are the same but for case, accents, punctuation and
    order; "letter pairs" also those with other spaces. The others put a value to the most frequent one
    that it is at least `least` similar to, so that no chain of small steps joins what is far apart.
    """
    values = sorted(values, key=lambda value: (-value[1], value[0]))
    watch = watch or Silent()
    if method in BY_KEY:
        groups = _by_key(values, BY_KEY[method], watch)
    else:
        groups = _around(values, method, least, watch)
    made = [
        Cluster(tuple(values[place][0] for place in group), tuple(values[place][1] for place in group))
        for group in groups
        if len(group) > 1
    ]
    return sorted(made, key=lambda cluster: (-sum(cluster.rows), cluster.values))


def _by_key(values: Sequence[tuple[str, int]], key: Callable[[str], str], watch: Watch) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for place, (value, _) in enumerate(values):
        if place % 10_000 == 0:
            go_on(watch, place / len(values), "Comparing texts")
        if made := key(value):
            groups.setdefault(made, []).append(place)
    return list(groups.values())


def _around(values: Sequence[tuple[str, int]], method: Method, least: float, watch: Watch) -> list[list[int]]:
    """The most frequent value takes all that are similar to it, then the next one that is left."""
    measure: Literal["Levenshtein", "Jaro-Winkler"] = (
        "Levenshtein" if method == "Levenshtein" else "Jaro-Winkler"
    )
    first, second, scores = near([value for value, _ in values], measure, least, watch)
    # a value goes to the centre it is most similar to among those that come before it
    links: dict[int, list[tuple[float, int]]] = {}
    for one, other, score in zip(first.tolist(), second.tolist(), scores.tolist(), strict=True):
        links.setdefault(other, []).append((-score, one))
    groups: dict[int, list[int]] = {}
    for place in range(len(values)):
        centres = [link for link in links.get(place, ()) if link[1] in groups]
        centre = min(centres)[1] if centres else place
        groups.setdefault(centre, []).append(place)
    return list(groups.values())
