"""The steps of a recipe, one import line for each file: importing registers its members."""

from core.steps import agree as agree
from core.steps import bins as bins
from core.steps import clock as clock
from core.steps import columns as columns
from core.steps import conditional as conditional
from core.steps import dates as dates
from core.steps import derive as derive
from core.steps import extract as extract
from core.steps import fill_group as fill_group
from core.steps import filter as filter
from core.steps import group as group
from core.steps import header_row as header_row
from core.steps import merge_columns as merge_columns
from core.steps import missing as missing
from core.steps import mixed_dates as mixed_dates
from core.steps import outliers as outliers
from core.steps import rare as rare
from core.steps import reshape as reshape
from core.steps import rows as rows
from core.steps import scale as scale
from core.steps import split as split
from core.steps import text as text
from core.steps import types as types
from core.steps import units as units
from core.steps import validity as validity
from core.steps import windows as windows
