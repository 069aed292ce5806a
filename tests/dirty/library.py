"""More clean tables, harder to mend: papers in many journals, boards told by unequal sources."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

_STEMS = (
    "Cardio",
    "Neuro",
    "Immuno",
    "Derma",
    "Onco",
    "Hemato",
    "Nephro",
    "Hepato",
    "Pulmo",
    "Gastro",
    "Osteo",
    "Endocrino",
    "Psycho",
    "Patho",
    "Pharmaco",
    "Toxico",
    "Radio",
    "Uro",
    "Gyneco",
    "Pedia",
)
_FIELDS = ("Surgery", "Research", "Medicine", "Therapy", "Practice", "Science", "Nursing", "Imaging")
_KINDS = ("Journal of {} {}", "{} {} Letters", "Annals of {} {}", "The {} {} Review", "Archives of {} {}",
          "International Journal of {} {}", "{} {}", "Current Opinion in {} {}")  # fmt: skip
_NAMES = ("Müller", "García", "Smith", "Lefèvre", "Jones", "Sørensen", "Novák", "Peña", "Brown", "Åberg",
          "Silva", "Rossi", "Kovács", "Lee", "O'Neill", "Dubois", "Chen", "Weiß", "Costa")  # fmt: skip
_WORDS = ("outcome", "effects", "of", "in", "children", "randomised", "trial", "chronic", "acute", "early",
          "late", "treatment", "risk", "factors", "patients", "cohort", "review", "analysis", "survival",
          "dose", "response", "markers", "screening", "quality", "life", "versus", "placebo")  # fmt: skip


def issn(rng: np.random.Generator) -> str:
    """A serial number with its check digit, as often as not beginning with zeros."""
    first = int(rng.integers(3, 3_000)) * 1_000 + int(rng.integers(1_000))
    digits = [int(char) for char in f"{first:07}"]
    check = -sum(digit * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    text = f"{first:07}{'X' if check == 10 else check}"
    return f"{text[:4]}-{text[4:]}"


def bibliography(rng: np.random.Generator) -> pd.DataFrame:
    """1,000 papers in some 260 journals, many of which stand there once or twice."""
    names = [kind.format(f"{stem}logy" if number % 2 else f"{stem}logical", field)
             for number, stem in enumerate(_STEMS) for field in _FIELDS for kind in _KINDS]  # fmt: skip
    journals = [str(name) for name in rng.choice(names, 320, replace=False)]
    short = [" ".join(w[: 3 + len(w) % 3] for w in name.split() if w[0].isupper() and w != "The")
             for name in journals]  # fmt: skip
    numbers = [issn(rng) for _ in journals]
    weights = 1 / np.arange(1, 321) ** 0.8
    rows = []
    for place in range(1_000):
        one = int(rng.choice(320, p=weights / weights.sum()))
        day = pd.Timestamp("2000-01-01") + pd.Timedelta(days=int(rng.integers(0, 5_800)))
        authors = [f"{chr(65 + int(rng.integers(26)))}. {rng.choice(_NAMES)}" for _ in range(1 + place % 5)]
        rows.append([
            str(10_000 + 7 * place), " ".join(str(w) for w in rng.choice(_WORDS, 8)).capitalize(),
            str(rng.choice(["eng", "fre", "ger", "spa", "ita", ""], p=[0.8, 0.05, 0.05, 0.04, 0.03, 0.03])),
            journals[one], short[one], numbers[one], _volume(one, rng), _issue(rng),
            f"{day.month}/{day.day}/{day.year % 100:02}", _pages(rng), "; ".join(authors),
        ])  # fmt: skip
    columns = ["id", "title", "language", "journal", "abbreviation", "issn", "volume", "issue", "created",
               "pages", "authors"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _volume(one: int, rng: np.random.Generator) -> str:
    """Numbers; of one journal in twelve, years."""
    if rng.random() < 0.06:
        return ""
    return str(int(rng.integers(1985, 2016))) if one % 12 == 5 else str(int(rng.integers(1, 140)))


def _issue(rng: np.random.Generator) -> str:
    first = int(rng.integers(1, 12))
    if rng.random() < 0.15:
        return ""
    return f"{first}-{first + 1}" if rng.random() < 0.12 else str(first)


def _pages(rng: np.random.Generator) -> str:
    """First and last page, the last one shortened as catalogues do: 873-80."""
    if rng.random() < 0.08:
        return ""
    first = int(rng.integers(1, 30) if rng.random() < 0.35 else rng.integers(30, 2_000))
    last = first + int(rng.integers(1, 14))
    a, b = str(first), str(last)
    same = 0
    while len(a) == len(b) and a[same] == b[same] and same < len(a) - 1:
        same += 1
    return f"{a}-{b[same:]}"


def boards(rng: np.random.Generator) -> pd.DataFrame:
    """100 flights told by 14 to 26 of 36 sites, of which the last sixteen copy from each other."""
    rows = []
    for flight in range(100):
        times = [_clock(int(minute)) for minute in rng.integers(30, 1_400, 4)]
        name = (
            f"{('KA', 'TB', 'VC', 'NX')[flight % 4]}-{1000 + 37 * flight}-{('LIS', 'OSL', 'GVA')[flight % 3]}"
        )
        sites = rng.choice(36, int(rng.integers(14, 27)), replace=False)
        rows += [[f"board{site:02}", name, *times] for site in sites]
    table = pd.DataFrame(rows, columns=["src", "flight", *TOLD])
    table = table.sample(frac=1, random_state=int(rng.integers(1 << 30)), ignore_index=True)
    table.insert(0, "tuple_id", [str(place + 1) for place in range(len(table))])
    return table


TOLD = ("sched_dep_time", "act_dep_time", "sched_arr_time", "act_arr_time")
COPIES = 20  # the number of the first site that copies


def _clock(minute: int) -> str:
    hour = minute // 60
    return f"{(hour - 1) % 12 + 1}:{minute % 60:02} {'a.m.' if hour < 12 else 'p.m.'}"


def copied(dirty: pd.DataFrame, kinds: pd.DataFrame, rate: float, rng: np.random.Generator) -> None:
    """Where the sites that copy have a fact wrong, all of them tell the same wrong time."""
    for column in TOLD:
        for flight, rows in dirty.groupby("flight").groups.items():
            if rng.random() >= min(0.6, 2 * rate):
                continue
            shift = 3 + zlib.crc32(f"{flight}{column}".encode()) % 40
            for row in rows:
                if int(str(dirty.at[row, "src"])[5:]) >= COPIES:
                    hour, rest = str(dirty.at[row, column]).split(":")
                    dirty.at[row, column] = f"{hour}:{(int(rest[:2]) + shift) % 60:02}{rest[2:]}"
                    kinds.at[row, column] = "copied"
