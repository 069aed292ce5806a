"""Made data whose truth is known: to learn with, and to see a model find what was put in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from core.contracts import Account, Column, Schema, Source, Watch
from core.errors import Cancelled
from core.params import Number
from core.sources.refusals import Refusals

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_BATCH = 100_000
_CENTRES = ((-4.0, -4.0), (0.0, 4.0), (4.0, -2.0), (5.0, 5.0), (-5.0, 2.0))


class Synthetic(Source):
    """A made data set of known shape: a line, a threshold, moons, circles, a spiral or blobs."""

    title: ClassVar[str] = "Made data"
    group: ClassVar[str] = "Without a file"
    needs_file: ClassVar[bool] = False

    shape: Literal["linear", "threshold", "moons", "circles", "spiral", "blobs"] = Field(
        default="linear",
        title="Shape",
        description="linear: y = 3x + 2 and noise. threshold: yes where x is above 0.5. The others: "
        "groups in a plane.",
    )
    size: Annotated[int, Number(10, 1_000_000, log=True)] = Field(
        default=1_000, ge=2, le=50_000_000, title="Rows", description="How many rows to make."
    )
    noise: Annotated[float, Number(0, 2, step=0.05)] = Field(
        default=0.2,
        ge=0,
        le=100,
        title="Noise",
        description="How far points stray. For the threshold: the share of wrong answers, at most a half.",
    )
    noise_kind: Literal["normal", "uniform"] = Field(
        default="normal",
        title="Kind of noise",
        description="Normal around 0 with this spread, or uniform from 0 to 1 times this size.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, title="Seed", description="The same seed makes the same rows."
    )

    def columns(self) -> Schema:
        """The columns that will be made."""
        if self.shape == "linear":
            return (Column(name="x", type="number"), Column(name="y", type="number"))
        if self.shape == "threshold":
            return (Column(name="x", type="number"), Column(name="y", type="integer"))
        return (
            Column(name="x1", type="number"),
            Column(name="x2", type="number"),
            Column(name="group", type="text"),
        )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow.parquet as pq

        done = 0
        writer: pq.ParquetWriter | None = None
        try:
            for batch in self.batches():
                writer = writer or pq.ParquetWriter(place, batch.schema, compression="zstd")
                writer.write_batch(batch)
                done += batch.num_rows
                watch.progress(done / self.size, "Making rows")
                if watch.stopped():
                    raise Cancelled()
        finally:
            if writer is not None:
                writer.close()
        with Refusals(refused):
            pass
        return Account(
            rows_in=done,
            rows=done,
            refused=0,
            columns=self.columns(),
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
        )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, piece by piece: their number bounds neither memory nor time before the first."""
        import numpy as np
        import pyarrow as pa

        random = np.random.default_rng(self.seed)
        kinds = {"number": pa.float64(), "integer": pa.int64(), "text": pa.string()}
        schema = pa.schema([(column.name, kinds[column.type]) for column in self.columns()])
        for start in range(0, self.size, _BATCH):
            count = min(_BATCH, self.size - start)
            arrays = [pa.array(a) for a in self._made(random, count, start)]
            yield pa.RecordBatch.from_arrays(
                [a.cast(f.type) for a, f in zip(arrays, schema, strict=True)], schema=schema
            )

    def _made(self, random: np.random.Generator, count: int, start: int) -> list[np.ndarray]:
        import numpy as np

        if self.shape == "linear":
            x = random.uniform(0, 10, count)
            return [x, 3 * x + 2 + self._stray(random, count)]
        if self.shape == "threshold":
            x = random.uniform(0, 1, count)
            wrong = random.uniform(0, 1, count) < min(0.5, self.noise)
            return [x, ((x > 0.5) ^ wrong).astype(np.int64)]
        groups = len(_CENTRES) if self.shape == "blobs" else 2
        which = (np.arange(start, start + count) % groups).astype(np.int64)
        random.shuffle(which)
        x1, x2 = self._plane(random, which)
        labels = np.array(["A", "B", "C", "D", "E"])[which]
        return [x1 + self._stray(random, count), x2 + self._stray(random, count), labels]

    def _plane(self, random: np.random.Generator, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        count = len(which)
        if self.shape == "moons":
            angle = random.uniform(0, math.pi, count)
            upper = which == 0
            return (
                np.where(upper, np.cos(angle), 1 - np.cos(angle)),
                np.where(upper, np.sin(angle), 0.5 - np.sin(angle)),
            )
        if self.shape == "circles":
            angle = random.uniform(0, 2 * math.pi, count)
            radius = np.where(which == 0, 1.0, 0.4)
            return radius * np.cos(angle), radius * np.sin(angle)
        if self.shape == "spiral":
            along = np.sqrt(random.uniform(0.01, 1, count))
            angle = along * 3.5 * math.pi + which * math.pi
            return 5 * along * np.cos(angle), 5 * along * np.sin(angle)
        centres = np.array(_CENTRES)[which]
        spread = random.normal(0, 0.8, (count, 2))
        return centres[:, 0] + spread[:, 0], centres[:, 1] + spread[:, 1]

    def _stray(self, random: np.random.Generator, count: int) -> np.ndarray:
        if self.noise_kind == "uniform":
            return self.noise * random.uniform(0, 1, count)
        return random.normal(0, 1, count) * self.noise
