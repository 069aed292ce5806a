"""A dashboard, or one chart, as one HTML file that opens anywhere without a network, its filters working.

    found = choices(table, engine, ["region", "day"])              # what each filter offers, all rows covered
    contents = Contents.of(asker, source, board, board.state(), found, say=say)
    html = page(contents, about, themes, say)                      # pieces of text, to be written to a file

The file holds every tile's answer for every combination of what its filters offer, each asked of the engine
over all rows: a median under a filter is the median of these rows, not something put together in the browser.
That is why a filter offers a bounded number of groups, which together are all rows.
"""

from core.offline.choices import Choice, Option, choices, fitting
from core.offline.contents import Contents, unreached
from core.offline.page import About, Theme, page
from core.offline.wanted import Wanted

__all__ = [
    "About",
    "Choice",
    "Contents",
    "Option",
    "Theme",
    "Wanted",
    "choices",
    "fitting",
    "page",
    "unreached",
]
