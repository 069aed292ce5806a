"""Made columns of personal data and of what only looks like it, by a generator apart from the recognition."""

from bench.people.alikes import LOOK_ALIKES
from bench.people.given import POSITIVES

__all__ = ["LOOK_ALIKES", "POSITIVES"]
