"""Values as strict JSON text: what cannot be said in JSON is brought to what can."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """The value as None, bool, int, float, str, list and dict.

    NaN and infinities become None: JSON has no word for them and SQLite refuses a document with
    one. Numpy scalars become numbers, and anything unknown becomes its text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json"))
    if hasattr(value, "tolist"):  # numpy scalars and arrays, zero-dimensional tensors
        return plain(value.tolist())
    return str(value)


def encode(value: Any) -> str:
    """The value as one line of ASCII JSON: no character of it can break a line or an encoding."""
    return json.dumps(plain(value), allow_nan=False, separators=(",", ":"))
