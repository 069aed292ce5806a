"""The script of `plot_app`."""

from tests.browser.plot_app import page

page()
