"""The statements of attacks.sql, which must not run, and of ordinary.sql, which must.

In attacks.sql `{file}` is a CSV file, `{parquet}` a Parquet file and `{folder}` a folder that no
statement may touch; `secret` is a table of the same engine that was not given.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def ordinary() -> list[str]:
    """What analysts write every day."""
    return [text.strip() for text in (HERE / "ordinary.sql").read_text(encoding="utf-8").split("---\n")]


def attacks(file: str = "", parquet: str = "", folder: str = "") -> list[str]:
    """Statements that write, read what was not given, change settings, or hide one that does."""
    lines = (HERE / "attacks.sql").read_text(encoding="utf-8").splitlines()[1:]
    places = {"{file}": file, "{parquet}": parquet, "{folder}": folder, "{newline}": "\n"}
    found = [line for line in lines if line.strip() and not line.startswith("-- # ")]
    for mark, place in places.items():
        found = [line.replace(mark, place) for line in found]
    return found
