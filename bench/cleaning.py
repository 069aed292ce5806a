"""Cleaning measured on dirty and clean pairs: the one-click suggestions alone, and a short recipe.

    python -m bench.cleaning [SEED]

A cell is an error where dirty and clean differ. Detected: an error whose cell the cleaning changed.
Repaired: an error whose cell is now as in the clean table. Precision is of all cells changed, recall of
all errors, F1 their harmonic mean; damage is the share of the right cells that are wrong afterwards.
Cells are compared as texts, all three tables brought to one form: no value and "" are the same, and
numbers are compared as numbers ("12.0" is "12", "007" is not "7"). Rows that a cleaning leaves out count
as repeats found when they are such, else each of their right cells counts as damaged.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import core.steps  # noqa: F401, registers the members
from core import sql
from core.cli.inputs import engine_in, only
from core.contracts import Engine, Json, Table
from core.profile import profile, suggested
from core.recipe import Recipe
from tests.dirty.bases import BASES
from tests.dirty.pairs import Pair, made

RATES = (0.01, 0.05, 0.15, 0.30)
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
Steps = list[dict[str, Json]]


@dataclass
class Tally:
    """Cells, counted."""

    errors: int = 0
    changed: int = 0
    detected: int = 0
    repaired: int = 0
    right: int = 0
    damaged: int = 0
    kinds: dict[str, list[int]] = field(default_factory=dict)  # kind -> errors, detected, repaired
    steps: int = 0

    def scores(self, found: int) -> tuple[float, float, float]:
        """Precision, recall and F1 when `found` of the changed cells count."""
        precision = found / self.changed if self.changed else 1.0
        recall = found / self.errors if self.errors else 1.0
        return precision, recall, 2 * precision * recall / (precision + recall or 1.0)


def plain(value: Any) -> str:
    """A cell as text in the form in which all tables are compared."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return format(float(text), ".12g") if _NUMBER.fullmatch(text) else text


def tallied(pair: Pair, rows: Mapping[int, Mapping[str, Any]]) -> Tally:
    """Count what became of each cell; `rows` are those after the cleaning, by their place in the file."""
    tally = Tally()
    for name in pair.dirty.columns:
        cells = zip(pair.dirty[name], pair.clean[name], pair.kinds[name], strict=True)
        for place, (dirty, clean, kind) in enumerate(cells):
            if place not in rows and place in pair.repeats:
                continue
            before, right = plain(dirty), plain(clean)
            after = plain(rows[place].get(name)) if place in rows else None
            _count(tally, before, right, after, kind)
    return tally


def _count(tally: Tally, before: str, right: str, after: str | None, kind: str) -> None:
    changed, error = after != before, before != right
    tally.changed += changed
    if not error:
        tally.right += 1
        tally.damaged += changed
        return
    row = tally.kinds.setdefault(kind, [0, 0, 0])
    for place, counts in enumerate((True, changed, after == right)):
        row[place] += counts
    tally.errors += 1
    tally.detected += changed
    tally.repaired += after == right


def cleaned(table: Table, engine: Engine, steps: Steps) -> dict[int, dict[str, Any]]:
    """The rows after the steps, by their place in the file."""
    recipe = Recipe.from_json(steps).learn(table, engine)
    found = engine.rows(recipe.apply(table, engine).query).to_pylist()
    return {int(row[sql.ROW]): row for row in found}


def measured(pair: Pair, recipe: Steps | None, folder: Path) -> Tally:
    """Write the dirty table as a CSV, read it as a person's upload is read, clean it, and count."""
    place = folder / "dirty.csv"
    pair.dirty.to_csv(place, index=False)
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        engine = engine_in(Path(inner))
        one = only(place, Path(inner))
        if one.account.refused:
            raise SystemExit(f"{pair.name}: {one.account.refused} rows were refused")
        steps = suggested(profile(one.table, engine)) if recipe is None else recipe
        tally = tallied(pair, cleaned(one.table, engine, steps))
    tally.steps = len(steps)
    return tally


def _words(columns: list[str], words: tuple[str, ...] = ("n/a", "-", "unknown", "999", "nan", "?")) -> Json:
    values = [{"find": word, "missing": True} for word in words]
    return {"kind": "replace_values", "columns": columns, "values": values, "ignore_case": True}


def _number(column: str) -> Json:
    return {"kind": "change_type", "columns": [column], "to": "number"}


def _trim(*columns: str) -> Json:
    return {"kind": "trim_text", "columns": [*columns], "collapse": True}


def _agree(column: str, *by: str, share: float = 0.6) -> Json:
    return {"kind": "make_agree", "column": column, "by": [*by], "share": share}


def _told(thing: str, *columns: str) -> Steps:
    """Times brought to one form, then to what most sources tell."""
    times: Steps = [
        {"kind": "read_times", "column": name, "form": "12 hours", "otherwise": "stay"} for name in columns
    ]
    return [_words([*columns]), *times, *(_agree(name, thing, share=0.3) for name in columns)]


