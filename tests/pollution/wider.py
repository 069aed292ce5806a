"""Pollutions that real files have beyond the benchmark's list, each made on several different tables."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.pollution.clean import Clean, Row, made
from tests.pollution.standard import Polluted
from tests.pollution.writing import Style

_PLAIN = Style(end="\n")
_DELIMITERS = (
    ";", "\t", "|", "^", "~", ":", "#", "!", "$", "*", "&", "@", "§", "¦", "\x1e", "\x1f", "\x01", "\x02",
    "||", "::", "##", "@@", "|~|", "~|~", "<>", "=>", ", ", "; ", " | ", " ; ", "\t\t", ",,",
)  # fmt: skip


def wider(tables: int = 12) -> Iterator[Polluted]:
    """Each pollution on each of so many tables."""
    for seed in range(tables):
        clean = made(seed)
        for kind, content, truth in (*_marks(clean), *_around(clean, seed), *_rows(clean, seed)):
            yield Polluted(f"{kind}, table {seed}", kind, content, truth)


_File = tuple[str, bytes, tuple[Clean, ...]]


def _marks(clean: Clean) -> Iterator[_File]:
    """Other delimiters, quotes, escapes, line ends and encodings."""
    for mark in _DELIMITERS:
        yield f"delimiter {mark!r}", replace(_PLAIN, delimiter=mark).text(clean.lines).encode(), (clean,)
    styles = {
        "every cell quoted": replace(_PLAIN, always=True),
        "every cell in apostrophes": replace(_PLAIN, opening="'", closing="'", escape="'", always=True),
        "apostrophes as quotes": replace(_PLAIN, opening="'", closing="'", escape="'"),
        "apostrophes and backslashes": replace(_PLAIN, opening="'", closing="'", escape="\\"),
        "backslash before quotes": replace(_PLAIN, escape="\\"),
        "typographic quotes": replace(_PLAIN, opening="“", closing="”", escape="”"),
        "guillemets": replace(_PLAIN, opening="«", closing="»", escape="»"),
        "backticks": replace(_PLAIN, opening="`", closing="`", escape="`"),
        "quotes inside quotes, not escaped": replace(_PLAIN, escape=None),
        "lines end in CR": replace(_PLAIN, end="\r"),
        "lines end in CR LF": replace(_PLAIN, end="\r\n"),
        "lines end in CR CR LF": replace(_PLAIN, end="\r\r\n"),
    }
    for kind, style in styles.items():
        yield kind, style.text(clean.lines).encode(), (clean,)
    text = _PLAIN.text(clean.lines)
    yield "a byte order mark", text.encode("utf-8-sig"), (clean,)
    yield "UTF-16", text.encode("utf-16"), (clean,)
    latin = "".join(text).encode("cp1252", "replace")
    yield "Windows-1252", latin, (_as(clean, lambda c: c.encode("cp1252", "replace").decode("cp1252")),)
    lines = text.splitlines(keepends=True)
    half = len(lines) // 2
    yield "two encodings", "".join(lines[:half]).encode() + "".join(lines[half:]).encode("cp1252"), (clean,)
    ends = ("\n", "\r\n", "\r")
    mixed = "".join(_PLAIN.line(cells) + ends[i % 3] for i, cells in enumerate(clean.lines))
    yield "mixed line ends", mixed.encode(), (clean,)


def _around(clean: Clean, seed: int) -> Iterator[_File]:
    """What stands above and below the rows, and what the header is like."""
    chance = random.Random(seed)
    text, end = _PLAIN.text(clean.lines), "\n"
    width = len(clean.rows[0])
    assert clean.header is not None
    header, rows = clean.header, clean.rows
    titles = ["Annual report", "Made on 2024-03-05, by hand", "Source: the office, room 3", "Draft"]
    some = chance.sample(titles, chance.randint(1, 4))
    above = {
        "a preamble": end.join(some) + end,
        "a preamble and a blank line": end.join(some) + end * 2,
        "a padded preamble": "".join(line.replace(",", "") + "," * (width - 1) + end for line in some),
        "keys and values above": "Title,Report\nYear,2024\nUnits,pieces\n\n",
        "blank lines above": end * 3,
        "sep= above": "sep=,\n",
    }
    for kind, lines in above.items():
        yield kind, (lines + text).encode(), (clean,)
    below = {
        "a note below": "\nSource: the office\n",
        "a total below": "Total" + "," * (width - 1) + f"{chance.randint(100, 999)}\n",
        "a count below": f"({len(rows)} rows)\n",
        "blank lines below": end * 4,
        "empty rows below": ("," * (width - 1) + end) * 3,
    }
    for kind, lines in below.items():
        yield kind, (text + lines).encode(), (clean,)
    for mark in ("#", "//", "%", "--"):
        marked = "".join(f"{mark} {line}\n" for line in some)
        yield f"comments {mark} above", (marked + text).encode(), (clean,)
    parts = [_PLAIN.line(cells) + end for cells in clean.lines]
    middle = len(parts) // 2
    commented = "".join([*parts[:middle], "# from here on by hand\n", *parts[middle:]])
    yield "a comment between rows", commented.encode(), (clean,)
    yield "names after #", ("#" + text).encode(), (clean,)
    yield "no header", _PLAIN.text(rows).encode(), (Clean(None, rows),)
    yield (
        "no header, every cell quoted",
        replace(_PLAIN, always=True).text(rows).encode(),
        (Clean(None, rows),),
    )
    units = tuple(chance.choice(("m", "kg", "s", "EUR")) for _ in header)
    both = tuple(f"{name} {unit}" for name, unit in zip(header, units, strict=True))
    yield "units under the header", _PLAIN.text((header, units, *rows)).encode(), (Clean(both, rows),)
    groups = tuple("Left" if i < width / 2 else "Right" for i in range(width))
    merged = tuple(g if i == 0 or groups[i - 1] != g else "" for i, g in enumerate(groups))
    both = tuple(f"{group} {name}" for group, name in zip(groups, header, strict=True))
    yield "groups above the header", _PLAIN.text((merged, header, *rows)).encode(), (Clean(both, rows),)
    repeated = "".join([*parts[:middle], parts[0], *parts[middle:]])
    yield "the header again between rows", repeated.encode(), (clean,)


def _rows(clean: Clean, seed: int) -> Iterator[_File]:
    """Rows that are not written as the others, and layouts made for eyes."""
    chance = random.Random(seed)
    parts = [_PLAIN.line(cells) for cells in clean.lines]
    cut = [part.rstrip(",") if i else part for i, part in enumerate(parts)]
    yield "empty cells at the end not written", ("\n".join(cut) + "\n").encode(), (clean,)
    yield "a delimiter at the end of every line", ("".join(p + ",\n" for p in parts)).encode(), (clean,)
    yield (
        "a delimiter at the end of every row",
        (parts[0] + "\n" + "".join(p + ",\n" for p in parts[1:])).encode(),
        (clean,),
    )
    whole = "\n".join('"' + part.replace('"', '""') + '"' for part in parts) + "\n"
    yield "each line in quotes as a whole", whole.encode(), (clean,)
    flat = Clean(clean.header, tuple(tuple(c.replace("\n", " ") for c in row) for row in clean.rows))
    widths = [max(len(row[i]) for row in flat.lines) for i in range(len(flat.lines[0]))]
    spaced = [[c.replace(" ", "_") or "-" for c in row] for row in flat.lines]
    truth = Clean(tuple(spaced[0]), tuple(map(tuple, spaced[1:])))
    aligned = [" ".join(c.ljust(w + 1) for c, w in zip(row, widths, strict=True)).rstrip() for row in spaced]
    yield "columns aligned with spaces", ("\n".join(aligned) + "\n").encode(), (truth,)
    boxed = [" | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in flat.lines]
    rule = "-+-".join("-" * w for w in widths)
    printed = "\n".join([boxed[0], rule, *boxed[1:], f"({len(flat.rows)} rows)", ""])
    if all("|" not in cell for row in flat.lines for cell in row):
        yield "a printed query", printed.encode(), (flat,)
        barred = [f"| {line} |" for line in boxed]
        ruled = "|" + "|".join(" --- " for _ in widths) + "|"
        yield "a Markdown table", "\n".join([barred[0], ruled, *barred[1:], ""]).encode(), (flat,)
    padded = "".join(", ".join(_PLAIN.cell(c) for c in row) + "\n" for row in clean.lines)
    yield "a space after each delimiter", padded.encode(), (clean,)
    other = made(seed + 1000)
    two = "\n".join(parts) + "\n\n" + _PLAIN.text(other.lines)
    yield "two tables and a blank line", two.encode(), (clean, other)
    titled = "First\n" + "\n".join(parts) + "\n\nSecond\n" + _PLAIN.text(other.lines)
    yield "two tables with titles", titled.encode(), (clean, other)
    bad = chance.randrange(1, len(parts))
    broken = [*parts[:bad], 'x,"never closed', *parts[bad:]]
    yield "a broken row between rows", ("\n".join(broken) + "\n").encode(), (clean,)


def _as(clean: Clean, change: Callable[[str], str]) -> Clean:
    def changed(row: Row) -> Row:
        return tuple(map(change, row))

    return Clean(clean.header and changed(clean.header), tuple(map(changed, clean.rows)))
