"""The commands that watch over tables: compare two of them, check rules on one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import click

from core.cli.cage import Caged
from core.cli.inputs import echo_json, engine_in, file_argument, json_option, lines, only, scratch
from core.errors import BadInput

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Caged)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--key", "key", multiple=True, help="A column that tells rows apart; may be given again.")
@click.option("--whole", is_flag=True, help="Compare whole rows, without a key.")
@json_option
def compare(before: Path, after: Path, key: tuple[str, ...], whole: bool, as_json: bool) -> None:
    """Compare two files as tables: columns, how values spread, rows added, removed and changed.

    Without --key and --whole a column that tells rows apart is looked for.
    """
    from core.compare import compare as compared

    if key and whole:
        raise click.UsageError("Give either --key or --whole.")
    with scratch() as folder:
        places = [folder / side for side in ("before", "after")]
        for place in places:
            place.mkdir()
        a, b = (only(file, place).table for file, place in zip((before, after), places, strict=True))
        asked = list(key) if key else [] if whole else None
        found = compared(a, b, folder / "differences.parquet", engine_in(folder), key=asked)
    if as_json:
        echo_json({"before": str(before), "after": str(after)} | found.model_dump(mode="json"))
        return
    shape, rows = found.shape, found.rows
    for column in shape.added:
        click.echo(f"column added: {column.name} ({column.type})")
    for column in shape.removed:
        click.echo(f"column removed: {column.name} ({column.type})")
    for one in shape.retyped:
        click.echo(f"column {one.name} was {one.before} and is {one.after}")
    if rows is not None:
        apart = f"told apart by {', '.join(rows.key)}" if rows.key else "compared as whole rows"
        click.echo(
            f"rows, {apart}: {rows.added:,} added, {rows.removed:,} removed, "
            f"{rows.changed:,} changed, {rows.same:,} as they were"
        )
    lines(
        [("column", "changed", "psi", "distance", "changed cells")]
        + [
            (c.name, c.level, _short(c.psi), _short(c.js if c.ks is None else c.ks),
             f"{rows.cells.get(c.name, 0):,}" if rows else "")
            for c in found.columns
        ]
    )  # fmt: skip


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


@click.command(cls=Caged)
@file_argument
@click.option("--rules", "rules_file", required=True, type=_FILE, help="Rules as JSON: a list of objects.")
@json_option
def check(file: Path, rules_file: Path, as_json: bool) -> None:
    """Check rules on a file; the exit status is 1 when one is broken whose severity is error.

    Rules look like [{"kind": "not_missing", "column": "price"}, ...]; see `reference`.
    """
    from sqlglot import exp

    from core import rules, sql
    from core.rules import Given, Rule, Verdict

    document = _rules(rules_file)
    asked = [(str(number), Rule.from_json(one)) for number, one in enumerate(document, start=1)]
    with scratch() as folder:
        engine, table = engine_in(folder), only(file, folder).table
        query = exp.select(sql.template("count(*) AS n")).from_(table.query.copy().subquery("t"))
        rows = int(engine.rows(query)["n"][0].as_py())
        given = Given(table=table, rows=rows, now=dt.datetime.now(dt.UTC).replace(tzinfo=None))
        found = Verdict(rows=rows, results=tuple(rules.check(asked, given, engine)))
    if as_json:
        results = [one.model_dump(mode="json") for one in found.results]
        echo_json({"file": str(file), "rows": rows, "outcome": found.outcome, "results": results})
    else:
        for one in found.results:
            click.echo(f"{one.found.outcome}: {one.member().describe()}: {one.found.said}")
    if found.stops:
        raise SystemExit(1)


def _rules(place: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput("{name} is not JSON: {reason}", name=place.name, reason=str(error)) from None
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise BadInput(
            "{name} holds no list of rules.",
            hint="Rules look like {shape}.",
            name=place.name,
            shape='[{"kind": "not_missing", "column": "price"}, ...]',
        )
    return document