RECIPES: dict[str, Steps] = {
    "countries": [
        _words(["continent", "code"]), _number("pop"), _agree("continent", "country", "code"),
    ],
    "houses": [
        _trim("neighborhood", "city", "zoning", "style", "condition"), _words(["city", "zoning", "style"]),
        _number("lot_area"), _number("price"),
        {"kind": "change_type", "columns": ["sold"], "to": "date"},
        _agree("city", "neighborhood", "postcode"), _agree("state", "neighborhood", "postcode"),
        {"kind": "drop_duplicates"},
    ],
    "customers": [
        _trim("contract", "payment_method", "internet_service", "multiple_lines"),
        _words(["payment_method", "tech_support"]), _number("tenure"), _number("total_charges"),
        {"kind": "drop_duplicates"},
    ],
    "penguins": [
        _words(["sex", "bill_length_mm", "flipper_length_mm", "body_mass_g"]),
        _number("bill_length_mm"), _number("flipper_length_mm"), _number("body_mass_g"),
    ],
    "reports": _told("flight", "planned_departure", "departure", "planned_arrival", "arrival"),
    "catalogue": [
        _words(["city"]),
        {"kind": "convert_units", "column": "ounces", "to": "oz", "plain": "oz", "rest": "ignore"},
        {"kind": "change_type", "columns": ["caffeine"], "to": "number", "percent": "as written"},
        _agree("maker", "maker_id"), _agree("city", "maker_id", "maker"),
        _agree("state", "maker_id", "maker", "city"),
    ],
    "departures": _told("flight", "planned", "left", "expected", "landed"),
    "schools": [
        *(_agree(name, "school", "phone", "address")
          for name in ("name", "city", "state", "zip", "county", "owner", "bus")),
        *(_agree(name, "name", "zip") for name in ("school", "phone", "address")),
        _agree("measure", "code", "average"), _agree("code", "measure"), _agree("subject", "measure"),
    ],
    "papers": [
        _agree("journal", "issn", "short"), _agree("short", "journal", "issn"),
        _agree("issn", "journal", "short"),
    ],
    "clinics": [
        *(_agree(name, "school", "phone", "address")
          for name in ("name", "city", "state", "zip", "county", "owner", "bus")),
        *(_agree(name, "name", "zip") for name in ("school", "phone", "address")),
        _agree("measure", "code", "average"), _agree("code", "measure"), _agree("subject", "measure"),
    ],
    "bibliography": [
        _words(["volume", "issue", "pages", "language"], ("-1", "null", "n/a", "nan", "-", "none")),
        _agree("journal", "issn", "abbreviation"), _agree("abbreviation", "journal", "issn"),
        _agree("issn", "journal", "abbreviation"),
    ],
    "boards": _told("flight", "sched_dep_time", "act_dep_time", "sched_arr_time", "act_arr_time"),
    "beverages": [
        {"kind": "convert_units", "column": "ounces", "to": "oz", "plain": "oz", "rest": "ignore"},
        {"kind": "change_type", "columns": ["caffeine"], "to": "number", "percent": "as written"},
        {"kind": "change_type", "columns": ["bitterness"], "to": "integer"},
        _agree("maker", "maker_id"), _agree("city", "maker_id", "maker"),
        _agree("state", "maker_id", "maker", "city"),
    ],
}  # fmt: skip


def results(seed: int, folder: Path) -> Iterator[tuple[str, float, str, Tally]]:
    """Every table at every rate, cleaned in both ways."""
    for name in BASES:
        for rate in RATES:
            pair = made(name, rate, seed)
            yield name, rate, "suggested", measured(pair, None, folder)
            yield name, rate, "recipe", measured(pair, RECIPES[name], folder)


def main(seed: int = 1) -> None:
    kinds: dict[tuple[str, str], list[int]] = {}
    print("                               detection           repair")
    print("table      rate  way        P    R    F1     P    R    F1    damage  steps")
    with tempfile.TemporaryDirectory() as folder:
        for name, rate, way, tally in results(seed, Path(folder)):
            found = " ".join(f"{x:.2f}" for x in tally.scores(tally.detected))
            mended = " ".join(f"{x:.2f}" for x in tally.scores(tally.repaired))
            harm = tally.damaged / max(1, tally.right)
            print(f"{name:10} {rate:4.0%}  {way:9}  {found}   {mended}  {harm:7.3%}  {tally.steps:3}")
            for kind, row in tally.kinds.items():
                every = kinds.setdefault((kind, way), [0, 0, 0])
                kinds[kind, way] = [a + b for a, b in zip(every, row, strict=True)]
    print("\nkind of error    way        errors  detected  repaired")
    for (kind, way), (errors, detected, repaired) in sorted(kinds.items()):
        print(f"{kind:16} {way:9}  {errors:7,}  {detected / errors:8.0%}  {repaired / errors:8.0%}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
