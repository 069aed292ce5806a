"""One chart to take along: as an interactive page that works offline, and as PDF."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.contracts import Chart
from core.offline import Wanted
from core.selection import Selection
from core.store import Version
from ui import services
from ui.sharing import making
from ui.sharing.paper import pdf, printed
from ui.text import t
from ui.transfer import download


def chart_exports(version: Version, chart: Chart, name: str, rows: Sequence[Selection], key: str) -> None:
    """The buttons; the page is made in a job when it is asked for, and kept."""
    wanted = Wanted.of_chart(chart.to_json(), tuple(rows), version, title=name, **making.looks())
    found = making.made(wanted)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.as"):
        if found is not None:
            download(t("Download as HTML"), found.object, f"{name}.html", key=f"{key}.html")
        elif st.button(
            t("Interactive HTML"), key=f"{key}.make", disabled=making.underway(wanted),
            help=t("One file that opens anywhere without a network."),
        ):  # fmt: skip
            making.ask(wanted, services.owner())
            st.rerun()
        pdf(wanted, f"{key}.pdf")
    if found is None:
        making.page(wanted, f"{key}.job")
    else:
        printed(wanted, f"{key}.pdf")
    making.personal(wanted, version, key)
