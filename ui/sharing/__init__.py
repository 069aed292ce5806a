"""Sharing: a dashboard or a chart as one HTML file that works offline, as PDF, and by read-only links."""

from ui.sharing.chart import chart_exports
from ui.sharing.paper import pdf
from ui.sharing.sharing import share

__all__ = ["chart_exports", "pdf", "share"]
