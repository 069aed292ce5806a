"""What Sightline keeps: a SQLite catalog that names immutable files, each with an owner."""

from core.store.catalog import Store, Transaction
from core.store.files import NewObject
from core.store.records import (
    LOCAL,
    Connection,
    Dataset,
    Draft,
    Job,
    Prediction,
    Record,
    Refresh,
    Run,
    SavedChart,
    Schedule,
    Setting,
    Setup,
    Summary,
    Upload,
    Version,
    new_id,
)

__all__ = [
    "LOCAL",
    "Connection",
    "Dataset",
    "Draft",
    "Job",
    "NewObject",
    "Prediction",
    "Record",
    "Refresh",
    "Run",
    "SavedChart",
    "Schedule",
    "Setting",
    "Setup",
    "Store",
    "Summary",
    "Transaction",
    "Upload",
    "Version",
    "new_id",
]
