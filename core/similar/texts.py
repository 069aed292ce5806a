"""Texts in the forms in which they are compared: without case, accents, punctuation or order of words."""

from __future__ import annotations

import re
import unicodedata

_APART = re.compile(r"[\W_]+")
_DOUBLED = re.compile(r"(.)\1+")
_NO_DIGIT = re.compile(r"\D+")
_VOWELS = re.compile(r"(?<=.)[aeiouyh\s]")


def plain(text: str) -> str:
    """Small letters without accents, with one space where others have spaces or punctuation."""
    bare = text.casefold()
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", bare)
        bare = "".join(char for char in folded if not unicodedata.combining(char))
    return _APART.sub(" ", bare).strip()


def fingerprint(text: str) -> str:
    """The different words in alphabetical order: "Smith, John" and "john smith" have the same."""
    return " ".join(sorted(set(plain(text).split())))


def ngrams(text: str) -> str:
    """The different pairs of letters in alphabetical order, spaces left out: "New York" and "newyork"."""
    bare = plain(text).replace(" ", "")
    return "".join(sorted({bare[place : place + 2] for place in range(max(1, len(bare) - 1))}))


def skeleton(text: str) -> str:
    """Of a plain text the first letter and the consonants after it, doubled ones once: what misspelling
    changes least."""
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", text))


def digits(text: str) -> str:
    """The digits alone: texts with different ones are different things, however similar they look."""
    return _NO_DIGIT.sub("", text)
