"""The server around the pages: its gate, its routes, and what is ready before the first page asks for it.

    python serve.py --port 8501 --host 127.0.0.1

What `streamlit run app.py` lacks and this adds: files stream between the browser and the store
past the server's memory, strangers' Host headers are refused, and the job runner and the heavy
imports are ready before the first page asks for them.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

import ui.packages  # noqa: F401 - before anything that a thread may import
from ui import frame, services, transfer
from ui.gate import Gate
from ui.hosts import contradiction
from ui.routes import routes

HERE = Path(__file__).parent
FIRST_PAGE = 2.5  # seconds: both would take the processors from a first page that is being opened
WARM = (
    "pandas", "pyarrow.parquet", "plotly.graph_objects", "plotly.subplots", "plotly.io", "duckdb",
    "sqlglot", "streamlit.dataframe_util", "ui.charts", "ui.prediction", "ui.recipe", "ui.runs", "ui.summary",
    "ui.training",
)  # fmt: skip


def warm_up() -> None:
    """Import what pages need, then leave it out of garbage collection for good."""
    import importlib

    for module in WARM:
        importlib.import_module(module)
    services.engine()
    services.queries().sandbox.warm()
    for module in ("sources", "steps", "charts", "score"):
        importlib.import_module(f"core.{module}")
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the job runner and warm the imports, a moment after whoever waits for the first page."""
    transfer.ROUTES.present = True
    # Streamlit takes a folder called pages for its old multipage layout until the first page has run:
    # on a fresh server it would not find the page of a deep link, and says so over that page.
    PagesManager.uses_pages_directory = False
    _in_background(lambda: services.jobs().ensure_supervisor(), warm_up)
    yield {"started": time.time()}


def _in_background(*works: Callable[[], Any]) -> None:
    def guarded() -> None:
        time.sleep(FIRST_PAGE)
        try:
            for work in works:
                work()
        except Exception as error:  # noqa: BLE001 - the page that needs it will say more
            sys.stderr.write(f"start-up: {error} (reference {frame.defect(error)})\n")

    threading.Thread(target=guarded, daemon=True).start()


def unexpected(error: Exception) -> bool:
    """An error outside the pages' own guard (a callback, a fragment): logged, said with its number."""
    reference = frame.defect(error)
    st.error(frame.defect_message(reference))
    return True


app = st.App(
    HERE / "app.py",
    lifespan=lifespan,
    middleware=[Middleware(Gate)],
    on_script_error=unexpected,
    routes=routes(),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve Sightline.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine only)"
    )
    chosen = parser.parse_args()
    if wrong := contradiction():
        parser.error(wrong)
    if chosen.host not in ("127.0.0.1", "localhost", "::1"):
        sys.stderr.write(
            f"\n  Sightline has no login yet: whoever reaches {chosen.host}:{chosen.port} can read and "
            "change everything in it.\n  Host names other than localhost are answered only when "
            "SIGHTLINE_HOSTS lists them.\n\n"
        )
    os.chdir(HERE)
    app.run(
        config={
            "server.port": chosen.port,
            "server.address": chosen.host,
            "server.fileWatcherType": "none",
            "server.headless": True,
        }
    )


if __name__ == "__main__":
    main()
