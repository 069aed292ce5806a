"""What Sightline keeps: a SQLite catalog that names immutable files, each with an owner."""

from core.store.catalog import Store, Transaction
from core.store.files import NewObject
from core.store.records import (
    LOCAL,
    Dataset,
    Draft,
    Job,
    Prediction,
    Record,
    Run,
    SavedChart,
    Setting,
    Setup,
    Summary,
    Upload,
    Version,
    new_id,
)

__all__ = [
    "LOCAL",
    "Dataset",
    "Draft",
    "Job",
    "NewObject",
    "Prediction",
    "Record",
    "Run",
    "SavedChart",
    "Setting",
    "Setup",
    "Store",
    "Summary",
    "Transaction",
    "Upload",
    "Version",
    "new_id",
]
