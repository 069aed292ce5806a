"""A trained model on new rows: which rows, whether they fit, what came of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core.contracts import Table
from core.errors import MissingColumn, NotFound
from core.sql import template
from core.store import Dataset, Prediction, Run, Version, tables
from core.wording import counted_rows
from ui import services, state
from ui.frame import preview
from ui.held import held
from ui.intake import files
from ui.live import ACTIVE, follow
from ui.text import message, plain, plain_said, t
from ui.transfer import download, forget_uploads, model_files

if TYPE_CHECKING:
    from core.features.suitable import Problem
    from core.score import Scorer

Json = Any
ROWS, COLUMNS = 50, 100  # of the predictions shown
EARLIER = 5


def scorer(run: Run) -> Scorer:
    """The run's model, loaded once for all sessions. Predicting needs numpy alone, never torch."""
    return _scorer(run.id, run.owner)


@st.cache_resource(show_spinner=False, max_entries=8)
def _scorer(run_id: str, owner: str) -> Scorer:
    from core.score import load_files

    return load_files(*model_files(run_id))


def needs(model: Scorer) -> None:
    """What the model predicts and the columns it asks for."""
    counts = {"target": model.target, "count": len(model.columns)}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("Predicts **{target}**; columns needed: {count}.", **counts))
        with st.popover(t("Which columns?"), key="predict.columns"):
            rows = {
                plain("Column"): [column.name for column in model.columns],
                plain("Type"): [plain(column.type) for column in model.columns],
            }
            preview(
                pa.table(rows), key="predict.columns.table", height=min(400, 38 + 35 * len(model.columns))
            )


def pick(label: str, address: str, options: Mapping[str, str]) -> str:
    """One of a few ways, kept in the address; the first is the usual one."""
    key = f"predict.{address}"
    wanted = state.address(address)
    state.put(key, wanted if wanted in options else next(iter(options)))

    def change() -> None:
        state.set_address(**{address: state.get(key)})

    return st.segmented_control(
        t(label), list(options), format_func=lambda item: t(options[item]), required=True, key=key,
        on_change=change, label_visibility="collapsed",
    )  # fmt: skip


def new_file() -> None:
    """Drop a file and read it; once it is read, its table is chosen."""
    files()
    for job_id in held("job"):
        job = services.find_job(job_id)
        if job is None or job.task != "read":
            continue
        job = follow(job_id, key=f"predict.read.{job_id}", quiet=True)
        if job.state == "done" and job.result is not None:
            forget_uploads("add.files")
            state.set_address(**{"from": "stored", "rows": job.result["version"], "job": None})
            st.rerun()
        if job.state not in ACTIVE and st.button(t("Hide"), key=f"predict.hide.{job_id}", type="tertiary"):
            state.set_address(job=None)
            st.rerun()


def stored_table() -> Version | None:
    """One of the tables in Sightline, by the address or chosen here."""
    store, owner = services.store(), services.owner()
    names = {dataset.id: dataset.name for dataset in store.list(Dataset, owner)}
    known = {version.id: version for version in store.list(Version, owner) if version.dataset in names}
    wanted = state.address("rows")
    if wanted is not None and wanted not in known:
        st.warning(t("The table in this address does not exist, or is not yours. Choose another one."))
    state.put("predict.rows", wanted if wanted in known else None)

    def called(item: str) -> str:
        version = known[item]
        about = {"name": names[version.dataset], "number": version.number, "rows": counted_rows(version.rows)}
        return plain("{name}, version {number}: {rows}", **about)

    chosen = st.selectbox(
        t("Rows to predict"), list(known), index=None, format_func=called, key="predict.rows",
        placeholder=plain("Choose a table"),
        on_change=lambda: state.set_address(rows=state.get("predict.rows")),
    )  # fmt: skip
    return known[chosen] if chosen else None


def cleaning(model: Scorer, version: Version) -> bool:
    """Whether the rows are cleaned as the training rows were; asked only when there is a cleaning."""
    if model.preparation is None:
        return False
    return st.toggle(
        t("Clean the rows first as the training rows were"),
        value=version.recipe is None,  # a table that a recipe made is clean already
        key=f"predict.raw.{version.id}",
        help=t(
            "The recipe that made the training table is applied with what it learned then. "
            "Steps that only choose or order rows are left out, so that each row gets a prediction."
        ),
    )


def fits(model: Scorer, version: Version, raw: bool) -> bool:
    """Say how the table's columns suit the model; whether they can be predicted."""
    try:
        found = _problems(model, version, raw)
    except (MissingColumn, NotFound) as error:
        st.error(message(error))
        return False
    for problem in found:
        (st.error if problem.blocks else st.warning)(t(problem.template, **problem.values))
    blocked = any(problem.blocks for problem in found)
    if not found:
        st.success(t("Every column that the model needs is there, with the type it knows."))
    return not blocked


def _problems(model: Scorer, version: Version, raw: bool) -> list[Problem]:
    if not raw or model.preparation is None:
        return model.problems(version.columns)
    table = tables.table(services.store(), version)
    none = table.query.copy().where(template("1 = 0"))  # the columns tell: no row is read
    ready = model.prepare(Table(none, table.columns, table.others), services.engine())
    first = model.problems(version.columns, model.preparation.columns)
    return [problem for problem in first if not problem.blocks] + model.problems(ready.table.columns)


