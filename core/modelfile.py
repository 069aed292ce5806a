"""A fitted model as two files, written whole and read without running anything that is in them.

weights.safetensors holds its tensors; model.json, its card, everything else: the specification,
the encoding, the whole result with its curves, the cleaning before it, and the versions it was
made with.
"""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import Fitted, Json
from core.errors import BadInput
from core.features import Encoding
from core.judging import FitResult
from core.preparation import Preparation
from core.specification import FitSpec

FORMAT = 1  # of model.json
LARGEST_CARD = 256_000_000  # bytes of model.json
WEIGHTS, CARD = "weights.safetensors", "model.json"


def write(
    place: Path,
    spec: FitSpec,
    result: FitResult,
    encoding: Encoding,
    fitted: Fitted,
    fingerprint: str,
    preparation: Preparation | None,
) -> None:
    """Write both files into a folder, each whole under another name first: what is there can be loaded."""
    from safetensors.numpy import save

    document = {
        "format": FORMAT,
        "spec": spec.model_dump(mode="json"),
        "result": result.model_dump(mode="json"),
        "encoding": encoding.model_dump(mode="json"),
        "facts": {key: value for key, value in fitted.facts().items() if key not in ("history", "warnings")},
        "fingerprint": fingerprint,
        "preparation": preparation.model_dump(mode="json") if preparation else None,
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("numpy", "torch")},
        },
    }
    tensors = {name: np.ascontiguousarray(value) for name, value in fitted.tensors().items()}
    _replace(place / WEIGHTS, save(tensors))
    _replace(place / CARD, json.dumps(document, ensure_ascii=False, allow_nan=False).encode())


def _replace(place: Path, content: bytes) -> None:
    new = place.with_name(place.name + ".new")
    new.write_bytes(content)
    os.replace(new, place)


def read(weights: Path, card: Path) -> tuple[dict[str, Json], dict[str, np.ndarray]]:
    """The card and the tensors; BadInput when they are not what a fit wrote."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    document = read_card(card)
    try:
        return document, load_file(weights)
    except (OSError, ValueError, SafetensorError) as error:
        raise no_model(card, str(error)) from error


def read_card(card: Path) -> dict[str, Json]:
    """model.json, of a size and a format that this version knows."""
    try:
        if card.stat().st_size > LARGEST_CARD:
            raise ValueError(f"{card.name} is larger than {LARGEST_CARD:,} bytes")
        document: Any = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise no_model(card, str(error)) from error
    if not isinstance(document, dict):
        raise no_model(card, f"{card.name} is no description of a model")
    if document.get("format") != FORMAT:
        raise BadInput(
            "This model was written in format {got}; this version reads format {known}.",
            got=document.get("format"),
            known=FORMAT,
        )
    return document


def read_result(card: Path) -> FitResult:
    """The whole result of a fit, with its curves and its history, from its card."""
    document = read_card(card)
    try:
        return FitResult.model_validate(document["result"])
    except (KeyError, ValueError) as error:
        raise no_model(card, f"{type(error).__name__}: {error}") from error


def no_model(card: Path, reason: str) -> BadInput:
    """What to say about files that are no whole model."""
    return BadInput(
        "There is no whole model in {place}: {reason}.",
        hint="Choose the folder that a fit wrote, with weights.safetensors and model.json as they were.",
        place=str(card.parent),
        reason=reason.partition("\n")[0][:300].rstrip("."),
    )
