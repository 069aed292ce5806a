"""Two tables side by side: their columns, how values spread in each, which rows came, went and changed.

schema.py     columns added, removed, retyped, and which removed one an added one may be
measures.py   how far two distributions lie apart: PSI, Kolmogorov-Smirnov, Jensen-Shannon
column.py     what is told of one column in both tables
numbers.py    how numbers and dates spread, counted in the engine
categories.py how categories do
drift.py      all columns that both tables have
rows.py       rows added, removed and changed, by a key or as whole rows
listing.py    all of these rows as a table, with both values of each cell
work.py       all of it
"""

from core.compare.column import Bin, ColumnDrift
from core.compare.drift import drift
from core.compare.listing import side_by_side
from core.compare.rows import Differences, RowChanges, What, changes, comparable, likely_key
from core.compare.schema import Rename, Retyped, SchemaChanges, schema_changes
from core.compare.work import Comparison, compare

__all__ = [
    "Bin",
    "ColumnDrift",
    "Comparison",
    "Differences",
    "Rename",
    "Retyped",
    "RowChanges",
    "SchemaChanges",
    "What",
    "changes",
    "comparable",
    "compare",
    "drift",
    "likely_key",
    "schema_changes",
    "side_by_side",
]
