"""Whether a text is a number of some kind that names a person: its form, its check digits, its dates.

Each function takes one value as it is written, spaces and hyphens included, and says yes or no. The
rules are those that the issuers publish: ISO/IEC 7812 (cards), ISO 13616 (IBAN), ISO 7064, GB 11643
(China), UIDAI's use of Verhoeff's code (India), and the national registers of the others.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18
FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20
LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19
SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
_IBAN = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
_CARD = re.compile(r"(?:\d{12,19}|\d{4}(?:[ -]\d{2,6}){2,4})", re.ASCII)
# the next row of Verhoeff's tables is the one before, permuted: both are made, not typed
_VERHOEFF_P = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def digits(text: str) -> str:
    """The digits of a number that is grouped by spaces, points, hyphens or slashes; "" when it is none."""
    bare = re.sub(r"[ .\-/\u00a0\u2011]", "", text)
    return bare if bare.isascii() and bare.isdecimal() else ""


def luhn(number: str) -> bool:
    """ISO/IEC 7812: every second digit doubled from the right."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _day(year: int, month: int, day: int) -> bool:
    try:
        return dt.date(1850, 1, 1) <= dt.date(year, month, day) <= dt.date.today()
    except ValueError:
        return False


def payment_card(text: str) -> bool:
    """Visa, Mastercard, American Express, Diners, Discover, JCB and UnionPay."""
    if not _CARD.fullmatch(text):
        return False
    n = digits(text)
    two, three, four = int(n[:2]), int(n[:3]), int(n[:4])
    known = (
        (n[0] == "4" and len(n) in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and len(n) == 16)
        or (two in (34, 37) and len(n) == 15)
        or ((two in (36, 38, 39) or 300 <= three <= 305) and len(n) == 14)
        or ((four == 6011 or 644 <= three <= 649 or two == 65) and len(n) == 16)
        or (3528 <= four <= 3589 and len(n) == 16)
        or (two == 62 and 16 <= len(n) <= 19)
    )
    return known and len(set(n)) > 1 and luhn(n)


def iban(text: str) -> bool:
    """ISO 13616: the country's length, and 1 modulo 97 with letters as numbers and the head at the end."""
    bare = text.replace(" ", "").upper()
    if len(bare) != _IBAN.get(bare[:2]) or not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", bare, re.ASCII):
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


def ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def us_ssn(text: str) -> bool:
    """No check digit: numbers that were never given out are left out, and those made famous."""
    found = re.fullmatch(r"(\d{3})([ -]?)(\d{2})\2(\d{4})", text, re.ASCII)
    if not found:
        return False
    area, _, group, serial = found.groups()
    never = area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
    return not never and (area, group, serial) not in (("078", "05", "1120"), ("219", "09", "9999"))


def us_ssn_hyphens(text: str) -> bool:
    """The same where the groups stand apart: nine digits in a row may be any number."""
    return len(text) == 11 and us_ssn(text)


def uk_nino(text: str) -> bool:
    bare = text.replace(" ", "").replace("-", "").upper()
    good = re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", bare, re.ASCII)
    return bool(good) and bare[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")


def spanish_id(text: str) -> bool:
    """DNI and NIE: a letter that is the number modulo 23."""
    bare = re.sub(r"[ .-]", "", text).upper()
    if not re.fullmatch(r"(?:\d{8}|[XYZ]\d{7})[A-Z]", bare, re.ASCII):
        return False
    number = bare[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == bare[-1]


def pesel(text: str) -> bool:
    n = digits(text)
    if len(n) != 11:
        return False
    total = sum(int(d) * w for d, w in zip(n, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), strict=True))
    century = (1900, 2000, 2100, 2200, 1800)[int(n[2]) // 2]
    return total % 10 == 0 and _day(century + int(n[:2]), int(n[2:4]) % 20, int(n[4:6]))


def chinese_id(text: str) -> bool:
    """GB 11643: region, day of birth, sequence, and a check digit modulo 11 that may be X."""
    bare = text.replace(" ", "").upper()
    if not re.fullmatch(r"[1-8]\d{16}[\dX]", bare, re.ASCII):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(bare[:17], weights, strict=True))
    day = _day(int(bare[6:10]), int(bare[10:12]), int(bare[12:14]))
    return day and "10X98765432"[total % 11] == bare[-1]


def dutch_bsn(text: str) -> bool:
    n = digits(text)
    if len(n) != 9 or len(set(n)) == 1:
        return False
    return sum(int(d) * w for d, w in zip(n, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def codice_fiscale(text: str) -> bool:
    """Italy: digits may be written as letters where two people would have the same code."""
    bare = text.replace(" ", "").upper()
    digit = "[0-9LMNPQRSTUV]"
    form = rf"[A-Z]{{6}}{digit}{{2}}[ABCDEHLMPRST]{digit}{{2}}[A-Z]{digit}{{3}}[A-Z]"
    if not re.fullmatch(form, bare):
        return False
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    places = [int(char) if char.isdecimal() else ord(char) - 65 for char in bare[:15]]
    total = sum(odd[place] if number % 2 == 0 else place for number, place in enumerate(places))
    return chr(65 + total % 26) == bare[-1]


def brazilian_cpf(text: str) -> bool:
    n = digits(text)
    if len(n) != 11 or len(set(n)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(d) * (length + 1 - place) for place, d in enumerate(n[:length]))
        if total * 10 % 11 % 10 != int(n[length]):
            return False
    return True


def aadhaar(text: str) -> bool:
    """India: twelve digits, the first from 2 to 9, with Verhoeff's check digit."""
    n = digits(text)
    if len(n) != 12 or n[0] in "01" or len(set(n)) == 1:
        return False
    check = 0
    for place, digit in enumerate(reversed(n)):
        value = int(digit)
        for _ in range(place % 8):
            value = _VERHOEFF_P[value]
        check = _dihedral(check, value)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """The product of two elements of the group of symmetries of a pentagon."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


def swedish_id(text: str) -> bool:
    """Personnummer and samordningsnummer (its day is 60 more), with or without the century."""
    found = re.fullmatch(r"(\d{2})?(\d{2})(\d{2})(\d{2})[-+]?(\d{4})", text, re.ASCII)
    if not found:
        return False
    century, year, month, day, last = found.groups()
    on = int(day) - 60 if int(day) > 60 else int(day)
    exists = (
        _day(int(century + year), int(month), on)
        if century
        else _day(1900 + int(year), int(month), on) or _day(2000 + int(year), int(month), on)
    )
    return exists and luhn(year + month + day + last)


def french_nir(text: str) -> bool:
    """Sex, year, month, place and order of birth, and a key modulo 97; Corsica has letters."""
    bare = text.replace(" ", "").upper()
    form = r"[123478]\d{2}(?:0[1-9]|1[0-2]|[2-3]\d|4[0-2]|[5-9]\d)(?:\d{2}|2[AB])\d{6}(\d{2})"
    if not re.fullmatch(form, bare, re.ASCII):
        return False
    number = int(bare[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(bare[13:])


def german_tax_id(text: str) -> bool:
    """ISO 7064 modulo 11, 10; of the first ten digits one or two stand twice or thrice."""
    n = digits(text)
    if len(n) != 11 or n[0] == "0" or not 8 <= len(set(n[:10])) <= 9:
        return False
    rest = 10
    for digit in n[:10]:
        total = (int(digit) + rest) % 10 or 10
        rest = total * 2 % 11
    return (11 - rest) % 10 == int(n[10])
