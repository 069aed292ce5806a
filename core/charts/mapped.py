"""Which maps suit columns whose meaning is a place: coordinates or countries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.charts.density_map import DensityMap
from core.charts.filled_map import FilledMap
from core.charts.point_map import PointMap
from core.contracts import Chart
from core.wording import Note, note

if TYPE_CHECKING:
    from core.profile import ColumnProfile

_NUMBERS = ("number", "amount", "percent")
_FEW = 12  # colours of points that can be told apart


def maps(columns: Sequence[ColumnProfile]) -> Iterator[tuple[Chart, Note]]:
    """Maps of these columns, the most telling first; none where no column says where something is."""
    own = {
        meaning: next((column.name for column in columns if column.meaning == meaning), None)
        for meaning in ("latitude", "longitude", "country")
    }
    numbers = [column.name for column in columns if column.meaning in _NUMBERS and column.type != "text"]
    latitude, longitude, country = own["latitude"], own["longitude"], own["country"]
    if latitude and longitude:
        colour = next((c.name for c in columns if c.meaning == "category" and c.distinct <= _FEW), None)
        yield (
            PointMap(latitude=latitude, longitude=longitude, colour=colour),
            note("Places on a map: see where the rows lie."),
        )
        if numbers:
            yield (
                DensityMap(
                    latitude=latitude, longitude=longitude, aggregation="mean", y=numbers[0], log=False
                ),
                note("A number with places: its mean around each."),
            )
        else:
            yield (
                DensityMap(latitude=latitude, longitude=longitude),
                note("Places on a map: where most rows lie."),
            )
    if country and numbers:
        yield (
            FilledMap(country=country, y=numbers[0], aggregation="mean"),
            note("A number with countries: its mean on the map."),
        )
    elif country:
        yield FilledMap(country=country), note("Countries: how many rows each has, on the map.")
