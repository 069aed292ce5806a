"""Pairs of a dirty and a clean table, with the kind of each error: the same for the same seed.

pair = made("houses", rate=0.1, seed=1)
pair.dirty, pair.clean, pair.kinds      # kinds: "" where the cell is right
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.dirty import errors, library, mangled
from tests.dirty.bases import BASES
from tests.dirty.errors import Cell, Wrong

Plan = tuple[tuple[str, Wrong, tuple[str, ...]], ...]  # the error's kind, its maker, the columns it befalls

_TEXTS = ("neighborhood", "city", "zoning", "style", "condition")
_CUSTOMER = ("contract", "payment_method", "internet_service", "multiple_lines")
_TOLD = ("planned_departure", "departure", "planned_arrival", "arrival")
_LEFT = ("planned", "left", "expected", "landed")
_SCHOOL = ("school", "name", "address", "city", "state", "zip", "county", "phone", "type", "owner", "bus",
           "subject", "code", "measure", "score", "sample", "average")  # fmt: skip
_MEASURES = ("bill_length_mm", "flipper_length_mm", "body_mass_g")

PLANS: dict[str, Plan] = {
    "countries": (
        ("typo", errors.typo, ("country", "continent")),
        ("smudge", errors.smudge, ("country", "continent", "code")),
        ("dependency", errors.swapped, ("continent", "code")),
        ("missing", errors.missing, ("continent", "code")),
        ("number format", errors.number_format, ("pop",)),
    ),
    "houses": (
        ("typo", errors.typo, _TEXTS),
        ("unit", errors.unit((" sq ft", " sqft", " sq. ft")), ("lot_area",)),
        ("number format", errors.number_format, ("price",)),
        ("date format", errors.date_format, ("sold",)),
        ("missing", errors.missing, ("city", "zoning", "style")),
        ("case", errors.case, ("zoning", "style", "city")),
        ("spaces", errors.spaces, _TEXTS),
        ("appended", errors.appended("state"), ("city",)),
        ("dependency", errors.swapped, ("city", "state", "postcode")),
    ),
    "customers": (
        ("typo", errors.typo, _CUSTOMER),
        ("case", errors.case, _CUSTOMER),
        ("spaces", errors.spaces, _CUSTOMER),
        ("missing", errors.missing, ("payment_method", "tech_support")),
        ("unit", errors.unit((" months", " mo", " months")), ("tenure",)),
        ("number format", errors.number_format, ("total_charges",)),
    ),
    "penguins": (
        ("typo", errors.typo, ("species", "island", "sex")),
        ("unit", errors.unit((" mm", "mm")), ("flipper_length_mm", "bill_length_mm")),
        ("unit", errors.unit((" g", "g")), ("body_mass_g",)),
        ("missing", errors.missing, ("sex", *_MEASURES)),
        ("case", errors.case, ("species", "island", "sex")),
    ),
    "reports": (
        ("clock format", errors.clock_format, _TOLD),
        ("conflict", errors.late, _TOLD),
        ("missing", errors.missing, _TOLD),
    ),
    "catalogue": (
        ("unit", errors.unit((" oz", " oz.", " OZ.", " ounce", " oz. Slim-Can", " oz. Tin")), ("ounces",)),
        ("unit", errors.unit(("%",)), ("caffeine",)),
        ("missing", errors.gone, ("state",)),
        ("missing", errors.missing, ("city",)),
        ("appended", errors.appended("state"), ("city",)),
        ("typo", errors.typo, ("maker", "city")),
    ),
    "departures": (
        ("clock format", errors.clock_format, _LEFT),
        ("conflict", errors.late, _LEFT),
        ("missing", errors.gone, _LEFT),
        ("missing", errors.missing, _LEFT),
    ),
    "schools": (("smudge", errors.smudge, _SCHOOL),),
    "papers": (
        ("typo", errors.typo, ("journal", "short")),
        ("dependency", errors.swapped, ("issn",)),
        ("missing", errors.gone, ("short", "issn", "language")),
        ("spreadsheet", errors.spreadsheet, ("pages",)),
    ),
    "clinics": (("smudge", mangled.smudges, (*_SCHOOL, "address 2", "address 3")),),
    "bibliography": (
        ("typo", errors.typo, ("journal", "abbreviation")),
        ("missing", errors.gone, ("abbreviation", "issn", "journal")),
        ("disguised", mangled.odd_missing, ("volume", "issue", "pages", "language")),
        ("dependency", errors.swapped, ("issn", "abbreviation")),
        ("instead", mangled.instead("abbreviation"), ("journal",)),
        ("number format", mangled.bare_number, ("issn",)),
        ("spreadsheet", mangled.range_as_date, ("pages", "issue")),
        ("spreadsheet", mangled.number_as_date, ("volume",)),
        ("date format", mangled.day_written, ("created",)),
        ("language", mangled.language_name, ("language",)),
        ("list", mangled.list_written, ("authors",)),
        ("encoding", mangled.wrong_encoding, ("authors",)),
    ),
    "boards": (
        ("clock format", errors.clock_format, library.TOLD),
        ("clock format", mangled.noted_clock, library.TOLD),
        ("conflict", errors.late, library.TOLD),
        ("missing", errors.gone, library.TOLD),
        ("missing", mangled.no_time, library.TOLD),
    ),
    "beverages": (
        ("unit", errors.unit((" oz", " oz.", " OZ.", " ounce", " ounces", " oz. Tin")), ("ounces",)),
        ("unit", errors.unit(("%",)), ("caffeine",)),
        ("missing", errors.gone, ("state", "maker")),
        ("disguised", mangled.odd_missing, ("bitterness",)),
        ("appended", errors.appended("state"), ("city",)),
        ("appended", mangled.with_comma("state"), ("city",)),
        ("typo", errors.typo, ("maker", "city", "style")),
        ("dependency", errors.swapped, ("state", "city")),
    ),
}  # fmt: skip
SWEEPS = {"boards": library.copied}  # errors that befall several rows together, before the others
DUPLICATED = {"customers": 0.02, "houses": 0.02}  # of the rows, repeated: half exactly, half but for one cell


@dataclass(frozen=True)
class Pair:
    """A dirty table of texts and the clean one row for row; `repeats` are rows that repeat an earlier one."""

    name: str
    dirty: pd.DataFrame
    clean: pd.DataFrame
    kinds: pd.DataFrame
    repeats: frozenset[int]


def made(name: str, rate: float, seed: int) -> Pair:
    """The table called `name`, with errors in `rate` of the cells of each column that its plan names."""
    rng = np.random.default_rng(seed)
    clean = BASES[name](rng).reset_index(drop=True)
    clean, repeats = _repeated(clean, DUPLICATED.get(name, 0.0), rng)
    dirty, kinds = clean.copy(), clean.copy()
    kinds[:] = ""
    if name in SWEEPS:
        SWEEPS[name](dirty, kinds, rate, rng)
    befallen: dict[str, list[tuple[str, Wrong]]] = {}
    for kind, wrong, columns in PLANS[name]:
        for column in columns:
            befallen.setdefault(column, []).append((kind, wrong))
    spared = {row for row in repeats if row % 2} | {repeats[row] for row in repeats}
    for column, ways in befallen.items():
        for row in np.flatnonzero(rng.random(len(clean)) < rate):
            kind, wrong = ways[int(rng.integers(len(ways)))]
            value = None if int(row) in spared else wrong(Cell(clean, int(row), column, rng))
            if value is not None and value != clean.at[row, column]:
                dirty.at[row, column], kinds.at[row, column] = value, kind
    return Pair(name, dirty, clean, kinds, frozenset(repeats))


def _repeated(
    clean: pd.DataFrame, share: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[int, int]]:
    """The table with some rows repeated at its end, and which row each of those repeats."""
    chosen = rng.choice(len(clean), int(share * len(clean)), replace=False)
    repeats = {len(clean) + place: int(row) for place, row in enumerate(chosen)}
    return pd.concat([clean, clean.iloc[chosen]], ignore_index=True), repeats
