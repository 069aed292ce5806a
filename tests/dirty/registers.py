"""More clean tables in which facts repeat: a catalogue, departures as told, schools, papers. All made up."""

from __future__ import annotations

import numpy as np
import pandas as pd

_STEMS = ("ash", "brook", "castle", "dun", "east", "fair", "glen", "har", "iron", "kings", "lake", "middle",
          "north", "oak", "pine", "queens", "river", "stone", "thorn", "upper", "vale", "west", "yar", "red",
          "silver", "maple", "mill", "clear", "gold", "swan")  # fmt: skip
_ENDS = ("ford", "field", "ton", "more", "leigh", "view", "wood", "row", "bridge", "bury", "gate", "dale")
_STATES = ("OR", "WA", "CA", "ID", "NV", "UT", "AZ", "MT", "CO", "TX", "NM", "WY")
_TASKS = ("reading", "writing", "arithmetic", "attendance", "science", "history", "music", "sports",
          "languages", "geography", "civics", "drawing", "reading in spring", "writing in spring",
          "arithmetic in spring", "pupils per teacher", "books per pupil", "meals served",
          "hours of lessons", "days open")  # fmt: skip


def _places(rng: np.random.Generator, count: int) -> list[str]:
    names = [stem + end for stem in _STEMS for end in _ENDS]
    return [str(name) for name in rng.choice(names, count, replace=False)]


def catalogue(rng: np.random.Generator) -> pd.DataFrame:
    """2,000 teas of 400 makers: volumes, shares, and the maker's name, city and state."""
    cities = [name.title() for name in _places(rng, 160)]
    state = {city: str(rng.choice(_STATES)) for city in cities}
    weights = 1 / np.arange(1, 161) ** 0.7
    home = [str(rng.choice(cities, p=weights / weights.sum())) for _ in range(400)]
    maker = [f"{name.title()} {rng.choice(['Tea', 'Leaf', 'Tea Company', 'Gardens'])}"
             for name in _places(rng, 340)]  # fmt: skip
    maker += [f"{name} & Daughters" for name in maker[:60]]
    rows = []
    for place in range(2_000):
        one = int(400 * rng.random() ** 1.3)
        words = [str(word).title() for word in rng.choice(_STEMS, 2, replace=False)]
        bitter = str(int(rng.integers(4, 120))) if rng.random() < 0.6 else ""
        rows.append([
            str(place), str(1_000 + place), f"{words[0]} {words[1]} No. {place % 97}",
            str(rng.choice(["Green", "Black", "White", "Oolong", "Herbal", "Black / Smoked", "Green / Dry"])),
            str(rng.choice(["12.0", "16.0", "24.0", "8.4", "19.2"], p=[0.6, 0.3, 0.05, 0.03, 0.02])),
            f"{rng.integers(30, 120) / 1000:.3f}".rstrip("0"), bitter, str(one), maker[one], home[one],
            state[home[one]],
        ])  # fmt: skip
    names = [
        "row",
        "id",
        "tea",
        "style",
        "ounces",
        "caffeine",
        "bitterness",
        "maker_id",
        "maker",
        "city",
        "state",
    ]
    return pd.DataFrame(rows, columns=names)


def departures(rng: np.random.Generator) -> pd.DataFrame:
    """90 flights, each told by 20 to 30 sites: planned and actual times."""
    rows = []
    for flight in range(90):
        minutes = rng.integers(30, 1_400, 4)
        told = [_clock(int(minute)) for minute in minutes]
        name = f"{('QA', 'ZB', 'XC')[flight % 3]}-{100 + 13 * flight}"
        sites = rng.choice(36, int(rng.integers(20, 31)), replace=False)
        rows += [[f"site{site:02}", f"{name}-{('ORD', 'PHX', 'MIA')[flight % 3]}", *told] for site in sites]
    table = pd.DataFrame(rows, columns=["site", "flight", "planned", "left", "expected", "landed"])
    table = table.sample(frac=1, random_state=int(rng.integers(1 << 30)), ignore_index=True)
    table.insert(0, "row", [str(place) for place in range(len(table))])
    return table


