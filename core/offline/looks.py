"""The light theme and the dark one of an offline page, as the pictures on the screen have them."""

from __future__ import annotations

import json

from core.look import DARK, LIGHT, template_of
from core.offline.page import Theme


def themes() -> dict[str, Theme]:
    """Both, by name."""
    from plotly.io.json import to_json_plotly

    made = {}
    for name, night in (("light", False), ("dark", True)):
        template = json.loads(to_json_plotly(template_of(night).to_plotly_json()))
        ground, ink, muted = ("#12181a", "#e4ebe9", "#9fb0ae") if night else ("#ffffff", "#1c2524", "#5d6b6a")
        made[name] = Theme(template, DARK if night else LIGHT, ground, ink, muted)
    return made
