"""Add data: a file, a sample, or a made data set."""

from ui.frame import header

header("Add data", "Bring a file, take a sample, or make a data set.")
