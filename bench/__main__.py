"""Run the side-by-side measurements: all of them, or the ones named.

    python -m bench                 # every script of this folder
    python -m bench train profile   # these two
    python -m bench chart --every   # what begins with a dash is read by the script

Each prints its ratios from one run. Machines are noisy: compare ratios, not seconds.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    every = sorted(place.stem for place in Path(__file__).parent.glob("[a-z]*.py"))
    names = [name for name in names if not name.startswith("-")]
    unknown = set(names) - set(every)
    if unknown:
        raise SystemExit(f"No such measurement: {', '.join(sorted(unknown))}. There are: {', '.join(every)}.")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names or every:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
