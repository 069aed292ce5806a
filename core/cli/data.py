"""The commands about tables: read, profile, clean."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import click

from core.cli.cage import Caged, result_file
from core.cli.inputs import (
    Opened,
    Unread,
    echo_json,
    engine_in,
    file_argument,
    json_option,
    lines,
    only,
    opened,
    printable,
    scratch,
)
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, SightlineError
from core.export.tables import write_table


@click.command(cls=Caged)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder for the results.")
@click.option(
    "--together", is_flag=True, help="Put the files or sheets of one shape in a folder, zip or workbook"
    " under one another as one table; the others are listed with why, and left out.",
)  # fmt: skip
@json_option
def read(files: tuple[Path, ...], out: Path | None, together: bool, as_json: bool) -> None:
    """Read files as tables: rows stored, rows refused, columns and how the file was read.

    FILES can be folders: then each file in them is read. With --out each table becomes NAME.parquet
    and its refused rows NAME.refused.csv (columns line, reason, text). A file that cannot be read does
    not stop the others; the exit status is then 1.
    """
    reports: list[dict[str, Any]] = []
    for file in files:
        with scratch() as folder:
            engine = engine_in(folder)
            try:
                for one in opened(file, folder, together=together):
                    if isinstance(one, Unread):
                        kind = "left_out" if together else "error"
                        reports.append({"file": str(file), "part": one.part, kind: one.problem})
                        continue
                    reports.append(_report(one, engine))
                    if out is not None:
                        reports[-1] |= _kept(one, out)
            except SightlineError as error:
                reports.append({"file": str(file), "part": None, "error": str(error)})
    if as_json:
        echo_json({"files": reports})
    else:
        for report in reports:
            _say(report)
    failed = [report for report in reports if "error" in report]
    for report in failed:
        click.echo(printable(f"{_title(report)}: {report['error']}"), err=True)
    if failed:
        raise SystemExit(1)


def _report(one: Opened, engine: DuckEngine) -> dict[str, Any]:
    from core.profile import profile as describe

    return {
        "file": str(one.file),
        "part": one.part,
        "rows_in": one.account.rows_in,
        "rows": one.account.rows,
        "refused": one.account.refused,
        "columns": [
            {"name": column.name, "type": column.type, "meaning": column.meaning}
            for column in describe(one.table, engine).columns
        ],
        "dialect": one.account.dialect or one.source.to_json(),
        "source": one.source.to_json(),
        "notes": [str(note) for note in one.account.notes],
    }


def _kept(one: Opened, out: Path) -> dict[str, str]:
    """Copy a table and its refused rows to the folder `out`; tells where they are."""
    out.mkdir(parents=True, exist_ok=True)
    stem = printable(one.file.stem)
    if one.part is not None:
        part = one.part.removeprefix(f"{one.file.name}: ")
        stem += "-" + re.sub(r"\.\w{1,8}$", "", part)
    place, refused = _free(out, re.sub(r"[/\0]", "_", stem)[:100])
    shutil.copyfile(one.place, place)
    if one.refused.exists():
        shutil.copyfile(one.refused, refused)
    else:
        refused.write_text("line,reason,text\r\n", encoding="utf-8")
    return {"table": str(place), "refused_rows": str(refused)}


def _free(out: Path, stem: str) -> tuple[Path, Path]:
    """Names in `out` for one table, never those of another file of this call or an earlier one."""
    number = 1
    while (out / f"{stem}.parquet").exists():
        number += 1
        stem = f"{stem.rsplit('~', 1)[0]}~{number}"
    return out / f"{stem}.parquet", out / f"{stem}.refused.csv"


def _say(report: dict[str, Any]) -> None:
    if "error" in report:
        return
    if "left_out" in report:
        click.echo(printable(f"  {report['part']}: {report['left_out']}"))
        return
    click.echo(printable(f"{_title(report)}: {report['rows']:,} rows stored, {report['refused']:,} refused"))
    lines([(f"  {column['name']}", column["type"], column["meaning"]) for column in report["columns"]])
    for note in report["notes"]:
        click.echo(f"  Note: {note}")


def _title(report: dict[str, Any]) -> str:
    return str(report["file"] if report["part"] is None else f"{report['file']} / {report['part']}")


@click.command(cls=Caged)
@file_argument
@json_option
def profile(file: Path, as_json: bool) -> None:
    """Describe every column of a file and list what looks wrong with it."""
    from core.profile import profile as describe

    with scratch() as folder:
        engine = engine_in(folder)
        one = only(file, folder)
        result = describe(one.table, engine)
    if as_json:
        echo_json({"file": str(file)} | result.model_dump(mode="json"))
        return
    click.echo(f"{one.title}: {result.rows:,} rows, {len(result.columns)} columns")
    lines(
        [("  column", "type", "meaning", "missing", "distinct")]
        + [
            (f"  {c.name}", c.type, c.meaning, f"{c.missing:,}", f"{c.distinct:,}" if c.distinct else "")
            for c in result.columns
        ]
    )
    for finding in result.findings:
        click.echo(f"  {finding.severity}: {finding.message}")


@click.command(cls=Caged)
@file_argument
@click.option(
    "--recipe", "recipe_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A recipe as JSON: what the screen's recipe downloads, or a list of steps.",
)  # fmt: skip
@click.option("--suggested", is_flag=True, help="Use the steps that the profile suggests.")
@click.option(
    "--other", "others", multiple=True, metavar="ID FILE", type=(str, click.Path(path_type=Path)),
    help="A table that the recipe reads besides, under the id it has there; may be given several times.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=".csv or .parquet"
)
@click.option(
    "--guard", is_flag=True, help="In CSV, put an apostrophe before text that a spreadsheet would run."
)
@json_option
def clean(
    file: Path,
    recipe_file: Path | None,
    suggested: bool,
    others: tuple[tuple[str, Path], ...],
    out: Path,
    guard: bool,
    as_json: bool,
) -> None:
    """Apply a recipe to a file and write the result; prints what each step changed."""
    from core.profile import profile as describe
    from core.profile import suggested as suggest
    from core.recipe import Recipe

    if suggested == (recipe_file is not None):
        raise click.UsageError("Give either --recipe FILE or --suggested.")
    with scratch() as folder:
        engine = engine_in(folder)
        table = _with_others(only(file, folder).table, others, folder)
        if recipe_file is None:
            document: Any = list(suggest(describe(table, engine)))
        else:
            document = _json_file(recipe_file)
        recipe = Recipe.from_json(document).learn(table, engine)
        effects = recipe.effects(table, engine)
        cleaned = recipe.apply(table, engine)
        with result_file(out, folder) as made:
            write_table(cleaned, engine, made, raw=not guard)
    if as_json:
        echo_json(
            {
                "file": str(file),
                "out": str(out),
                "recipe": recipe.to_json(),
                "effects": [effect.model_dump(mode="json") for effect in effects],
            }
        )
        return
    for effect in effects:  # one for each step that is switched on
        changed = sum(effect.cells_changed.values())
        said = recipe.steps[effect.number - 1].step.describe()
        click.echo(
            f"{effect.number}. {said}: {effect.rows_before:,} -> {effect.rows_after:,} rows, "
            f"{changed:,} cells changed"
        )
    click.echo(f"Written to {out}")


def _with_others(table: Table, given: tuple[tuple[str, Path], ...], folder: Path) -> Table:
    """The table with the others beside it, each read from its file."""
    others: dict[str, Table] = {}
    for number, (id, file) in enumerate(given):
        place = folder / f"other-{number}"
        place.mkdir()
        others[id] = only(file, place).table
    return Table(table.query, table.columns, others)


def _json_file(place: Path) -> Any:
    try:
        return json.loads(place.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput("{name} is not JSON: {reason}", name=place.name, reason=str(error)) from None
