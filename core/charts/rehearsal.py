"""A forecast rehearsed: what it would have told, from several beginnings, of steps that are known by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from core.charts import series, smoothing
from core.charts.smoothing import Ahead, Form
from core.charts.words import number, sentences
from core.wording import Note, note

BLOCKS = 5  # at the least, where the series is long enough
MOST = 8  # where each looks only a few steps ahead
COMPARED = 20  # steps that all blocks together should have
NEAR = 0.01  # an error that is smaller by less is the same
KNOWN = 8  # steps before the first of them, at the least


@dataclass(frozen=True)
class Block:
    """One rehearsal: the steps from `origin` on, told from those before, and the two naive guesses."""

    origin: int
    told: Ahead
    naive: dict[str, np.ndarray]  # "last": as the step before; "season": as one season before
    scale: float  # the mean error of the naive guess one season ahead, before the origin: of MASE


@dataclass
class Rehearsal:
    """All blocks, the first one first, and what came of them."""

    held: int
    season: int
    blocks: list[Block] = field(default_factory=list)

    def naive(self, values: Sequence[float | None]) -> str:
        """The naive guess that came closer, which is the one to beat."""
        kinds = self.blocks[0].naive
        return min(kinds, key=lambda kind: self._error(values, kind)[0])

    def _misses(self, values: Sequence[float | None], kind: str) -> list[tuple[Block, list[float]]]:
        """How far each told step lies from what came; steps without a value tell nothing."""
        found = []
        for block in self.blocks:
            told = block.told.value if kind == "forecast" else block.naive[kind]
            came = values[block.origin : block.origin + self.held]
            pairs = zip(told, came, strict=True)
            found.append((block, [abs(float(one) - truth) for one, truth in pairs if truth is not None]))
        return [(block, misses) for block, misses in found if misses]

    def _error(self, values: Sequence[float | None], kind: str) -> tuple[float, float | None]:
        """The mean absolute error of all told steps, and the same as parts of the naive one (MASE)."""
        found = self._misses(values, kind)
        every = [miss for _, misses in found for miss in misses]
        scaled = [miss / block.scale for block, misses in found if block.scale > 0 for miss in misses]
        return float(np.mean(every)), float(np.mean(scaled)) if scaled else None

    def judged(self, values: Sequence[float | None]) -> dict[str, Any]:
        """What came of all blocks, as plain numbers."""
        guess = self.naive(values)
        own, other = (self._misses(values, kind) for kind in ("forecast", guess))
        inside = [0 for _ in smoothing.LEVELS]
        for block in self.blocks:
            for i, (low, high) in enumerate(block.told.bounds):
                came = values[block.origin : block.origin + self.held]
                inside[i] += sum(
                    truth is not None and bool(a <= truth <= b)
                    for a, truth, b in zip(low, came, high, strict=True)
                )
        return {
            "held": self.held, "blocks": len(own), "guess": guess, "inside": inside,
            "compared": sum(len(misses) for _, misses in own),
            "closer": sum(sum(a) < sum(b) for (_, a), (_, b) in zip(own, other, strict=True)),
            "overlap": any(b.origin - a.origin < self.held for a, b in pairwise(self.blocks)),
            "errors": {
                kind: dict(zip(("mae", "mase"), self._error(values, kind), strict=True))
                for kind in ("forecast", *self.blocks[0].naive)
            },
        }  # fmt: skip


def origins(steps: int, held: int, season: int) -> list[int]:
    """How many steps each rehearsal knows, the first one first: spread over the later half of the series."""
    first = max(KNOWN, steps // 2, smoothing.least(season))
    room = max(0, steps - held - first)
    wanted = max(BLOCKS, min(MOST, -(-COMPARED // held)))
    apart = max(1, min(held, room // (wanted - 1)))
    return [steps - held - i * apart for i in range(min(wanted, room // apart + 1))][::-1]


def rehearsed(
    values: Sequence[float | None], held: int, season: int, logarithms: bool | None
) -> Rehearsal | None:
    """Tell `held` steps from each of the origins; None where no smoothing can be fitted.

    The form is chosen once, before the first; its numbers are fitted anew at each, from those of the last.
    """
    found = Rehearsal(held, season)
    form: Form | None = None
    start: tuple[float, ...] | None = None
    for origin in origins(len(values), held, season):
        known = series.whole(values[:origin])[0]  # gaps at the end are bridged without what came after
        if form is None:
            chosen = smoothing.best(known, season, logarithms)
            if chosen is None:
                return None
            form, start = chosen.form, chosen.found
        told = smoothing.ahead(known, form, held, start)
        if told is None:
            continue
        start = told.found
        naive = {"last": smoothing.naive(known, 1, held)}
        if season > 1:
            naive["season"] = smoothing.naive(known, season, held)
        if any(truth is not None for truth in values[origin : origin + held]):
            found.blocks.append(Block(origin, told, naive, smoothing.naive_error(known, season)))
    return found if found.blocks else None


def verdict(test: dict[str, Any]) -> Note:
    """Whether the forecast beats the naive guess, and by how much."""
    errors, guess = test["errors"], test["guess"]
    own, other = errors["forecast"], errors[guess]
    smaller = own["mae"] < other["mae"] * (1 - NEAR)
    better = smaller and test["closer"] * 2 > test["blocks"]
    share = note("no smaller than")
    if smaller:
        share = note("{share}% smaller than", share=number(round((1 - own["mae"] / other["mae"]) * 100)))
    beaten = [kind for kind in errors if kind not in ("forecast", guess)]
    return sentences(
        note("The forecast beats the naive guess.") if better
        else note("The forecast is no better than the naive guess: rather trust that one."),
        _how(test),
        note(
            "Its mean absolute error is {mae} (MASE {mase}), {share} that of the naive guess, {guess}: "
            "{naive_mae} (MASE {naive_mase}); it came closer in {closer} of {blocks}.",
            **_words(own), share=share, guess=_GUESSES[guess], closer=test["closer"], blocks=test["blocks"],
            **{f"naive_{key}": text for key, text in _words(other).items()},
        ),
        *(note("The other naive guess, {guess}: {mae} (MASE {mase}).", guess=_GUESSES[kind],
               **_words(errors[kind])) for kind in beaten),
        _coverage(test),
    )  # fmt: skip


def _how(test: dict[str, Any]) -> Note:
    held, blocks = test["held"], test["blocks"]
    if blocks == 1:
        return note("Tested once, on the last {held} steps, told from those before.", held=held)
    template = (
        "Tested {blocks} times, {count} step ahead each, told only from the steps before. | "
        "Tested {blocks} times, {count} steps ahead each, told only from the steps before."
    )
    overlap = note("The tests overlap.") if test["overlap"] else None
    return sentences(note(template, blocks=blocks, count=held), overlap)


def _coverage(test: dict[str, Any]) -> Note:
    told = {
        f"{key}_{level}": value
        for level, count in zip(smoothing.LEVELS, test["inside"], strict=True)
        for key, value in (("in", count), ("share", number(round(100 * count / test["compared"]))))
    }
    return note(
        "Of the {compared} values told, {in_80} ({share_80}%) lay within the 80% interval and {in_95} "
        "({share_95}%) within the 95% interval.", compared=test["compared"], **told,
    )  # fmt: skip


def _words(error: dict[str, Any]) -> dict[str, str]:
    return {"mae": number(error["mae"]), "mase": number(error["mase"])}


_GUESSES = {"season": note("as one season before"), "last": note("as the last step")}
