"""How well polluted files are read beside other readers, and how fast their dialects are detected.

    python -m bench.dialects [every]    # every n-th row pollution only

The 2,290 files of `tests/pollution/standard.py` and the wider list of `tests/pollution/wider.py`, scored
out of 10 as `tests/pollution/score.py` says. CleverCSV is measured where it is installed.
"""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from core.errors import SightlineError
from core.sources.dialect import sniff
from tests.pollution import readers
from tests.pollution.score import Score, means, score
from tests.pollution.standard import Polluted, standard
from tests.pollution.wider import wider

READERS: dict[str, readers.Reader] = {
    "ours": readers.ours,
    "DuckDB, auto": readers.duck,
    "pandas, C": readers.pandas_c,
    "pandas, Python": readers.pandas_python,
    "csv.Sniffer": readers.sniffer,
}


def main(every: int = 1) -> None:
    ways = dict(READERS)
    clever = importlib.util.find_spec("clevercsv") is not None
    if clever:
        ways["CleverCSV"] = readers.clever
    for title, files in (("the benchmark's list", standard()), ("the wider list", wider())):
        some = list(_thinned(files, every))
        print(f"{title}: {len(some):,} files")
        for way, read in ways.items():
            _measure(way, read, some)
    _speeds(clever)


def _thinned(files: Iterable[Polluted], every: int) -> Iterable[Polluted]:
    seen: Counter[str] = Counter()
    for file in files:
        if seen[file.kind] % every == 0:
            yield file
        seen[file.kind] += 1


def _measure(way: str, read: readers.Reader, files: list[Polluted]) -> None:
    kinds: dict[str, list[float]] = defaultdict(list)
    scores: list[tuple[float, Score]] = []
    for file in files:
        one = score(file.truth, read(file.content))
        scores.append((file.weight, one))
        kinds[file.kind].append(one.total)
    simple, weighted = means(scores)
    print(f"  {way:16} simple {simple:6.3f}  weighted {weighted:6.3f}")
    if way == "ours":
        for kind, found in sorted(kinds.items(), key=lambda item: sum(item[1]) / len(item[1])):
            if sum(found) / len(found) < 9.9:
                print(f"    {sum(found) / len(found):6.3f}  {kind}")


def _speeds(clever: bool) -> None:
    """Files a second of processor time, dialects alone, on small files."""
    small = [file.content for file in wider() if b"\0" not in file.content and len(file.content) < 10_000]

    def sniffer(content: bytes) -> object:
        return csv.Sniffer().sniff(content.decode("utf-8", "replace"))

    ways: dict[str, Callable[[bytes], object]] = {
        "ours": lambda content: sniff(content, whole=True),
        "csv.Sniffer": sniffer,
    }
    if clever:
        import clevercsv

        ways["CleverCSV"] = lambda content: clevercsv.Sniffer().sniff(content.decode("utf-8", "replace"))
    for way, tell in ways.items():
        some = small if way == "ours" else small[:: max(1, len(small) // 100)]
        begun = time.process_time()
        for content in some:
            with contextlib.suppress(csv.Error, SightlineError, ValueError):
                tell(content)
        spent = time.process_time() - begun
        print(f"  {way:16} {len(some) / spent:8,.0f} files a second of processor time, of {len(some)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
