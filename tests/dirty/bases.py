"""Clean tables in which facts repeat, made of the samples: what the errors are sown into.

Cells are texts; an empty text is a missing value. Places and addresses are made up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.conftest import SAMPLES
from tests.dirty import library, registers

_CITIES = (
    "Ashford", "Brookfield", "Castleton", "Dunmore", "Eastleigh", "Fairview", "Glenwood", "Harrow Hill",
    "Ironbridge", "Kingsbury", "Lakewood", "Middleton", "Northgate", "Oakdale", "Pinehurst", "Queensferry",
    "Riverside", "Stonehaven", "Thornbury", "Upton", "Vale Park", "Westbrook", "Yarmouth", "Zennor",
    "Millbrook", "Redcliff", "Silverton", "Maplewood",
)  # fmt: skip
_STATES = ("OR", "WA", "CA", "ID", "NV", "UT", "AZ", "MT")


def _sample(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / f"{name}.csv.gz", dtype=str, keep_default_na=False).replace("NA", "")


def countries(rng: np.random.Generator) -> pd.DataFrame:
    """Countries by year: the country says its continent, its code and its code's number."""
    table = _sample("gapminder_gapminder")
    names = sorted(set(table["country"]))
    codes = dict(
        zip(names, (f"{name[:2].upper()}{place:03}" for place, name in enumerate(names)), strict=True)
    )
    table.insert(1, "code", table["country"].map(codes))
    return table


def houses(rng: np.random.Generator) -> pd.DataFrame:
    """Houses sold: the neighbourhood says city, state and postcode; some categories, amounts, one date."""
    table = _sample("modeldata_ames").sample(
        2_000, random_state=int(rng.integers(1 << 30)), ignore_index=True
    )
    hoods = sorted(set(table["Neighborhood"]))
    place = {hood: number for number, hood in enumerate(hoods)}
    city = [_CITIES[place[hood] % len(_CITIES)] for hood in table["Neighborhood"]]
    state = [_STATES[place[hood] % len(_STATES)] for hood in table["Neighborhood"]]
    postcode = [f"{97001 + 37 * place[hood]}" for hood in table["Neighborhood"]]
    days = pd.Timestamp("2006-01-01") + pd.to_timedelta(rng.integers(0, 1_600, len(table)), unit="D")
    return pd.DataFrame(
        {
            "neighborhood": table["Neighborhood"].str.replace("_", " "),
            "city": city,
            "state": state,
            "postcode": postcode,
            "zoning": table["MS_Zoning"].str.replace("_", " "),
            "style": table["House_Style"].str.replace("_", " "),
            "condition": table["Overall_Cond"].str.replace("_", " "),
            "lot_area": table["Lot_Area"],
            "built": table["Year_Built"],
            "sold": days.strftime("%Y-%m-%d"),
            "price": table["Sale_Price"],
        }
    )


def customers(rng: np.random.Generator) -> pd.DataFrame:
    """Customers and their contracts: categories and amounts that say little about each other."""
    table = _sample("modeldata_wa_churn").head(3_000)
    names = ["contract", "payment_method", "internet_service", "multiple_lines", "tech_support", "churn"]
    made = table[[*names, "tenure", "monthly_charges", "total_charges"]].copy()
    made.insert(0, "customer_id", [f"C{number:05}" for number in range(len(made))])
    return made.reset_index(drop=True)


def penguins(rng: np.random.Generator) -> pd.DataFrame:
    """Penguins: few rows, few categories, four measures."""
    return _sample("palmerpenguins_penguins")


def reports(rng: np.random.Generator) -> pd.DataFrame:
    """What 25 sites say about the same 80 departures: every fact stands there 25 times."""
    rates = _sample("modeldata_hotel_rates").head(80)
    minutes = rng.integers(300, 1_300, (80, 4))
    flights = [f"{rates['country'][i].upper()}-{100 + 7 * i}" for i in range(80)]
    rows = []
    for flight, times in zip(flights, minutes, strict=True):
        told = [_clock(int(minute)) for minute in times]
        rows += [[f"site{site:02}", flight, *told] for site in range(25)]
    names = ["source", "flight", "planned_departure", "departure", "planned_arrival", "arrival"]
    return pd.DataFrame(rows, columns=names)


def _clock(minute: int) -> str:
    hour = minute // 60
    return f"{(hour - 1) % 12 + 1}:{minute % 60:02} {'a.m.' if hour < 12 else 'p.m.'}"


BASES: dict[str, Callable[[np.random.Generator], pd.DataFrame]] = {
    "countries": countries, "houses": houses, "customers": customers, "penguins": penguins,
    "reports": reports, "catalogue": registers.catalogue, "departures": registers.departures,
    "schools": registers.schools, "papers": registers.papers,
    "clinics": registers.clinics, "bibliography": library.bibliography, "boards": library.boards,
    "beverages": registers.catalogue,
}  # fmt: skip
