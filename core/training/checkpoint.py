"""The state of a descent on disk: one safetensors file, replaced whole, from which a fit goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts import Json
from core.errors import BadInput
from core.training.history import Epoch

if TYPE_CHECKING:
    import torch

EVERY = 5.0  # seconds between two checkpoints


def save(
    place: Path,
    net: torch.nn.Module,
    best: Mapping[str, torch.Tensor],
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
    state: Mapping[str, Json],
) -> None:
    """Write everything the next epoch depends on."""
    from safetensors.torch import save_file

    tensors = {f"net/{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in best.items()}
    numbers: dict[str, Json] = {}
    for index, slots in optimizer.state_dict()["state"].items():
        for key, value in slots.items():
            if hasattr(value, "shape"):
                tensors[f"optimizer/{index}/{key}"] = value
            elif value is not None:
                numbers[f"{index}/{key}"] = value
    tensors["generator"] = generator.get_state()
    new = place.with_name(place.name + ".new")
    document = json.dumps({**state, "optimizer": numbers})
    # copies: safetensors refuses tensors that share memory
    save_file(
        {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()},
        new,
        metadata={"state": document},
    )
    with new.open("rb") as file:
        os.fsync(file.fileno())  # a power cut leaves the old state or the new one, never half of one
    os.replace(new, place)


def load(
    place: Path,
    net: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
    fingerprint: str,
) -> tuple[dict[str, torch.Tensor], dict[str, Json]]:
    """Put the state back; returns the best weights and the rest. Refuses another fit's checkpoint."""
    from safetensors import safe_open

    with safe_open(place, framework="pt") as file:
        state = json.loads(file.metadata()["state"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if state["fingerprint"] != fingerprint:
        raise BadInput(
            "This checkpoint belongs to a fit with other data or parameters.",
            hint="Start the fit anew.",
        )
    net.load_state_dict(_under(tensors, "net/"))
    slots: dict[int, dict[str, Any]] = {}
    for name, value in _under(tensors, "optimizer/").items():
        index, key = name.split("/", 1)
        slots.setdefault(int(index), {})[key] = value
    for name, value in state["optimizer"].items():
        index, key = name.split("/", 1)
        slots.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": slots, "param_groups": groups})
    generator.set_state(tensors["generator"])
    return _under(tensors, "best/"), state


def _under(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def epochs_to_json(rows: list[Epoch]) -> list[dict[str, Json]]:
    return [asdict(row) for row in rows]


def epochs_from_json(rows: list[dict[str, Json]]) -> list[Epoch]:
    return [Epoch(**row) for row in rows]
