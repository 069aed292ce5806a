"""Whether a text has the form of a person's name or of an address."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.personal.checks import iban, payment_card
from core.personal.names import GIVEN, HAN, SURNAMES, tokens

_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[ .,'’\-]+[^\W\d_]+){0,4}\.?")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_WORD = r"[^\W\d_][\w.'’\-]*"
_NUMBER = r"\d{1,5} ?[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?"
_ENGLISH = (
    r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|terrace|close|"
    r"square|sq|highway|hwy|parkway|pkwy|crescent|circle|cir|trail|gardens|grove|mews|row"
)
_ROMANCE = (
    r"rue|avenue|boulevard|place|chemin|allée|impasse|quai|route|cours|calle|c/|avenida|avda\.?|plaza|paseo|"
    r"camino|carrera|via|viale|piazza|corso|largo|rua|travessa|praça|ul\.|ulica|aleja|al\."
)
_GERMANIC = (
    r"straße|strasse|str\.|weg|gasse|platz|allee|(?<!sp)ring|damm|ufer|straat|laan|plein|gracht|kade|gatan|"
    r"vägen|vej|gade"
)
_STREET = re.compile(
    rf"(?:{_NUMBER},? (?:{_WORD} ){{1,4}}(?:{_ENGLISH})\b\.?(?:[ ,].*)?"
    rf"|{_NUMBER}(?: bis| ter)?,? (?:{_ROMANCE}) .{{2,}}"
    rf"|(?:{_ROMANCE}) .{{2,60}}?\d{{1,5}}.*"
    rf"|[^\d,]{{0,40}}?(?:{_GERMANIC}) {_NUMBER}(?:[ ,].*)?"
    r"|.{0,20}[\u4e00-\u9fff]{1,8}(?:路|街|大道|巷|胡同|弄).{0,6}\d+ ?号.*)",
    re.IGNORECASE,
)


# among the words of a text
_MAIL = re.compile(
    r"(?<![\w.+-])[\w+-]{1,40}(?:\.[\w+-]{1,40}){0,4}@(?:[\w-]{1,40}\.){1,4}[^\W\d_]{2,24}(?!\w)"
)
_NUMBERS = re.compile(
    r"(?<![\w.,-])(?:\d{13,19}|\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{5})(?![\w-])", re.ASCII
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.ASCII)


def street_address(text: str) -> bool:
    """A street and a number in it, as several languages write them."""
    return len(text) <= 120 and bool(_STREET.fullmatch(text))


def holds_mail(text: str) -> bool:
    """An e-mail address among the words of a text."""
    return bool(_MAIL.search(text))


def cards_within(texts: Sequence[str]) -> tuple[int, int]:
    """How many of the long numbers in texts are payment cards, and how many there are."""
    found = [number for text in texts for number in _NUMBERS.findall(text)]
    return sum(map(payment_card, found)), len(found)


def accounts_within(texts: Sequence[str]) -> tuple[int, int]:
    """How many of what looks like a bank account in texts is one, and how many there are."""
    found = [account for text in texts for account in _ACCOUNT.findall(text)]
    return sum(map(iban, found)), len(found)


def person_name(text: str) -> bool:
    """A given name and another word, or a word and a surname, with one of them on the list."""
    if _HAN_NAME.fullmatch(text):
        return text[0] in HAN
    words = tokens(text) if len(text) <= 60 and _LATIN_NAME.fullmatch(text) else []
    if not 2 <= len(words) <= 5:
        return False
    return words[0] in GIVEN or words[-1] in SURNAMES or (words[0] in SURNAMES and words[-1] in GIVEN)


def name_like(text: str) -> bool:
    """Words in letters alone, few enough for a name."""
    return han_like(text) or (len(text) <= 60 and bool(_LATIN_NAME.fullmatch(text)))


def han_like(text: str) -> bool:
    """Two to four Chinese characters."""
    return bool(_HAN_NAME.fullmatch(text))


def single_name(text: str) -> bool:
    """One word that is a given name or a surname of the list."""
    words = tokens(text) if len(text) <= 30 and _LATIN_NAME.fullmatch(text) else []
    return len(words) == 1 and (words[0] in GIVEN or words[0] in SURNAMES)
