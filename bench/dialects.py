"""How well polluted files are read beside other readers, and how fast their dialects are detected.

    python -m bench.dialects [every]    # every n-th file of each kind

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
from dataclasses import replace

from core.errors import SightlineError
from core.sources.dialect import sniff
from tests.pollution import readers
from tests.pollution.score import score
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
        every_file = list(files)
        counts = Counter(file.kind for file in every_file)
        kinds = _kinds(every_file, every)
        print(f"{title}: {sum(map(len, kinds.values())):,} of {len(every_file):,} files")
        for way, read in ways.items():
            _measure(way, read, kinds, counts)
    _speeds(clever)


def _kinds(files: Iterable[Polluted], every: int) -> dict[str, list[Polluted]]:
    """Files by kind: of those of one kind every n-th is measured, and stands for the others."""
    kinds: dict[str, list[Polluted]] = defaultdict(list)
    for file in files:
        kinds[file.kind].append(file)
    return {
        kind: [replace(file, weight=file.weight * len(some) / len(some[::every])) for file in some[::every]]
        for kind, some in kinds.items()
    }


def _measure(
    way: str, read: readers.Reader, kinds: dict[str, list[Polluted]], counts: dict[str, int]
) -> None:
    means: dict[str, float] = {}
    weights: dict[str, float] = {}
    for kind, files in kinds.items():
        means[kind] = sum(score(file.truth, read(file.content)).total for file in files) / len(files)
        weights[kind] = sum(file.weight for file in files)
    simple = sum(means[kind] * counts[kind] for kind in means) / sum(counts.values())
    weighted = sum(means[kind] * weights[kind] for kind in means) / sum(weights.values())
    print(f"  {way:16} simple {simple:6.3f}  weighted {weighted:6.3f}")
    if way == "ours":
        for kind, mean in sorted(means.items(), key=lambda item: item[1]):
            if mean < 9.9:
                print(f"    {mean:6.3f}  {kind}")


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
