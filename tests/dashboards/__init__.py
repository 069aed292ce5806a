"""Dashboards: what of them is not screen."""
