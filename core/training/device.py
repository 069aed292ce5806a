"""Where tensors live, and how many threads work on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def choose() -> torch.device:
    """CUDA when the machine has it, the CPU otherwise."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(device: torch.device) -> str:
    """The device as a person knows it: "CPU", "NVIDIA H100 80GB HBM3 (CUDA)"."""
    import torch

    return f"{torch.cuda.get_device_name(device)} (CUDA)" if device.type == "cuda" else "CPU"


@contextmanager
def threads(count: int = 1) -> Iterator[None]:
    """Compute with so many threads, and put the old number back afterwards.

    One is the default: at small batches two threads are slower than one, they starve the pages
    of the same machine, and sums taken in another order would not repeat to the last bit.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
