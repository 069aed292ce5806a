"""Runs on the screen: the table of all, and some of them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from core.contracts import Model
from core.judging import FitResult
from core.store import Dataset, Job, Prediction, Run, Version
from ui import services
from ui.evaluation import model_title, origin, result_of
from ui.figures import show
from ui.forms import value_said
from ui.frame import link
from ui.measures import MEASURES, four
from ui.setup import DESCENT_ONLY
from ui.text import md, plain, said, t
from ui.training import SETTLED, stand

Json = Any
MAIN = {"number": "rmse", "category": "accuracy"}
OVERLAID = 8  # curves in one picture
FAR = 1000  # times the smallest loss: from here on the axis is logarithmic


def run_table(runs: Sequence[Run]) -> list[Run]:
    """All runs as a table, the newest first; returns the ones selected."""
    tables = _tables({run.version for run in runs})
    rows = [_row(run, stand(run, _job(run)), tables[run.version]) for run in runs]
    idle = set() if any(run.name for run in runs) else {"Name"}
    if len(set(tables.values())) == 1:
        idle.add("Table and version")  # every run learned from it
    names = [name for name in rows[0] if name not in idle]
    table = pa.table({plain(name): [row[name] for row in rows] for name in names})
    with st.container(key="runs.table"):
        event = st.dataframe(
            table, hide_index=True, key="runs.grid", on_select="rerun", selection_mode="multi-row",
            width="stretch", column_config=_to_the_right("Held-out rows", "Baseline"),
        )  # fmt: skip
    return [runs[i] for i in event.selection.rows if i < len(runs)]


def _tables(versions: set[str]) -> dict[str, str]:
    """What the tables are called that runs learned from: dataset and version number."""
    store, owner = services.store(), services.owner()
    names = {dataset.id: dataset.name for dataset in store.list(Dataset, owner)}
    with store.reading() as catalog:
        found = [catalog.get(Version, version, owner) for version in versions]
    return {version.id: f"{names.get(version.dataset, '')} · {version.number}" for version in found}


def _job(run: Run) -> Job | None:
    """The job of a run that has not come to its own end: it knows how the run stands."""
    return services.find_job(run.job) if run.job and run.state not in SETTLED else None


def _to_the_right(*names: str) -> dict[str, Any]:
    """Numbers that are shown as text, with their units, stand like numbers."""
    columns = [plain(name) for name in names]
    return {name: st.column_config.TextColumn(name, alignment="right") for name in columns}


def _row(run: Run, state: str, table: str) -> dict[str, Json]:
    done = run.state == "done"
    metric = MAIN[run.metrics["task"]] if done else ""
    said = MEASURES[metric].said if done else four
    return {
        "Name": run.name,
        "Predicts": run.spec["target"],
        "Model": model_title(run.spec["model"]),
        "State": plain(state),
        "Measure": plain(MEASURES[metric].title) if done else "",
        "Held-out rows": said(run.metrics["metrics"].get(metric)) if done else "",
        "Baseline": said(run.metrics["baseline"].get(metric)) if done else "",
        "Seconds": round(run.metrics["seconds"], 1) if done else None,
        "Table and version": table,
        "Started": f"{run.created:%Y-%m-%d %H:%M}",
    }


def compare(runs: Sequence[Run]) -> None:
    """Finished runs side by side: measures, parameters, and their curves in one picture."""
    if not runs:
        return
    results = {f"{number}. {_called(run)}": result_of(run)
               for number, run in enumerate(runs, start=1)}  # fmt: skip
    st.subheader(t("Side by side"), anchor=False)
    if len({(run.version, run.spec["target"], str(run.spec["split"]), run.spec["seed"]) for run in runs}) > 1:
        st.warning(
            t("These runs did not hold out the same rows (another version, target, split or seed): "
              "their numbers can differ for that reason alone.")
        )  # fmt: skip
    measures = [name for name in MEASURES if any(name in r.metrics for r in results.values())]
    given = {called: _settings(result.model) for called, result in results.items()}
    settings = sorted({name for known in given.values() for name in known})
    lines: dict[str, list[str]] = {"": [], **{name: [] for name in results}}
    for name in measures:
        lines[""].append(plain(MEASURES[name].title))
        for called, result in results.items():
            lines[called].append(MEASURES[name].said(result.metrics.get(name)))
    for name in settings:
        lines[""].append(name)
        for called in results:
            lines[called].append(given[called].get(name, "–"))
    with st.container(key="runs.compare"):
        st.dataframe(
            pa.table(lines), hide_index=True, width="stretch", height="content",
            column_config={name: st.column_config.TextColumn(name, alignment="right") for name in results},
        )  # fmt: skip
    _curves(results)


def _settings(model: Mapping[str, Json]) -> dict[str, str]:
    """A model's parameters by their titles, as people read them; without those its solver has no use for."""
    known = Model.members.get(model["kind"])
    unused = DESCENT_ONLY if model.get("solver") == "exact" else ()
    return {
        plain(field.title): value_said(field, model[field.name])
        for field in (known.parameters() if known else ())
        if field.name in model and field.name not in unused
    }


