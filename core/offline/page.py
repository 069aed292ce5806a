"""The HTML file itself: the answers, the script that shows them, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.charts.drawing import Say
from core.contracts import Json
from core.dashboards import TextTile
from core.offline.contents import HEIGHTS, Contents
from core.wording import Note, note

HERE = Path(__file__).parent
PARTS = ("state", "words", "marks", "picture", "paper", "page")  # of the script, in this order
PIECE = 200_000  # bytes: more than a page has before its first words


@dataclass(frozen=True)
class Theme:
    """How pictures and the page look: a Plotly template, the colours of series, ground and ink."""

    template: Mapping[str, Json]
    colours: tuple[str, ...]
    ground: str
    ink: str
    muted: str


@dataclass(frozen=True)
class About:
    """What the page says of itself: its name, and where it comes from, one thing a line."""

    title: str
    lines: tuple[Note, ...]
    language: str = "en"
    as_of: Note | None = None  # when it was made, and of what: stands under its name
    patterns: bool = False  # whether series are told apart without colour, until the reader says otherwise


def page(contents: Contents, about: About, themes: Mapping[str, Theme], say: Say = str) -> Iterator[str]:
    """The file in pieces. Names and cells are somebody else's text: they are JSON in it, never markup."""
    scripts = (library(), drawing())
    yield (
        f'<!DOCTYPE html>\n<html lang="{html.escape(about.language)}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(*scripts)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">\n'
        f"<title>{html.escape(about.title)}</title>\n"
        f"<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style></head>\n"
        f"<body><noscript>{html.escape(say(note('This page needs JavaScript to draw its charts.')))}"
        '</noscript><main id="page"></main>\n'
    )
    yield f'<script type="application/json" id="about">{embedded(document(contents, about, themes, say))}'
    yield "</script>\n"
    for place, view in enumerate(contents.views):
        yield f'<script type="text/plain" id="view{place}">{view}</script>\n'
    for script in scripts:
        yield f"<script>{script}</script>\n"
    yield "</body></html>\n"


def under(place: Path, words: str) -> Iterator[bytes]:
    """A page that lies in a file, in pieces, below words that were not known when it was made."""
    with place.open("rb") as file:
        head = file.read(PIECE)
        before, main, after = head.partition(b'<main id="page">')
        look = "margin:0;padding:.7rem 1.2rem;border:2px solid"
        told = f'<p role="status" style="{look}">{html.escape(words)}</p>'
        yield before + (told.encode() if main else b"") + main + after
        while piece := file.read(PIECE):
            yield piece


def policy(*scripts: str) -> str:
    """What the file may do: run these very scripts, and ask nothing of any network."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@lru_cache(maxsize=1)
def drawing() -> str:
    """What draws the page: its parts as one script with nothing of its own outside of it."""
    parts = ((HERE / "script" / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    return f'(() => {{\n"use strict";\n{"".join(parts)}}})();\n'


@lru_cache(maxsize=1)
def library() -> str:
    """plotly.js, as the plotly package has it."""
    import plotly

    text = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text or "\r" in text:
        raise AssertionError("this plotly.js cannot stand inside a page as it is")
    return text


def embedded(value: Json) -> str:
    """JSON that ends no script element, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for mark, written in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(mark, written)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def document(contents: Contents, about: About, themes: Mapping[str, Theme], say: Say) -> dict[str, Json]:
    """What the script knows besides the answers."""
    force = [] if contents.filtered is None else [note("Only rows where {what}", what=contents.filtered)]
    return {
        "title": about.title,
        "under": [say(line) for line in (*([about.as_of] if about.as_of else []), *force)],
        "patterns": about.patterns,
        "across": contents.board.across,
        "tiles": [
            {
                "id": tile.id, "kind": tile.kind, "title": contents.titles[tile.id],
                "width": min(tile.width, contents.board.across), "height": HEIGHTS[tile.height],
                "text": tile.text if isinstance(tile, TextTile) else "",
            }
            for tile in contents.board.tiles
        ],
        "filters": [
            {
                "label": choice.column,
                "options": [{"label": say(one.words), "rows": one.rows} for one in choice.options],
            }
            for choice in contents.choices
        ],
        "rows": contents.rows,
        "about": [say(line) for line in about.lines],
        "themes": {
            name: {
                "template": dict(theme.template), "colours": list(theme.colours), "ground": theme.ground,
                "ink": theme.ink, "muted": theme.muted,
            }
            for name, theme in themes.items()
        },
        "words": {key: say(words) for key, words in WORDS.items()},
    }  # fmt: skip


WORDS = {
    "all": note("all rows"),
    "shown": note("{count} of {all} rows", count="{count}", all="{all}"),
    "none": note("No rows: nothing has all that was chosen."),
    "filters": note("Filters"),
    "covers": note(
        "Each filter shows one of its groups, or all rows. Every number is counted anew for what is chosen."
    ),
    "words": note("In words"),
    "table": note("As a table"),
    "first": note("The first {shown} of {count} rows", shown="{shown}", count="{count}"),
    "about": note("Where this comes from"),
    "print": note("Print, or save as PDF"),
    "clear": note("Show all"),
    "old": note("This browser is too old for this page: it cannot unpack its numbers."),
    "svg": note("Save as SVG"),
    "png": note("Save as PNG"),
    "chart": note("Chart"),
    "dark": note("Light or dark"),
    "patterns": note("Patterns"),
    "walk": note("Arrow keys go from mark to mark; Enter chooses the mark in the filters."),
    "closed": note("It chooses nothing in the filters."),
    "tools": note("Save this picture"),
    "force": note("Filters: {what}", what="{what}"),
}
