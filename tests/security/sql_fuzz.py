"""One batch of the fuzzer, in a process of its own: python -m tests.security.sql_fuzz HOW SEED COUNT FOLDER.

HOW is "checked", "open" (the statements of CONTROL, with the check off), "locked" (all attacks, with the
check off, on the locked connection) or the name of a hole to make in the check first. Prints JSON: how
many statements were tried, how many were allowed and ran, and those that did what none may.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from core.engine import names, shapes
from core.engine.locked import Locked
from tests.security.sql_mutants import batch
from tests.security.sql_oracle import Oracle, Watcher, results
from tests.security.sql_statements import attacks
from tests.security.sql_tables import MARK, lay

_EACH = 100  # statements between two looks at settings, catalogue and tables
CONTROL = (
    "SELECT length(content) FROM read_text('{file}')",
    "SELECT * FROM secret",
    "SELECT count(*) FROM secret",
    "WITH x AS (DELETE FROM kept RETURNING *) SELECT * FROM x",
    "WITH x AS (COPY orders TO '{folder}/out.csv') SELECT 1",
    "COPY orders TO 'out.csv'",
    "CREATE TABLE made AS SELECT 1",
    "CREATE MACRO made(x) AS x",
    "CREATE TYPE made AS ENUM ('a')",
    "UPDATE orders SET amount = 0.5 WHERE id = 1",
    "SET GLOBAL memory_limit = '300MiB'",
    "SELECT * FROM glob('{folder}/*')",
    "ATTACH 'new.db' AS other",
    "EXPLAIN ANALYZE DELETE FROM kept",
)


def fuzz(seed: int, count: int, folder: Path, last: Path) -> dict[str, Any]:
    """Mutants on an engine in which everything is possible, each after the check."""
    places, here = lay(folder), folder / "here"
    here.mkdir()
    oracle, breaches = Oracle(places, here), []
    texts = batch(seed, count, places)
    for start in range(0, count, _EACH):
        part = texts[start : start + _EACH]
        for text in part:
            last.write_text(text, encoding="utf-8", errors="replace")
            if found := oracle.breach(text):
                breaches.append([found, text])
        if oracle.changed():
            breaches.append(["one of these changed something", *part])
    return {"tried": count, "ran": oracle.ran, "breaches": breaches}


def control(folder: Path) -> dict[str, Any]:
    """What the oracle says of each statement of CONTROL when nothing checks it: it must notice all."""
    noticed = []
    for number, text in enumerate(CONTROL):
        home = folder / str(number)
        home.mkdir()
        places, here = lay(home), home / "here"
        here.mkdir()
        text = text.replace("{file}", str(places.file)).replace("{folder}", str(places.folder))
        oracle = Oracle(places, here, checked=False)
        found = oracle.breach(text)
        noticed.append([CONTROL[number], bool(found) or oracle.changed()])
    return {"noticed": noticed}


def second_wall(folder: Path, last: Path) -> dict[str, Any]:
    """All attacks on the locked connection, unchecked: no file is touched and no setting changed."""
    places, here = lay(folder), folder / "here"
    here.mkdir()
    engine = Locked(places.tables, here, threads=1)
    watcher, breaches = Watcher(places.folder), []
    settings = "SELECT name, value FROM duckdb_settings() ORDER BY name"
    for text in attacks(*places.attack()):
        last.write_text(text)
        cursor = engine.connection.cursor()
        before = cursor.sql(settings).to_arrow_table().to_pydict()
        shown = b""
        if "sleep" not in text:
            with suppress(duckdb.Error):
                shown = results(cursor, text)
        cursor.close()
        after = engine.connection.cursor().sql(settings).to_arrow_table().to_pydict()
        if MARK.encode() in shown or watcher.seen() or after != before:
            breaches.append(text)
    return {"breaches": breaches}


def weaken(hole: str) -> None:
    """Make a hole in the check, such as one might by mistake."""
    if hole == "scope":  # the name of a WITH query counts inside its own text

        def loose(walk: Any, node: Any, scope: Any) -> Any:
            scope = scope | {names.folded(str(entry["key"])) for entry in node["map"]}
            for entry in node["map"]:
                walk.record(shapes._WITH, entry["value"], scope, "WITH")
            return scope

        shapes._with_queries = loose
    elif hole == "functions":  # any function may stand after FROM
        shapes._TABLES["TABLE_FUNCTION"]["function"] = lambda *_: None
    elif hole == "queries":  # what stands in WITH is not looked at
        shapes._WITH["query_node"] = lambda *_: None
    else:
        raise ValueError(hole)


def main(how: str, seed: int, count: int, folder: Path) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    sys.setrecursionlimit(10_000)
    folder.mkdir()
    last = folder.with_suffix(".last")
    if how == "open":
        return control(folder)
    if how == "locked":
        return second_wall(folder, last)
    if how != "checked":
        weaken(how)
    return fuzz(seed, count, folder, last)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