def schools(rng: np.random.Generator) -> pd.DataFrame:
    """50 schools with 20 measures each: the school says nine other columns, the measure three."""
    names, streets = _places(rng, 50), _places(rng, 30)
    towns = _places(rng, 34)
    county = {town: str(rng.choice(_places(np.random.default_rng(5), 18))) for town in towns}
    rows = []
    for place in range(50):
        town = towns[int(rng.integers(34))]
        facts = [
            str(10_001 + 7 * place), f"{names[place]} {'primary' if place % 2 else 'secondary'} school",
            f"{int(rng.integers(100, 2_900))} {streets[int(rng.integers(30))]} street", town,
            "al" if place % 9 else "ak", str(35_000 + 11 * towns.index(town)), county[town],
            f"20{int(rng.integers(10_000_000, 99_999_999))}", "public school",
            str(rng.choice(["government - state", "government - local", "voluntary", "proprietary"])),
            "yes" if place % 4 else "no",
        ]  # fmt: skip
        for number, task in enumerate(_TASKS):
            subject = ("basic skills", "other lessons", "the house")[number % 3]
            code = f"sc-{task.split()[0][:4]}-{number}"
            score = f"{int(rng.integers(40, 101))}%" if rng.random() < 0.85 else ""
            rows.append([*facts, subject, code, f"pupils reached in {task}", score,
                         f"{int(rng.integers(5, 900))} pupils", f"{facts[4]}_{code}"])  # fmt: skip
    columns = ["school", "name", "address", "city", "state", "zip", "county", "phone", "type", "owner", "bus",
               "subject", "code", "measure", "score", "sample", "average"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def clinics(rng: np.random.Generator) -> pd.DataFrame:
    """As the schools, with columns that say "empty" throughout, and scores that do where there are none."""
    table = schools(rng)
    table["score"] = table["score"].replace("", "empty")
    table["sample"] = table["sample"].where(rng.random(len(table)) < 0.8, "empty")
    for place, name in enumerate(("address 2", "address 3")):
        table.insert(3 + place, name, "empty")
    return table


def papers(rng: np.random.Generator) -> pd.DataFrame:
    """1,000 papers in 120 journals: the journal says its abbreviation and number."""
    stems = [name.title() for name in _places(rng, 120)]
    kinds = ("Journal of {} Studies", "{} Letters", "Annals of {}", "The {} Review")
    journals = [kinds[place % 4].format(stem) for place, stem in enumerate(stems)]
    short = [
        " ".join(f"{word[:4]}." if len(word) > 4 else word for word in name.split()) for name in journals
    ]
    numbers = [f"{rng.integers(1000, 9999)}-{rng.integers(1000, 9999)}" for _ in journals]
    rows = []
    for place in range(1_000):
        one, first = (
            int(120 * rng.random() ** 1.8),
            int(rng.integers(1, 30) if place % 3 else rng.integers(30, 2_000)),
        )
        words = [str(word) for word in rng.choice(_STEMS, 6)]
        day = pd.Timestamp("2000-01-01") + pd.Timedelta(days=int(rng.integers(0, 5_000)))
        rows.append([
            str(place), " ".join(words).capitalize(), "eng" if place % 8 else "fre", journals[one],
            short[one], numbers[one], str(int(rng.integers(1, 90))), str(int(rng.integers(1, 13))),
            f"{day.month}/{day.day}/{day.year % 100:02}", f"{first}-{first + int(rng.integers(2, 12))}",
            f"{words[0].title()} A., {words[1].title()} B.",
        ])  # fmt: skip
    columns = [
        "row",
        "title",
        "language",
        "journal",
        "short",
        "issn",
        "volume",
        "issue",
        "created",
        "pages",
        "authors",
    ]
    return pd.DataFrame(rows, columns=columns)


def _clock(minute: int) -> str:
    hour = minute // 60
    return f"{(hour - 1) % 12 + 1}:{minute % 60:02} {'a.m.' if hour < 12 else 'p.m.'}"
