"""From the globe to the plane: Equal Earth for whole countries, degrees for places.

Countries are compared by their shades, so their areas must be true: Equal Earth (Savric, Patterson and
Jenny, "The Equal Earth map projection", International Journal of Geographical Information Science 33,
2019). Points lie on a map of plain degrees, stretched to fit its middle latitude: there a window is
a range of latitudes and one of longitudes, exactly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import ndarray

_A = (1.340264, -0.081106, 0.000893, 0.003796)
_M = math.sqrt(3) / 2


def equal_earth(longitude: ndarray, latitude: ndarray) -> tuple[ndarray, ndarray]:
    """Places in degrees on the plane: 1 is the radius of a globe of the same area."""
    import numpy as np

    a1, a2, a3, a4 = _A
    lon = np.radians(longitude)
    t = np.arcsin(_M * np.sin(np.radians(latitude)))
    square = t * t
    sixth = square**3
    slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    return lon * np.cos(t) / (_M * slope), t * (a1 + a2 * square + sixth * (a3 + a4 * square))


def stretch(south: float, north: float) -> float:
    """How many times longer a degree of latitude is than one of longitude, in the middle of a window."""
    return 1 / max(0.1, math.cos(math.radians((south + north) / 2)))
