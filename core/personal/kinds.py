"""The kinds of personal data that are looked for in values, and how sure a column must look."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.personal import checks, forms

ODDS = 1e-6  # of taking a column for personal data by chance, for each kind


@dataclass(frozen=True)
class Kind:
    """One kind: the test of a value, how often another value passes it, and what a column's name adds.

    `chance` is how often a value of the same form passes that is of no such kind: so many values must
    pass that chance is ruled out. `share` of the distinct values must pass, and `hinted_share` where
    the column's name speaks for it; then the test may also be looser (`loose`). `length`: digits of a
    number that loses its leading zeros when it is stored as a number.
    """

    name: str
    test: Callable[[str], bool]
    chance: float
    hint: str
    share: float = 0.75
    hinted_share: float = 0.5
    loose: Callable[[str], bool] | None = None
    length: int = 0

    def hinted(self, words: str) -> bool:
        return bool(re.search(self.hint, words))

    @property
    def needed(self) -> int:
        """How many values must pass before chance is ruled out."""
        return math.ceil(math.log(ODDS) / math.log(self.chance))


KINDS: tuple[Kind, ...] = (
    Kind("bank account", checks.iban, 0.01, r"\biban|\baccount\b|konto"),
    Kind("Chinese resident identity number", checks.chinese_id, 0.01,
         r"身份证|证件|\bid card\b|\bresident id\b"),
    Kind("Brazilian CPF", checks.brazilian_cpf, 0.01, r"\bcpf\b", length=11),
    Kind("French social security number", checks.french_nir, 0.01, r"\b(?:nir|s[eé]cu|social security)\b"),
    Kind("Polish PESEL", checks.pesel, 0.02, r"\bpesel\b", length=11),
    Kind("Italian tax code", checks.codice_fiscale, 0.04, r"\b(?:codice fiscale|cf|tax code)\b"),
    Kind("Spanish identity number", checks.spanish_id, 0.05, r"\b(?:dni|nie|nif)\b"),
    Kind("Swedish personal identity number", checks.swedish_id, 0.05,
         r"personnummer|\b(?:pnr|personal id)\b"),
    Kind("German tax identification number", checks.german_tax_id, 0.08,
         r"steuer|\b(?:idnr|tax id)\b", length=11),
    Kind("payment card", checks.payment_card, 0.1, r"\bcards?\b|\bpan\b|卡号"),
    Kind("Indian Aadhaar number", checks.aadhaar, 0.1, r"aadha+r|\buid\b"),
    Kind("Dutch citizen service number", checks.dutch_bsn, 0.1, r"\b(?:bsn|sofi)\b|burgerservice", length=9),
    Kind("UK national insurance number", checks.uk_nino, 0.1,
         r"\b(?:nino|ni number|ni no|national insurance)\b", share=0.9),
    # without a check digit: so many must pass that nine digits with hyphens cannot be anything else
    Kind("US social security number", checks.us_ssn_hyphens, 0.89, r"\b(?:ssn|social security|soc sec)\b",
         share=0.985, hinted_share=0.75, loose=checks.us_ssn, length=9),
    Kind("IP address", checks.ip_address, 0.1, r"\bip(?:v[46])?\b|\bipaddr", share=0.9),
    Kind("street address", forms.street_address, 0.1,
         r"\baddress|\baddr\b|\bstreet|adresse|stra(?:ss|ß)e|direcc|地址",
         share=0.6, hinted_share=0.3),
)  # fmt: skip
BY_MEANING = {"e-mail": "e-mail address", "phone": "phone number"}
NAME = "person's name"
BIRTH = "date of birth"
WITHIN = "personal data within text"
ALL = (*(kind.name for kind in KINDS), *BY_MEANING.values(), NAME, BIRTH, WITHIN)
