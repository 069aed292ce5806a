"""The models; importing one here registers it."""

from core.models.linear import LinearRegression
from core.models.logistic import LogisticRegression
from core.models.neural import NeuralNetwork

__all__ = ["LinearRegression", "LogisticRegression", "NeuralNetwork"]
