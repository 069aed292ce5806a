"""Dashboards on the screen: which there are, their grid of tiles, what is selected, segments."""
