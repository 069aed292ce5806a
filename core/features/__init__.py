"""From a table to a matrix: which features, which rows, and numbers learned on the training rows."""

from core.features.codes import CategoryCode, Counts, NumberCode
from core.features.encoding import Encoding
from core.features.matrix import Matrices, read
from core.features.proposal import Excluded, Proposal, propose
from core.features.split import Division, Split, divide

__all__ = [
    "CategoryCode",
    "Counts",
    "Division",
    "Encoding",
    "Excluded",
    "Matrices",
    "NumberCode",
    "Proposal",
    "Split",
    "divide",
    "propose",
    "read",
]