def _called(run: Run) -> str:
    return run.name or f"{run.spec['target']} · {model_title(run.spec['model'])}"


def _curves(results: dict[str, FitResult]) -> None:
    import plotly.graph_objects as go

    from core.charts.drawing import shown

    drawn = [(name, result) for name, result in results.items() if result.history][:OVERLAID]
    if not drawn:
        return
    figure, words, losses = go.Figure(), [], []
    for name, result in drawn:
        field = "valid_loss" if result.history[0].get("valid_loss") is not None else "train_loss"
        points = [(row["epoch"], row[field]) for row in result.history if row.get(field) is not None]
        x, y = zip(*points, strict=True)
        losses += [value for value in y if value > 0]
        figure.add_scatter(x=x, y=y, mode="lines", name=shown(name, 40), hovertemplate="%{x}: %{y:,.4g}")
        words.append(plain("{name}: {first:,.4g} to {last:,.4g}", name=name, first=y[0], last=y[-1]))
    far = bool(losses) and max(losses) > FAR * min(losses)  # one that diverged would flatten the others
    figure.update_layout(
        xaxis={"title": {"text": plain("Epoch")}},
        yaxis={"title": {"text": plain("Loss")}, "type": "log" if far else "linear"},
        showlegend=True,
    )  # fmt: skip
    st.markdown(
        f"**{t('Loss by epoch')}**  \n:gray[{t('Validation loss where rows were set aside for it.')}]"
    )
    show(figure, plain("; ").join(words), key="runs.curves", height=360)


def rename_or_delete(runs: Sequence[Run]) -> None:
    """What can be done with the selected runs."""
    store, owner = services.store(), services.owner()
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs.do"):
        if len(runs) == 1:
            (run,) = runs
            name = st.text_input(t("Name of the run"), run.name, key=f"runs.name.{run.id}", width=320)
            if name != run.name:
                store.change(Run, run.id, owner, name=name)
                st.rerun()
            dataset, version = origin(run)
            where = {"run": run.id, "dataset": dataset.id, "version": version.id}
            link("pages/model/train.py", "Open its training", key="runs.open", **where)
            if run.state == "done":
                link(
                    "pages/model/evaluate.py",
                    "See how good it is",
                    key="runs.evaluate",
                    primary=True,
                    **where,
                )
        with st.popover(t("Delete"), key="runs.delete"):
            st.markdown(t("Delete {count} run with its model? | Delete {count} runs with their models?",
                          count=len(runs)))  # fmt: skip
            if st.button(t("Delete for good"), key="runs.delete.go", type="primary"):
                for run in runs:
                    _delete(run, owner)
                st.rerun()
    for run in runs:
        if run.state == "failed":
            st.error(f"{md(_called(run))}: {said(run.facts.get('error', ''))}")


def _delete(run: Run, owner: str) -> None:
    if run.job is not None:
        services.jobs().cancel(run.job, owner)
    for prediction in services.store().list(Prediction, owner):
        if prediction.run == run.id:
            services.store().delete(Prediction, prediction.id, owner)
    services.store().delete(Run, run.id, owner)
