"""Which encoding a text is in: how often the proposal reads the right text, beside the libraries alone.

    python -m bench.encodings [tables of each kind]

Made tables of phrases in 20 languages (`phrases.json`), written in the older encodings those languages are
found in (33 pairs), and in UTF-8 and UTF-16. A proposal is right when it gives the text that was written.
Ours says when another encoding is nearly as likely: "unsaid" are wrong proposals without that note.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from core.sources.charsets import codec
from core.sources.encoding import as_utf8, coding_of, encoding_of, mark_length

PHRASES: dict[str, list[str]] = json.loads((Path(__file__).parent / "phrases.json").read_text("utf-8"))
OLDER: dict[str, tuple[str, ...]] = {
    "zh": ("gb18030", "gbk"),
    "zht": ("big5",),
    "ja": ("shift_jis", "euc_jp"),
    "ko": ("euc_kr",),
    "ru": ("windows-1251", "koi8-r", "iso-8859-5", "cp866"),
    "uk": ("windows-1251", "koi8-u"),
    "pl": ("windows-1250", "iso-8859-2"),
    "cs": ("windows-1250", "iso-8859-2"),
    "hu": ("windows-1250", "iso-8859-2"),
    "de": ("windows-1252",),
    "fr": ("windows-1252", "iso-8859-15"),
    "es": ("windows-1252", "iso-8859-1"),
    "pt": ("windows-1252",),
    "sv": ("windows-1252",),
    "el": ("windows-1253", "iso-8859-7"),
    "tr": ("windows-1254", "iso-8859-9"),
    "he": ("windows-1255",),
    "ar": ("windows-1256",),
    "th": ("cp874",),
    "lt": ("windows-1257",),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16")
LENGTHS = (50, 200, 1_000, 5_000)


def made(language: str, encoding: str, length: int, chance: random.Random) -> str:
    """A table of phrases, numbers and dates: at least so many bytes, with some letter above ASCII."""
    phrases = PHRASES[language]
    kinds = [chance.choice("wwsnd") for _ in range(chance.randint(2, 5))]
    kinds[0] = chance.choice("ws")
    cells: dict[str, Callable[[], str]] = {
        "w": lambda: chance.choice(phrases[16:-7]),
        "s": lambda: chance.choice(phrases[-7:]).replace(",", ";"),
        "n": lambda: str(chance.randint(1, 9_999)),
        "d": lambda: f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    }
    text = ",".join(chance.sample(phrases[:16], len(kinds))) + "\n"
    while len(text.encode(encoding)) < length or text.isascii():
        text += ",".join(cells[kind]() for kind in kinds) + "\n"
    return text


def corpus(each: int) -> Iterator[tuple[str, int, str, bytes]]:
    """Family of encodings, length, text and its bytes."""
    for language, older in OLDER.items():
        for encoding in (*older, *UNICODE):
            for length in LENGTHS:
                chance = random.Random(f"{language} {encoding} {length}")
                for _ in range(each):
                    text = made(language, encoding, length, chance)
                    family = "Unicode" if encoding in UNICODE else "older"
                    yield family, length, text, text.encode(encoding)


def main(each: int = 10) -> None:
    from chardet import detect
    from charset_normalizer import from_bytes

    def ours(data: bytes) -> tuple[str, bool]:
        place.write_bytes(data)
        name, notes = encoding_of(place)
        return name, any("may be" in note.template for note in notes)

    def chardet(data: bytes) -> tuple[str, bool]:
        return detect(data, compat_names=False)["encoding"] or "", False

    def normalizer(data: bytes) -> tuple[str, bool]:
        best = from_bytes(data).best()
        return best.encoding if best else "", False

    ways: dict[str, Callable[[bytes], tuple[str, bool]]] = {
        "ours": ours, "chardet": chardet, "charset-normalizer": normalizer,
    }  # fmt: skip
    found: dict[tuple[str, int, str], Counter[str]] = {}
    spent: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "table.csv"
        for family, length, text, data in corpus(each):
            for way, tell in ways.items():
                begun = time.process_time()
                name, doubtful = tell(data)
                spent[way] += time.process_time() - begun
                count = found.setdefault((family, length, way), Counter())
                right = _read(data, name) == text
                count.update(all=1, right=right, unsaid=not right and not doubtful, doubtful=doubtful)
    for (family, length, way), count in found.items():
        share = {key: count[key] / count["all"] for key in ("right", "unsaid", "doubtful")}
        print(
            f"{family:8} {length:5,} bytes {way:18} right {share['right']:7.2%}  wrong and unsaid "
            f"{share['unsaid']:7.2%}  said to be doubtful {share['doubtful']:7.2%}  of {count['all']}"
        )
    _mixtures(each)
    tables = sum(count["all"] for (_, _, way), count in found.items() if way == "ours")
    for way, seconds in spent.items():
        print(f"{way}: {1_000 * seconds / tables:.1f} ms of processor time a table")


def _mixtures(each: int) -> None:
    """Two tables below one another, in UTF-8 and in an older encoding: how many lines are read right."""
    for length in LENGTHS[1:]:
        lines = right = known = tables = 0
        for language, older in OLDER.items():
            for encoding in older:
                chance = random.Random(f"mixed {language} {encoding} {length}")
                for number in range(each):
                    one, two = (made(language, encoding, length, chance) for _ in range(2))
                    parts = [one.encode(), two.encode(encoding)]
                    data, text = b"".join(parts[:: 1 - 2 * (number % 2)]), (one + two, two + one)[number % 2]
                    with tempfile.TemporaryDirectory() as folder:
                        place = Path(folder) / "t"
                        place.write_bytes(data)
                        found = coding_of(place)
                    pairs = list(zip_longest(as_utf8(data, found).split(b"\n"), text.encode().split(b"\n")))
                    lines, right = lines + len(pairs), right + sum(one == two for one, two in pairs)
                    tables, known = tables + 1, known + found.mixed
        print(
            f"two encodings, {length:5,} bytes of each: seen in {known / tables:.2%} of {tables} tables, "
            f"{right / lines:.2%} of {lines:,} lines right"
        )


def _read(data: bytes, name: str) -> str | None:
    try:
        return data[mark_length(data, name) :].decode(codec(name)).removeprefix("\ufeff")
    except (LookupError, UnicodeError):
        return None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
