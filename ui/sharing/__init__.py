"""Sharing a dashboard: as one HTML file that works offline, and by a read-only link to that page."""

from ui.sharing.sharing import share

__all__ = ["share"]
