"""The charts: each asks the engine for a small result, draws it, and says it in words."""

from core.charts.boxes import BoxPlot
from core.charts.composition import Bar, HeatMap
from core.charts.correlation import Correlation
from core.charts.distribution import Histogram
from core.charts.hierarchy import Sunburst, Treemap
from core.charts.missing import MissingMap
from core.charts.relation import Scatter
from core.charts.time import Line

__all__ = [
    "Bar",
    "BoxPlot",
    "Correlation",
    "HeatMap",
    "Histogram",
    "Line",
    "MissingMap",
    "Scatter",
    "Sunburst",
    "Treemap",
]
