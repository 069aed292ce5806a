"""The charts: each asks the engine for a small result, draws it, and says it in words."""

from core.charts.area import Area
from core.charts.bars import Bar
from core.charts.boxes import BoxPlot
from core.charts.calendar import CalendarHeatMap
from core.charts.candles import Candlestick
from core.charts.cohort import Cohort
from core.charts.composition import HeatMap
from core.charts.correlation import Correlation
from core.charts.decomposition import Decomposition
from core.charts.density import Density2d
from core.charts.density_map import DensityMap
from core.charts.distribution import Histogram
from core.charts.filled_map import FilledMap
from core.charts.flow import Sankey
from core.charts.forecast import Forecast
from core.charts.funnel import Funnel
from core.charts.hierarchy import Sunburst, Treemap
from core.charts.missing import MissingMap
from core.charts.pairs import PairPlot
from core.charts.parallel import ParallelCoordinates
from core.charts.pareto import Pareto
from core.charts.point_map import PointMap
from core.charts.radar import Radar
from core.charts.relation import Scatter
from core.charts.ridgeline import Ridgeline
from core.charts.signal import Signal
from core.charts.strip import Strip
from core.charts.time import Line
from core.charts.violin import Violin
from core.charts.waterfall import Waterfall

__all__ = [
    "Area",
    "Bar",
    "BoxPlot",
    "CalendarHeatMap",
    "Candlestick",
    "Cohort",
    "Correlation",
    "Decomposition",
    "Density2d",
    "DensityMap",
    "FilledMap",
    "Forecast",
    "Funnel",
    "HeatMap",
    "Histogram",
    "Line",
    "MissingMap",
    "PairPlot",
    "ParallelCoordinates",
    "Pareto",
    "PointMap",
    "Radar",
    "Ridgeline",
    "Sankey",
    "Scatter",
    "Signal",
    "Strip",
    "Sunburst",
    "Treemap",
    "Violin",
    "Waterfall",
]
