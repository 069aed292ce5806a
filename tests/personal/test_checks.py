"""Check digits: published examples, what a slip of the hand does to them, and values that are none."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from bench.people import given
from core.personal import KINDS, checks

# numbers that issuers and standards print as examples; none is a person's
EXAMPLES: dict[Callable[[str], bool], list[str]] = {
    checks.payment_card: [
        "4111 1111 1111 1111", "5555555555554444", "378282246310005", "6011-1111-1111-1117",
        "30569309025904", "3530111333300000",
    ],
    checks.iban: ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR1420041010050500013M02606"],
    checks.us_ssn: ["123-45-6789", "123456789"],
    checks.uk_nino: ["AB 12 34 56 C", "ab123456c"],
    checks.spanish_id: ["12345678Z", "X1234567L", "12.345.678-Z"],
    checks.pesel: ["44051401359", "02070803628"],
    checks.chinese_id: ["11010519491231002X", "11010519491231002x"],
    checks.dutch_bsn: ["111222333", "123456782"],
    checks.codice_fiscale: ["RSSMRA85T10A562S"],
    checks.brazilian_cpf: ["529.982.247-25", "11144477735"],
    checks.aadhaar: ["999941057058", "4991 1866 5246"],
    checks.swedish_id: ["811228-9874", "19811228-9874", "198112289874"],
    checks.french_nir: ["255081416802538"],
    checks.german_tax_id: ["86095742719", "47036892816"],
}  # fmt: skip
NONE_OF_THEM = [
    "", " ", "-", "0", "000000000", "1111 1111 1111 1111", "0000000000000000", "1234567890123456",
    "978-3-16-148410-0", "1700000000", "1700000000000", "20240131123456", "2024-01-31", "999.999.999-99",
    "99999999999", "١٢٣٤٥٦٧٨٩", "４１１１１１１１１１１１１１１１", "𝟒𝟏𝟏𝟏", "'; drop table t; --",
    "4111 1111 1111 1111 1111 1111", "x" * 5_000, "9" * 5_000, "GB82 WEST", "XX82WEST12345698765432",
    "QQ123456C", "BG123456A", "11010519491331002X", "811328-9874", "\u202e4111111111111111",
]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120", "123-456789"],
)
def test_numbers_that_were_never_given_out_are_no_social_security_numbers(value: str) -> None:
    assert not checks.us_ssn(value)


@pytest.mark.parametrize("value", NONE_OF_THEM, ids=lambda value: ascii(value)[:24])
def test_other_values_are_none_of_them(value: str) -> None:
    assert [kind.name for kind in KINDS if kind.test(value) and kind.name != "street address"] == []


MADE = {
    "payment card": given.card, "bank account": given.iban, "Chinese resident identity number": given.chinese,
    "Brazilian CPF": given.cpf, "French social security number": given.nir, "Polish PESEL": given.pesel,
    "Italian tax code": given.tax_code, "Spanish identity number": given.spanish,
    "Swedish personal identity number": given.swedish, "German tax identification number": given.tax_id,
    "Indian Aadhaar number": given.aadhaar, "Dutch citizen service number": given.bsn,
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_check_digits_found_by_other_means_agree_and_random_digits_rarely_pass(kind: str) -> None:
    chance = random.Random(kind)
    found = next(one for one in KINDS if one.name == kind)
    one = MADE[kind](chance)
    values = [one() for _ in range(500)]
    assert [value for value in values if not found.test(value)] == []

    def scrambled(value: str) -> str:
        return "".join(chance.choice("0123456789") if sign.isdecimal() else sign for sign in value)

    passed = sum(found.test(scrambled(value)) for value in values)
    assert passed <= 500 * found.chance * 1.5 + 5