def start(run: Run, version: Version, raw: bool) -> None:
    """Predict all rows in a job; its id goes into the address."""
    params = {"run": run.id, "version": version.id, "raw": raw}
    job = services.submit("score", params, title="Predict rows", subject=run.id)
    state.set_address(scored=job.id)


def results(run: Run, model: Scorer) -> None:
    """The predictions under way, the newest in full, and the ones before."""
    job = services.find_job(state.address("scored") or "")
    if job is not None and job.params.get("run") == run.id:
        job = follow(job.id, key="predict.job", quiet=True)
        if job.state in ACTIVE:
            return
    found = services.store().list(Prediction, services.owner(), run=run.id)
    for number, prediction in enumerate(found[: EARLIER + 1]):
        _in_full(prediction, model) if number == 0 else _in_short(prediction)


def _file(prediction: Prediction) -> tuple[str, str]:
    """The table's name with its version, and what the file of its predictions is called."""
    store, owner = services.store(), services.owner()
    version = store.get(Version, prediction.version, owner)
    name = store.get(Dataset, version.dataset, owner).name
    return plain("{name}, version {number}", name=name, number=version.number), f"{name}-predictions.csv"


def _in_full(prediction: Prediction, model: Scorer) -> None:
    called, file = _file(prediction)
    with st.container(border=True, key="predict.result"):
        with st.container(horizontal=True, vertical_alignment="center"):
            done = {"rows": prediction.report["rows"], "name": called}
            st.markdown(
                f":green-badge[{t('Predicted')}] "
                + t("**{rows:,}** row of {name} | **{rows:,}** rows of {name}", **done),
                width="stretch",
            )
            label = t("Download as CSV")
            download(label, prediction.object, file, key="predict.download", primary=True)
        st.markdown("\n".join(f"- {words}" for words in report_words(prediction.report, model)))
        place = services.store().place(prediction.object, services.owner())
        added = len(prediction.report["predicted"])
        _preview(first_rows(place, added), added)
        shown = min(ROWS, prediction.report["rows"])
        st.caption(
            t(
                "The first row; what was predicted comes first. | The first {count:,} rows; what was "
                "predicted comes first.",
                count=shown,
            )
        )


def _preview(rows: pa.Table, added: int) -> None:
    """The first rows; the probabilities, which follow the prediction, as bars."""
    bar = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    with st.container(key="predict.preview"):
        st.dataframe(
            rows, hide_index=True, width="stretch", height=420,
            column_config=dict.fromkeys(rows.column_names[1:added], bar),
        )  # fmt: skip


def _in_short(prediction: Prediction) -> None:
    called, file = _file(prediction)
    with st.container(horizontal=True, vertical_alignment="center", key=f"predict.earlier.{prediction.id}"):
        about = {
            "rows": counted_rows(prediction.report["rows"]),
            "name": called,
            "when": f"{prediction.created:%Y-%m-%d %H:%M}",
        }
        st.markdown(":gray[" + t("{when}: {rows} of {name}", **about) + "]", width="stretch")
        download(t("Download as CSV"), prediction.object, file, key=f"predict.download.{prediction.id}")


BEYOND = "Rows without a prediction, as their values lie too far beyond those of training: {count:,}."
_REPORTS = {
    "filled": "**{column}**: {count:,} missing, filled as in training.",
    "infinite": "**{column}**: {count:,} infinite, treated as missing.",
    "unreadable": "**{column}**: {count:,} not readable as its type, treated as missing.",
}


def report_words(report: Mapping[str, Json], model: Scorer) -> list[str]:
    """What was done to the rows on the way, in Markdown; what was not done is not mentioned."""
    words = [unseen_words(column, count, model) for column, count in report.get("unseen", {}).items()]
    words += [
        t(said, count=count, column=column)
        for kind, said in _REPORTS.items()
        for column, count in report.get(kind, {}).items()
    ]
    if report.get("beyond"):
        words.append(t(BEYOND, count=report["beyond"]))
    if report.get("skipped"):
        steps = plain("; ").join(map(plain_said, report["skipped"]))
        words.append(t("Left out, as they only choose or order rows: {steps}.", steps=steps))
    return words or [t("Nothing had to be mended on the way.")]


def unseen_words(column: str, count: int, model: Scorer) -> str:
    """What values that the model has never seen count as: its reference, or none of those it knows."""
    code = next(code for code in model.encoding.codes if code.column == column)
    reference = code.reference if code.kind == "category" else None
    if reference is None:
        said = "**{column}**: {count:,} never seen in training, counted as none of those known."
        return t(said, count=count, column=column)
    said = "**{column}**: {count:,} never seen in training, counted as the usual one, “{usual}”."
    return t(said, count=count, column=column, usual=reference)


def first_rows(place: Path, predicted: int) -> pa.Table:
    """The first rows of a CSV of predictions, the predicted columns (its last ones) first."""
    from pyarrow import csv as arrow_csv

    with place.open(encoding="utf-8", newline="") as text:
        lines = list(islice(csv.reader(text), ROWS + 1))
    copy = io.StringIO()
    csv.writer(copy).writerows(lines)
    rows = arrow_csv.read_csv(io.BytesIO(copy.getvalue().encode()))
    count = rows.num_columns
    order = [*range(count - predicted, count), *range(count - predicted)]
    return rows.select(order[:COLUMNS])
