"""What least squares says of its whole fit, and the rows that pull it most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.judging import FitResult
from ui.evaluation import lines
from ui.measures import four, p_value
from ui.text import plain, t

Json = Any
ALIKE = 0.05  # a smaller p says that the spread of the errors is not the same everywhere


def whole(result: FitResult) -> None:
    """The statistics of the fit on its training rows, each with what it says."""
    told = result.facts.get("statistics")
    if told is None:
        return
    st.markdown(f"**{t('The whole fit')}**", help=t("On the training rows, in the order of the table."))
    rows, says = _rows(told), plain("What it says")
    lines(
        {
            plain("Statistic"): [name for name, _, _ in rows],
            plain("Value"): [value for _, value, _ in rows],
            says: [words for _, _, words in rows],
        },
        key="evaluate.whole",
        words=says,
    )


def _rows(told: Mapping[str, Json]) -> list[tuple[str, str, str]]:
    rows = [
        ("R²", four(told["r2"]), plain("the share of the variation that the features explain")),
        (
            plain("Adjusted R²"), four(told["adjusted_r2"]),
            plain("the same, less what as many useless features would explain"),
        ),
        (
            plain("Residual standard error"), four(told["residual_standard_error"]),
            plain(
                "a typical error, in units of the target; {df:,} degrees of freedom",
                df=told["degrees_of_freedom"],
            ),
        ),
    ]  # fmt: skip
    if "f" in told:
        rows.append(
            (
                f"F ({told['f_slopes']:,}, {told['degrees_of_freedom']:,})",
                four(told["f"]),
                plain("whether the features together explain anything: p {p}", p=p_value(told["f_p"])),
            )
        )
    rows += [
        (plain("Log-likelihood"), four(told["log_likelihood"], 6), plain("with normal errors")),
        ("AIC", four(told["aic"], 6), plain("smaller is better, among fits of the same rows")),
        ("BIC", four(told["bic"], 6), plain("the same, with more weight on few coefficients")),
        (plain("Durbin-Watson"), four(told["durbin_watson"]), _neighbours(told["durbin_watson"])),
    ]
    if "breusch_pagan" in told:
        even = told["breusch_pagan_p"] >= ALIKE
        said = (
            "no sign that errors spread differently from row to row: p {p}"
            if even
            else "errors spread differently from row to row: p {p}; choose robust standard errors"
        )
        rows.append(
            (
                plain("Breusch-Pagan"),
                four(told["breusch_pagan"]),
                plain(said, p=p_value(told["breusch_pagan_p"])),
            )
        )
    return rows


def _neighbours(watson: float | None) -> str:
    if watson is None:
        return plain("the fit has no errors")
    if watson < 1.5:
        return plain("errors of neighbouring rows are alike: too low for what the standard errors assume")
    if watson > 2.5:
        return plain("errors of neighbouring rows are opposed: too high for what the standard errors assume")
    return plain("near 2: errors of neighbouring rows have little to do with each other")


def pulling(result: FitResult) -> None:
    """The training rows without which the coefficients would move most."""
    found: Sequence[Mapping[str, Json]] = result.facts.get("pulling") or ()
    if not found:
        return
    told = result.facts["statistics"]
    st.markdown(
        f"**{t('Rows that pull the most')}**",
        help=t(
            "Cook's distance: how far all predictions move when the row is left out. Leverage: how far the "
            "row's features are from those of the others, from 0 to 1. A studentised error is measured in "
            "its own standard errors."
        ),
    )
    st.caption(
        t(
            "{far:,} row has a distance above 4 divided by the number of rows. | "
            "{far:,} rows have a distance above 4 divided by the number of rows.",
            far=told["far_rows"],
        )
    )
    lines(
        {
            plain("Row of the table"): [f"{row['row'] + 1:,}" for row in found],
            plain("Actual"): [four(row["actual"]) for row in found],
            plain("Predicted"): [four(row["predicted"]) for row in found],
            plain("Cook's distance"): [four(row["cook"]) for row in found],
            plain("Leverage"): [four(row["leverage"]) for row in found],
            plain("Studentised error"): [four(row["studentised"], 3) for row in found],
        },
        key="evaluate.pulling",
    )
