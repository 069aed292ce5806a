"""Reference sets of linear least squares with certified answers.

NIST Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/lls/lls.shtml, a work of the United
States government in the public domain. Wampler's sets are written by their definition: sums of powers, to
which the third to fifth add the same disturbance 1, 100 and 10,000 times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Certified:
    """Rows, and what is certified: coefficients (intercept first, when there is one) and standard errors."""

    x: np.ndarray
    y: np.ndarray
    degree: int
    intercept: bool
    values: tuple[float, ...]
    errors: tuple[float, ...]  # 0 where the fit is perfect


_NORRIS_X = (
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0,
    447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3,
    229.2, 669.1, 448.9, 0.5,
)  # fmt: skip
_NORRIS_Y = (
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3,
    448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6,
    228.9, 668.4, 449.2, 0.2,
)  # fmt: skip
_PONTIUS_Y = (
    0.11019, 0.21956, 0.32949, 0.43899, 0.54803, 0.65694, 0.76562, 0.87487, 0.98292, 1.09146,
    1.20001, 1.30822, 1.41599, 1.52399, 1.63194, 1.73947, 1.84646, 1.95392, 2.06128, 2.16844,
    0.11052, 0.22018, 0.32939, 0.43886, 0.54798, 0.65739, 0.76596, 0.87474, 0.98300, 1.09150,
    1.20004, 1.30818, 1.41613, 1.52408, 1.63159, 1.73965, 1.84696, 1.95445, 2.06177, 2.16829,
)  # fmt: skip
_STEPS = np.arange(21.0)
_POWERS = sum(_STEPS**k for k in range(6))
_DISTURBED = np.array(
    [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048,
     -2048, 1838, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 759], dtype=float,
)  # fmt: skip
_WAMPLER_ERRORS = (
    2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350, 5.64566512170752,
    0.112324854679312,
)  # fmt: skip


def _wampler(times: float) -> Certified:
    errors = tuple(times * error for error in _WAMPLER_ERRORS)
    return Certified(_STEPS, _POWERS + times * _DISTURBED, 5, True, (1.0,) * 6, errors)


SETS = {
    "Norris": Certified(
        np.array(_NORRIS_X), np.array(_NORRIS_Y), 1, True,
        (-0.262323073774029, 1.00211681802045), (0.232818234301152, 0.429796848199937e-03),
    ),
    "Pontius": Certified(
        np.tile(np.arange(1, 21) * 150_000.0, 2), np.array(_PONTIUS_Y), 2, True,
        (0.673565789473684e-03, 0.732059160401003e-06, -0.316081871345029e-14),
        (0.107938612033077e-03, 0.157817399981659e-09, 0.486652849992036e-16),
    ),
    "NoInt1": Certified(
        np.arange(60.0, 71), np.arange(130.0, 141), 1, False, (2.07438016528926,), (0.165289256198347e-01,)
    ),
    "NoInt2": Certified(
        np.array([4.0, 5, 6]), np.array([3.0, 4, 4]), 1, False, (0.727272727272727,), (0.420827318078432e-01,)
    ),
    "Wampler1": Certified(_STEPS, _POWERS, 5, True, (1.0,) * 6, (0.0,) * 6),
    "Wampler2": Certified(
        _STEPS, np.round(sum((_STEPS / 10) ** k for k in range(6)), 5), 5, True,
        tuple(10.0**-k for k in range(6)), (0.0,) * 6,
    ),
    "Wampler3": _wampler(1),
    "Wampler4": _wampler(100),
    "Wampler5": _wampler(10_000),
}  # fmt: skip
