"""The steps of a recipe, one import line for each file: importing registers its members."""

from core.steps import columns as columns
from core.steps import missing as missing
from core.steps import rows as rows
from core.steps import text as text
