"""The commands about models: fit, score."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.cage import Caged, result_file
from core.cli.inputs import echo_json, engine_in, file_argument, json_option, lines, only, scratch
from core.contracts import Json, Model, Silent
from core.errors import BadParameter
from core.export.tables import write_table
from core.params import Field

if TYPE_CHECKING:
    from core.judging import FitResult

_COUNTED = {  # what is counted while scoring, a column at a time
    "unseen": "values that the model never met",
    "filled": "missing values, filled as in training",
    "infinite": "infinite values, taken as missing",
    "unreadable": "values of another type, taken as missing",
}
MODELS = {"linear": "linear_regression", "logistic": "logistic_regression", "neural": "neural_network"}


def parameters_from(model: str, pairs: tuple[str, ...]) -> dict[str, Json]:
    """`--set name=value` as the model's parameters, each read as its declared type."""
    import core.models  # noqa: F401 - registers the family

    known: dict[str, Field] = {field.name: field for field in Model.members[MODELS[model]].parameters()}
    values: dict[str, Json] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise BadParameter("--set takes name=value. Got {got!r} instead.", got=pair)
        if name not in known:
            raise BadParameter(
                "The {model} model has no parameter {name!r}.",
                hint="Its parameters are: {known}.",
                model=model,
                name=name,
                known=", ".join(known),
            )
        values[name] = _value(known[name], text)
    return values


def _value(field: Field, text: str) -> Json:
    """Numbers and switches from text; what cannot be read stays text, for the declaration to refuse."""
    if field.optional and text.lower() in ("", "none"):
        return None
    if field.kind == "switch":
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            text.lower(), text
        )
    if field.kind == "number":
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if field.integer and number.is_integer() else number
    return text


def names_in(text: str) -> tuple[str, ...]:
    """Names separated by commas; one that holds a comma stands in double quotes, as in CSV."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True)))


@click.command(cls=Caged)
@file_argument
@click.option("--target", required=True, help="The column to predict.")
@click.option("--model", required=True, type=click.Choice(sorted(MODELS)), help="The kind of model.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the model.")
@click.option("--features", help='The columns to predict from: a,b,"c, d".')
@click.option("--test-share", default=0.2, show_default=True, help="Share of rows held out; 0: none.")
@click.option("--seed", default=0, show_default=True, help="The start of everything random.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder.")
@json_option
def fit(
    file: Path,
    target: str,
    model: str,
    settings: tuple[str, ...],
    features: str | None,
    test_share: float,
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Fit a model on a file and write it to a folder; prints how good it is on held-out rows."""
    from core.fitting import FitSpec
    from core.fitting import fit as fit_model
    from core.params import validated

    values = parameters_from(model, settings)
    spec = validated(
        FitSpec,
        {
            "target": target,
            "features": names_in(features) if features else None,
            "split": {"test_share": test_share},
            "model": {"kind": MODELS[model], **values},
            "seed": seed,
        },
    )
    with scratch() as folder:
        engine = engine_in(folder)
        table = only(file, folder).table
        out.mkdir(parents=True, exist_ok=True)
        result = fit_model(spec, table, engine, Silent(), out)
    if as_json:
        echo_json(_document(result))
        return
    _say(result.model_dump(mode="json"))
    _notes(result.facts.get("warnings"))
    click.echo(f"Written to {out}")


def _document(result: FitResult) -> dict[str, Any]:
    """The result as JSON, what it says in words as plain text."""
    document: dict[str, Any] = result.model_dump(mode="json")
    return document | {
        "left_out": {str(one.reason): one.rows for one in result.left_out},
        "facts": result.facts | {"warnings": [str(note) for note in result.facts.get("warnings", ())]},
    }


def _notes(notes: Any) -> None:
    for note in notes or ():
        click.echo(f"Note: {note}")


def _say(result: dict[str, Any]) -> None:
    rows = [("", "model", "baseline")]
    for name, value in result["metrics"].items():
        if isinstance(value, float):
            other = result["baseline"].get(name)
            rows.append((name, f"{value:.6g}", "" if other is None else f"{other:.6g}"))
    lines(rows)
    if result["coefficients"]:
        click.echo()
        lines(_coefficients(result))
    told = result["facts"].get("statistics")
    if told:
        click.echo()
        lines([(name, f"{value:.6g}") for name, value in told.items() if value is not None])
    click.echo(f"{result['seconds']:.2f} seconds")


def _coefficients(result: dict[str, Any]) -> list[tuple[str, ...]]:
    from core.evaluate.coefficients import with_intervals

    rows = with_intervals(result["coefficients"], result["facts"].get("degrees_of_freedom"))
    several = len({row.get("class") for row in rows}) > 1
    made: list[tuple[str, ...]] = [("coefficient", "value", "standard error", "95% interval", "p")]
    for row in rows:
        name = f"{row['class']}: {row['name']}" if several else row["name"]
        value = "not estimable" if row["value"] is None else f"{row['value']:.8g}"
        if row["p"] is None:
            made.append((name, value, "", "", ""))
        else:
            ends = f"{row['low']:.4g} to {row['high']:.4g}"
            made.append((name, value, f"{row['se']:.4g}", ends, f"{row['p']:.3g}"))
    return made


@click.command(cls=Caged)
@click.argument("model", type=click.Path(exists=True, file_okay=False, path_type=Path))
@file_argument
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help=".csv or .parquet"
)
@click.option("--clean", is_flag=True, help="The rows are clean already: leave the model's recipe out.")
@json_option
def score(model: Path, file: Path, out: Path, clean: bool, as_json: bool) -> None:
    """Predict for every row of a file with a model that `fit` wrote or a page gave.

    A model that was fitted on a cleaned table cleans the rows in the same way first.
    """
    from core.score import load

    with scratch() as folder:
        engine = engine_in(folder)
        table = only(file, folder).table
        place = folder / "scored.parquet"
        scored, report = load(model).predict(table, engine, place, Silent(), raw=not clean)
        with result_file(out, folder) as made:
            write_table(scored, engine, made, raw=True)
    document = report | {"out": str(out)}
    if as_json:
        echo_json(document)
        return
    click.echo(f"{document['rows']:,} rows scored, written to {out}")
    for kind, what in _COUNTED.items():
        _notes(f"{name}: {count:,} {what}" for name, count in document[kind].items())
    if document["beyond"]:
        _notes([f"{document['beyond']:,} rows hold values too large to compute with: no prediction"])
