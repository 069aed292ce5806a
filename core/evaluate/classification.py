"""How good predicted probabilities of classes are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.contracts import Json

POINTS = 200  # of a curve
CALIBRATION = 10
CURVES = 20  # classes that get curves of their own
CONFUSED = 50  # classes of the confusion matrix that is kept


def metrics(y: np.ndarray, p: np.ndarray) -> dict[str, Json]:
    """Accuracy, log loss, ROC AUC (with several classes the mean of each against the rest), macro F1."""
    said = p.argmax(axis=1)
    own = np.clip(p[np.arange(len(y)), y], np.finfo(float).eps, 1.0)
    table = confusion(y, said, p.shape[1])
    present = [row for row in per_class(table) if row["rows"] > 0]
    scores = [row["f1"] for row in present]
    return {
        "accuracy": float((said == y).mean()) if len(y) else None,
        "log_loss": float(-np.log(own).mean()) if len(y) else None,
        "roc_auc": auc(y, p),
        "f1": float(np.mean(scores)) if scores else None,
    }


def baseline(y: np.ndarray, train: np.ndarray, classes: Sequence[str]) -> dict[str, Json]:
    """The same metrics of always giving the training rows' shares: the most frequent class wins."""
    shares = np.bincount(train, minlength=len(classes)) / len(train)
    found = metrics(y, np.tile(shares, (len(y), 1)))
    return {"kind": "majority", "value": classes[int(shares.argmax())], **found}


def confusion(y: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """[actual, predicted] counts."""
    return np.bincount(y * classes + said, minlength=classes * classes).reshape(classes, classes)


def per_class(table: np.ndarray) -> list[dict[str, Json]]:
    """Precision, recall and F1 of each class; 0 where a division has nothing to divide."""
    right = np.diag(table).astype(float)
    predicted, actual = table.sum(axis=0), table.sum(axis=1)
    precision = np.divide(right, predicted, out=np.zeros_like(right), where=predicted > 0)
    recall = np.divide(right, actual, out=np.zeros_like(right), where=actual > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(right), where=both > 0)
    return [
        {"precision": float(a), "recall": float(b), "f1": float(c), "rows": int(n)}
        for a, b, c, n in zip(precision, recall, f1, actual, strict=True)
    ]


def auc(y: np.ndarray, p: np.ndarray) -> float | None:
    """The area under the ROC curve; with several classes the mean over those that occur."""
    if p.shape[1] == 2:
        return _area(y == 1, p[:, 1])
    areas = [_area(y == k, p[:, k]) for k in range(p.shape[1]) if (y == k).any()]
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if known and len(known) == len(areas) else None


def _area(positive: np.ndarray, score: np.ndarray) -> float | None:
    """The chance that a positive row scores above a negative one, ties counting half (Mann-Whitney)."""
    from scipy.stats import rankdata

    n1 = int(positive.sum())
    n0 = len(positive) - n1
    if not n1 or not n0:
        return None
    ranks = rankdata(score)
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def curves(y: np.ndarray, p: np.ndarray, classes: Sequence[str]) -> dict[str, Json]:
    """Confusion matrix, figures per class, and ROC, precision-recall and calibration curves."""
    said = p.argmax(axis=1)
    table = confusion(y, said, len(classes))
    rows = per_class(table)
    drawn = [1] if len(classes) == 2 else list(np.argsort(-table.sum(axis=1), kind="stable")[:CURVES])
    found: dict[str, Json] = {
        "confusion": _kept(table, classes),
        "per_class": [{"class": label, **row} for label, row in zip(classes, rows, strict=True)],
        "roc": [],
        "precision_recall": [],
        "calibration": [],
    }
    for k in drawn:
        positive, score, label = y == k, p[:, k], classes[k]
        if not positive.any() or positive.all():
            continue
        false, true, threshold, precision = _sweep(positive, score)
        keep = _thin(len(false))
        ends = {"class": label, "threshold": threshold[keep].tolist()}
        found["roc"].append({**ends, "fpr": false[keep].tolist(), "tpr": true[keep].tolist()})
        found["precision_recall"].append(
            {**ends, "recall": true[keep].tolist(), "precision": precision[keep].tolist()}
        )
        found["calibration"].append({"class": label, **_calibration(positive, score)})
    return found


def _kept(table: np.ndarray, classes: Sequence[str]) -> dict[str, Json]:
    """The confusion matrix of the classes with the most rows, with the totals of all."""
    totals = table.sum(axis=1)
    kept = np.sort(np.argsort(-totals, kind="stable")[:CONFUSED])
    return {
        "classes": [classes[k] for k in kept],
        "counts": table[np.ix_(kept, kept)].tolist(),
        "totals": totals[kept].tolist(),  # rows of each class, whatever was predicted for them
        "rows": int(table.sum()),
        "right": int(np.trace(table)),
    }


def _sweep(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """False and true positive rates, thresholds and precisions as the threshold falls."""
    order = np.argsort(-score, kind="stable")
    hit, value = positive[order], score[order]
    last = np.append(np.flatnonzero(np.diff(value)), len(value) - 1)  # tied scores move together
    true, taken = np.cumsum(hit)[last], last + 1
    false = taken - true
    n1, n0 = int(positive.sum()), int((~positive).sum())
    return (
        np.append(0.0, false / n0),
        np.append(0.0, true / n1),
        np.append(1.0, value[last]),
        np.append(1.0, true / taken),
    )


def _thin(count: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, POINTS)).round().astype(int))


def _calibration(positive: np.ndarray, score: np.ndarray) -> dict[str, Json]:
    """Mean probability against the share that came true, in ten equal intervals."""
    place = np.searchsorted(np.linspace(0, 1, CALIBRATION + 1)[1:-1], score)
    rows = np.bincount(place, minlength=CALIBRATION)
    used = rows > 0
    said = np.bincount(place, weights=score, minlength=CALIBRATION)[used] / rows[used]
    came = np.bincount(place, weights=positive, minlength=CALIBRATION)[used] / rows[used]
    return {"predicted": said.tolist(), "observed": came.tolist(), "rows": rows[used].tolist()}


def interval(y: np.ndarray, p: np.ndarray) -> list[float] | None:
    """The 95% interval of the accuracy (Wilson 1927): never empty, not even when every row is right."""
    count = len(y)
    if not count:
        return None
    share, z = float((p.argmax(axis=1) == y).mean()), 1.959963984540054
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * float(np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)))
    return [max(0.0, centre - half), min(1.0, centre + half)]
