"""Personal data: which columns seem to hold it, by the form, the check digits and the names in their values.

found = recognised(column, values)           # "payment card", or None

A column is said to hold personal data when most of a few hundred of its distinct values pass a test
that other values hardly ever pass; where its name says so too, fewer are enough. It is better to miss a
column than to cry wolf. In texts of several words e-mail addresses, bank accounts and cards are looked for.

checks.py     numbers with their check digits and dates
forms.py      names and addresses
names.py      common given names and surnames
kinds.py      what is looked for, and how sure a column must look
recognise.py  a column's values put to all of them
"""

from core.personal.kinds import ALL, BY_MEANING, KINDS, Kind
from core.personal.recognise import SAMPLE, looked_at, recognised

__all__ = ["ALL", "BY_MEANING", "KINDS", "SAMPLE", "Kind", "looked_at", "recognised"]
