"""New rows through a fitted model: schema check, the stored encoding, predictions.

scorer = load(Path("model"))
scorer.check(table.columns)                      # plain problems, in words
report = scorer.score(table, engine, Path("predictions.parquet"), Silent())
scorer.score_row({"age": 41, "region": "North"}) # one row
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from sqlglot import exp

import core.models  # noqa: F401  (registers the models)
from core import modelfile, sql
from core.contracts import Engine, Fitted, Json, Model, Schema, Table, Task, Watch, near
from core.errors import Cancelled, MissingColumn
from core.features import suitable
from core.features.codes import Counts, NumberCode
from core.features.encoding import Encoding
from core.features.typed import as_category, as_number
from core.params import Frozen
from core.preparation import Preparation, Prepared, with_predictions

if TYPE_CHECKING:
    import pyarrow as pa


class ScoreReport(Frozen):
    """What was done to the rows, counted per column."""

    rows: int
    unseen: dict[str, int]  # categories never seen: they count as the reference, or as none without one
    filled: dict[str, int]  # missing values, filled as in training
    infinite: dict[str, int]  # infinite values, treated as missing
    unreadable: dict[str, int]  # values of a wrong type that could not be converted: treated as missing
    predicted: tuple[str, ...]  # the columns added
    beyond: int = 0  # rows with values so large that nothing can be computed from them: no prediction


@dataclass(frozen=True)
class Scorer:
    """A fitted model with its encoding, ready for new rows."""

    encoding: Encoding
    fitted: Fitted
    task: Task
    target: str
    classes: tuple[str, ...]
    document: Mapping[str, Json]  # all of model.json
    preparation: Preparation | None = None  # the cleaning before the model, for raw rows

    @property
    def columns(self) -> Schema:
        """The columns it needs, with the types they had in training."""
        return self.encoding.columns

    def prepare(self, table: Table, engine: Engine) -> Prepared:
        """Clean raw rows as the training rows were cleaned; without a recipe they stay as they are."""
        if self.preparation is None:
            return Prepared(table, True, (), {})
        return self.preparation.apply(table, engine, tuple(column.name for column in self.columns))

    def check(self, columns: Schema) -> list[str]:
        """What is wrong with a table of these columns, in words; empty when nothing is."""
        return [str(problem) for problem in self.problems(columns)]

    def problems(self, columns: Schema, needed: Schema | None = None) -> list[suitable.Problem]:
        """What stands between a table of these columns and the model (or the columns `needed`)."""
        return suitable.problems(columns, self.columns if needed is None else needed)

    def predict(
        self, table: Table, engine: Engine, place: Path, watch: Watch, *, raw: bool
    ) -> tuple[Table, dict[str, Json]]:
        """The table with predictions beside its rows, kept at `place`, and the report as JSON.

        `raw` rows get the cleaning that the training rows had. Where that groups rows, the result
        has a row for each group.
        """
        from core.engine.duckdb import stored

        ready = self.prepare(table, engine) if raw else Prepared(table, True, (), {})
        report = self.score(ready.table, engine, place, watch)
        query = stored(place)
        scored = Table(query, engine.schema(query))
        if ready.keeps_rows and ready.table is not table:
            scored = with_predictions(table, scored, self.added(table.names()), report.predicted)
        told = report.model_dump(mode="json")
        told |= {
            "skipped": [step.model_dump(mode="json") for step in ready.skipped],
            "unreadable": told["unreadable"] | ready.unreadable,
        }
        return scored, told

    def score(self, table: Table, engine: Engine, destination: Path, watch: Watch) -> ScoreReport:
        """Write the table's columns with predictions added to a Parquet file, in the table's order."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._complete(table)
        added = self.added([column.name for column in table.columns])
        counts, unreadable, rows, beyond = Counts(), Counter[str](), 0, 0
        total = engine.rows(
            exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.subquery("t"))
        )
        expected = max(1, total.to_pylist()[0]["n"])
        new = destination.with_name(destination.name + ".new")
        writer: pq.ParquetWriter | None = None
        try:
            for batch in _ordered(engine, self._query(table)):
                if watch.stopped():
                    raise Cancelled()
                for i, name in self._doubtful(table.columns):
                    unreadable[name] += int(
                        np.count_nonzero(batch.column(f"u{i}").to_numpy(zero_copy_only=False))
                    )
                out = self._scored(batch, table, added, counts)
                if writer is None:
                    writer = pq.ParquetWriter(new, out.schema, compression="zstd")
                writer.write_table(pa.Table.from_batches([out]))
                rows += batch.num_rows
                beyond += out.column(added[0]).null_count
                watch.progress(rows / expected, "Scoring")
            if writer is None:  # no rows: the columns alone
                from core.examples import arrow_schema

                empty = arrow_schema(table.columns).empty_table().to_batches()
                base = empty[0] if empty else pa.RecordBatch.from_pylist([], arrow_schema(table.columns))
                out = self._with_predictions(base, np.empty((0, len(self.encoding.names))), added)
                writer = pq.ParquetWriter(new, out.schema, compression="zstd")
        except BaseException:
            if writer is not None:
                writer.close()
            new.unlink(missing_ok=True)
            raise
        writer.close()
        new.replace(destination)
        return self._report(rows, counts, unreadable, tuple(added), beyond)

    def score_row(self, values: Mapping[str, Any]) -> dict[str, Json]:
        """Predict one row given as a dict: {"prediction": ..., "probability of yes": ...}."""
        return self.score_rows([values])[0][0]

    def score_rows(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Json]], ScoreReport]:
        """Predict rows given as dicts; values are converted where that is safe, and counted where not."""
        import pyarrow as pa

        unreadable: Counter[str] = Counter()
        arrays: dict[str, pa.Array] = {}
        for i, code in enumerate(self.encoding.codes):
            read = as_number if isinstance(code, NumberCode) else as_category
            cells = []
            for row in rows:
                if code.column not in row:
                    raise MissingColumn(
                        needs="The model", column=code.column, candidates=", ".join(list(row)[:5])
                    )
                given = row[code.column]
                cell = read(given, code.type)
                if cell is None and given is not None and given != "":
                    unreadable[code.column] += 1
                cells.append(cell)
            arrays[f"c{i}"] = pa.array(cells, pa.float64() if isinstance(code, NumberCode) else pa.string())
        counts = Counts()
        batch = pa.RecordBatch.from_pydict(arrays) if arrays else pa.RecordBatch.from_pylist([{}] * len(rows))
        x = self.encoding.transform(batch, counts)
        added = self.added([])
        out = self._with_predictions(pa.RecordBatch.from_pydict({"-": pa.nulls(len(rows))}), x, added)
        beyond = out.column(added[0]).null_count
        report = self._report(len(rows), counts, unreadable, tuple(added), beyond)
        return [{name: row[name] for name in added} for row in out.to_pylist()], report

    def added(self, taken: Sequence[str]) -> list[str]:
        """The names of the columns that scoring adds, clear of those that are taken."""
        wanted = ["prediction"]
        if self.task == "category":
            wanted += [f"probability of {label}" for label in self.classes]
        used = {name.casefold() for name in taken}
        names = []
        for name in wanted:
            free, number = name, 2
            while free.casefold() in used:
                free, number = f"{name}_{number}", number + 1
            used.add(free.casefold())
            names.append(free)
        return names

    def _complete(self, table: Table) -> None:
        known = {column.name for column in table.columns}
        missing = [column.name for column in self.columns if column.name not in known]
        if missing:
            raise MissingColumn(
                needs="The model",
                column=missing[0],
                candidates=", ".join(near(missing[0], dict.fromkeys(table.names()))),
            )

    def _doubtful(self, columns: Schema) -> Iterator[tuple[int, str]]:
        """The codes whose column has a type from which not every value can be converted."""
        types = {column.name: column.type for column in columns}
        for i, code in enumerate(self.encoding.codes):
            if code.type != "text" and not suitable.suits(types[code.column], code.type):
                yield i, code.column

    def _query(self, table: Table) -> exp.Select:
        chosen = [exp.alias_(sql.name(column.name), f"t{i}") for i, column in enumerate(table.columns)]
        encoded = self.encoding.expressions(table.columns)
        chosen += [exp.alias_(node, alias) for alias, node in encoded.items()]
        for i, name in self._doubtful(table.columns):
            failed = sql.template("NOT :x IS NULL AND :y IS NULL", x=sql.name(name), y=encoded[f"c{i}"])
            chosen.append(exp.alias_(failed, f"u{i}"))
        return exp.select(*chosen, sql.name(sql.ROW)).from_(table.query.subquery("t"))

    def _scored(
        self, batch: pa.RecordBatch, table: Table, added: list[str], counts: Counts
    ) -> pa.RecordBatch:
        import pyarrow as pa

        x = self.encoding.transform(batch, counts)
        own = pa.RecordBatch.from_arrays(
            [batch.column(f"t{i}") for i in range(len(table.columns))], names=table.names()
        )
        return self._with_predictions(own, x, added)

    def _with_predictions(self, batch: pa.RecordBatch, x: np.ndarray, added: list[str]) -> pa.RecordBatch:
        import pyarrow as pa

        with np.errstate(over="ignore", invalid="ignore"):  # values far beyond any that were fitted
            predicted = self.fitted.predict(x)
        # what cannot be computed is missing: no class may be named for want of a number
        if self.task == "number":
            new = [pa.array(predicted, pa.float64(), mask=~np.isfinite(predicted))]
        else:
            none = ~np.isfinite(predicted).all(axis=1)
            labels = pa.array(self.classes, pa.string())
            new = [labels.take(pa.array(predicted.argmax(axis=1), mask=none))]
            new += [pa.array(predicted[:, k], pa.float64(), mask=none) for k in range(len(self.classes))]
        return pa.RecordBatch.from_arrays([*batch.columns, *new], names=[*batch.schema.names, *added])

    def _report(
        self, rows: int, counts: Counts, unreadable: Counter[str], predicted: tuple[str, ...], beyond: int
    ) -> ScoreReport:
        return ScoreReport(
            rows=rows,
            unseen=_positive(counts.unseen),
            filled=_positive(counts.filled - unreadable),
            infinite=_positive(counts.infinite),
            unreadable=_positive(unreadable),
            predicted=predicted,
            beyond=beyond,
        )


