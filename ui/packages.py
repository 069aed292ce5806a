"""Every package whose modules import each other, in one order, before any two threads need them.

Two threads that import such a package and one of its modules at the same time may each wait for the
other; Python then hands one of them a module that is only half made, and its names are missing. What
begins a thread of pages, app.py and serve.py, therefore begins with this module: a thread that waits
for it holds nothing that another one waits for.
"""

import core.charts
import core.compare
import core.findings
import core.jobs
import core.personal
import core.profile
import core.similar
import core.sources
import core.sources.database
import core.steps
import core.store
import ui.plot
import ui.sharing

__all__ = ["core", "ui"]
