"""The script of `grid_app`."""

from tests.browser.grid_app import page

page()