def load(place: Path) -> Scorer:
    """The model in the folder `place`; nothing that is read can run code."""
    return load_files(place / modelfile.WEIGHTS, place / modelfile.CARD)


def load_files(weights: Path, card: Path) -> Scorer:
    """The model in these two files; nothing that is read can run code."""
    document, tensors = modelfile.read(weights, card)
    try:
        result = document["result"]
        fitted = Model.from_json(document["spec"]["model"]).load(tensors, document["facts"])
        encoding = Encoding.model_validate(document["encoding"])
        kept = document.get("preparation")
        scorer = Scorer(
            encoding,
            fitted,
            result["task"],
            result["target"],
            tuple(result["classes"]),
            document,
            Preparation.model_validate(kept) if kept else None,
        )
        _try(scorer)
        return scorer
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise modelfile.no_model(card, f"{type(error).__name__}: {error}") from error


def _try(scorer: Scorer) -> None:
    """Predict a row of zeros: ValueError (or the like) when the files do not fit each other."""
    if scorer.task not in get_args(Task):
        raise ValueError(f"there is no task {scorer.task!r}")
    if not all(isinstance(text, str) for text in (scorer.target, *scorer.classes)):
        raise ValueError("the target and its classes must be texts")
    if len(set(scorer.classes)) < len(scorer.classes):
        raise ValueError("a class is there twice")
    for code in scorer.encoding.codes:
        if isinstance(code, NumberCode) and not (
            np.isfinite([code.mean, code.scale, code.fill]).all() and code.scale != 0
        ):
            raise ValueError(f"the column {code.column!r} is scaled by no number")
    expected = (1,) if scorer.task == "number" else (1, len(scorer.classes))
    with np.errstate(all="ignore"):
        predicted = scorer.fitted.predict(np.zeros((1, len(scorer.encoding.names))))
    if predicted.shape != expected:
        raise ValueError(f"it predicts {predicted.shape}, not {expected}")
    if not np.isfinite(predicted).all():
        raise ValueError("its weights are not all numbers")


def _ordered(engine: Engine, query: exp.Select) -> Iterator[pa.RecordBatch]:
    """The batches in row order: plain reads keep it, and the engine sorts where it was lost."""
    if not _rising(engine, exp.select(sql.name(sql.ROW)).from_(query.subquery("q"))):
        query = query.copy().order_by(sql.name(sql.ROW))
    return engine.batches(query)


def _rising(engine: Engine, query: exp.Select) -> bool:
    """Whether the one column of a query only grows."""
    last = -1
    for batch in engine.batches(query):
        rows = batch.column(0).to_numpy(zero_copy_only=False)
        if len(rows):
            if rows[0] <= last or (rows[1:] <= rows[:-1]).any():
                return False
            last = rows[-1]
    return True


def _positive(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
