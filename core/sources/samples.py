"""The data sets that come with Sightline, by the question a business asks of them."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from core.contracts import Account, Source, Task, Watch
from core.sources.delimited import DelimitedFile
from core.sources.scratch import scratch_beside
from core.wording import note

FOLDER = Path(__file__).resolve().parents[2] / "data" / "samples"
Name = Literal[
    "hotel_rates",
    "mlc_churn",
    "wa_churn",
    "credit_data",
    "lending_club",
    "attrition",
    "stackoverflow",
    "ames",
    "diamonds",
    "penguins",
    "gapminder",
    "ad_data",
]


@dataclass(frozen=True)
class SampleInfo:
    """One shipped data set: what it is about, and what one could ask it to predict."""

    name: Name
    file: str
    title: str
    about: str
    rows: int
    columns: int
    group: str  # the business question
    target: str
    task: Task
    licence: str
    source: str


_MODELDATA = "R package modeldata"
SAMPLES: tuple[SampleInfo, ...] = (
    SampleInfo("hotel_rates", "modeldata_hotel_rates.csv.gz", "Hotel rates",
               "Bookings of a resort hotel with channel, customer type and dates: what price was paid?",
               15_402, 28, "marketing", "avg_price_per_room", "number", "MIT", _MODELDATA),
    SampleInfo("mlc_churn", "modeldata_mlc_churn.csv.gz", "Telecom churn",
               "Use and charges of phone customers (made after a real case): who left?",
               5_000, 20, "customers", "churn", "category", "MIT", _MODELDATA),
    SampleInfo("wa_churn", "modeldata_wa_churn.csv.gz", "Telco customers",
               "Contracts and services of a telephone company's customers: who left?",
               7_043, 20, "customers", "churn", "category", "MIT", _MODELDATA),
    SampleInfo("credit_data", "modeldata_credit_data.csv.gz", "Credit scoring",
               "Applicants for credit, their income, assets and debts: who paid back?",
               4_454, 14, "risk", "Status", "category", "MIT", _MODELDATA),
    SampleInfo("lending_club", "modeldata_lending_club.csv.gz", "Loans",
               "Loans between private people: which went bad?",
               9_857, 23, "risk", "Class", "category", "MIT", _MODELDATA),
    SampleInfo("attrition", "modeldata_attrition.csv.gz", "Employee attrition",
               "Staff of a company (fictional): who left?",
               1_470, 31, "people", "Attrition", "category", "MIT", _MODELDATA),
    SampleInfo("stackoverflow", "modeldata_stackoverflow.csv.gz", "Developer survey",
               "Answers of developers about work and pay: who works remotely?",
               5_594, 21, "people", "Remote", "category", "MIT", _MODELDATA),
    SampleInfo("ames", "modeldata_ames.csv.gz", "House prices",
               "Houses sold in Ames, Iowa, from 2006 to 2010: what did they cost?",
               2_930, 74, "prices", "Sale_Price", "number", "MIT", _MODELDATA),
    SampleInfo("diamonds", "ggplot2_diamonds.csv.gz", "Diamonds",
               "Weight, cut, colour and size of diamonds: what do they cost?",
               53_940, 10, "prices", "price", "number", "MIT", "R package ggplot2"),
    SampleInfo("penguins", "palmerpenguins_penguins.csv.gz", "Penguins",
               "Three species of penguin near Palmer Station, Antarctica, and their measures: which is it?",
               344, 8, "general", "species", "category", "CC0", "R package palmerpenguins"),
    SampleInfo("gapminder", "gapminder_gapminder.csv.gz", "Countries over time",
               "Life expectancy, population and income of countries from 1952 to 2007.",
               1_704, 6, "general", "lifeExp", "number", "CC0", "R package gapminder"),
    SampleInfo("ad_data", "modeldata_ad_data.csv.gz", "Alzheimer's disease",
               "Proteins in the blood of patients: who is impaired? Many columns, few rows.",
               333, 131, "general", "Class", "category", "MIT", _MODELDATA),
)  # fmt: skip


def sample_info(name: str) -> SampleInfo:
    return next(info for info in SAMPLES if info.name == name)


class Sample(Source):
    """A real data set that comes with Sightline."""

    title: ClassVar[str] = "Sample"
    group: ClassVar[str] = "Without a file"
    needs_file: ClassVar[bool] = False

    name: Name = Field(
        default="penguins", title="Data set", description="Which of the shipped data sets to read."
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        info = sample_info(self.name)
        with scratch_beside(place) as scratch:
            text = scratch / "sample.csv"
            with gzip.open(FOLDER / info.file, "rb") as packed, text.open("wb") as out:
                shutil.copyfileobj(packed, out)
            account: Account = DelimitedFile().read(text, place, refused, watch)
        about = note(
            "{title}: {about} Licence {licence}, from the {source}.",
            title=note(info.title),
            about=note(info.about),
            licence=info.licence,
            source=info.source,
        )
        return account.model_copy(update={"dialect": {"name": self.name}, "notes": (about, *account.notes)})
