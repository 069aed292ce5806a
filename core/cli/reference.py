"""The reference of every source, step, chart, model and rule, written from their declarations."""

from __future__ import annotations

from collections.abc import Iterator

import click

from core.contracts import Chart, Member, Model, Source, Step
from core.params import Field, fields
from core.rules.rule import Rule

FAMILIES: tuple[tuple[str, type[Member]], ...] = (
    ("Sources", Source),
    ("Steps", Step),
    ("Charts", Chart),
    ("Models", Model),
    ("Rules", Rule),
)


def load_families() -> None:
    """Import every family, so that all members are registered."""
    import core.charts
    import core.models
    import core.rules
    import core.sources
    import core.steps  # noqa: F401


@click.command()
def reference() -> None:
    """Print the reference of every source, step, chart, model and rule as Markdown."""
    click.echo(markdown(), nl=False)


def markdown() -> str:
    """The reference as Markdown: one heading a member, one row a parameter."""
    load_families()
    return "\n".join(_document()) + "\n"


def _document() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Written by `python -m core reference` from the declarations in `core`: do not edit."
    for title, family in FAMILIES:
        yield from ("", f"## {title}")
        for kind, member in sorted(family.members.items(), key=lambda item: (item[1].group, item[1].title)):
            yield from ("", f"### {member.title} (`{kind}`)", "", member.summary())
            rows = fields(member)
            if rows:
                yield from ("", "| Parameter | Takes | Default | Meaning |", "| --- | --- | --- | --- |")
                yield from (_row(row) for row in rows)
            for row in rows:
                if row.row is not None:
                    yield from ("", f"Each of `{row.name}`:", "")
                    yield from ("| Field | Takes | Default | Meaning |", "| --- | --- | --- | --- |")
                    yield from (_row(field) for field in fields(row.row))


def _row(field: Field) -> str:
    default = "required" if field.required else f"`{field.default!r}`"
    cells = (f"`{field.name}`", _takes(field), default, f"{field.title}. {field.help}")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _takes(field: Field) -> str:
    if field.kind == "number":
        kind = "whole number" if field.integer else "number"
        if field.low is not None and field.high is not None:
            zero = f" (0: {field.zero})" if field.zero else ""
            return f"{kind}, {field.low:g} to {field.high:g}{zero}"
        if field.low is not None:
            return f"{kind}, from {field.low:g}"
        return kind
    if field.kind == "choice":
        return "one of " + ", ".join(f"`{choice}`" for choice in field.choices)
    if field.types:
        return f"{field.kind} ({' or '.join(field.types)})"
    return {"switch": "yes or no", "rows": "list"}.get(field.kind, field.kind)
