"""Metrics and curves against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from core.evaluate import classification, regression


@pytest.fixture
def numbers():
    chance = np.random.default_rng(0)
    y = chance.normal(10, 3, 300)
    return y, y + chance.normal(size=300)


def probabilities(classes, rows=400, seed=0):
    chance = np.random.default_rng(seed)
    y = chance.integers(0, classes, rows)
    scores = chance.normal(size=(rows, classes)).round(1)  # ties
    scores[np.arange(rows), y] += 1
    p = np.exp(scores)
    return y, p / p.sum(axis=1, keepdims=True)


def test_numbers_are_judged_as_scikit_learn_does(numbers):
    y, said = numbers
    found = regression.metrics(y, said)
    assert found["rmse"] == pytest.approx(oracle.root_mean_squared_error(y, said))
    assert found["mae"] == pytest.approx(oracle.mean_absolute_error(y, said))
    assert found["r2"] == pytest.approx(oracle.r2_score(y, said))


def test_the_mean_is_the_baseline_and_explains_nothing(numbers):
    y, _ = numbers
    found = regression.baseline(y, y)
    assert found["r2"] == pytest.approx(0)
    assert found["rmse"] == pytest.approx(y.std())


def test_one_row_has_no_r2():
    assert regression.metrics(np.array([3.0]), np.array([2.0])) == {"rmse": 1.0, "mae": 1.0, "r2": None}


def test_the_interval_holds_the_metric(numbers):
    y, said = numbers
    low, high = regression.interval(y, said, 0)
    assert low < regression.metrics(y, said)["rmse"] < high
    # large-sample theory: the mean of squares of a normal has standard error sd^2 sqrt(2 / n)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(2 / 300) / 2, rel=0.25)
    assert regression.interval(y[:5], said[:5], 0) is None


@pytest.mark.parametrize(("right", "rows"), [(68, 68), (0, 5), (50, 66), (1, 1)])
def test_the_interval_of_the_accuracy_is_wilsons(right, rows):
    from statsmodels.stats.proportion import proportion_confint

    p = np.tile([0.9, 0.1], (rows, 1))
    y = np.r_[np.zeros(right, dtype=int), np.ones(rows - right, dtype=int)]
    expected = proportion_confint(right, rows, method="wilson")
    assert classification.interval(y, p) == pytest.approx(expected, abs=1e-12)
    assert classification.interval(y[:0], p[:0]) is None


def test_many_points_become_a_density(numbers):
    y, said = numbers
    few = regression.curves(y, said)["predicted_actual"]
    assert few["actual"] == y.tolist()
    wide, guess = np.tile(y, 30), np.tile(said, 30)
    many = regression.curves(wide, guess)["predicted_actual"]
    assert np.sum(many["counts"]) == len(wide)
    assert np.shape(many["counts"]) == (60, 60)


def test_residuals_have_their_picture_at_any_number_of_rows():
    rng = np.random.default_rng(2)
    y, noise = rng.uniform(0, 100, 6_000), rng.uniform(-5, 5, 6_000)
    said = y - noise
    few = regression.curves(y[:300], said[:300])
    assert "residuals_predicted" not in few, "few rows are points, and both axes are there"
    found = regression.curves(y, said)["residuals_predicted"]
    expected, across, up = np.histogram2d(said, y - said, bins=60)
    assert found["counts"] == expected.tolist()
    assert found["predicted_edges"] == pytest.approx(across)
    assert found["residual_edges"] == pytest.approx(up)
    assert found["beyond"] == 0


def test_a_few_rows_far_away_do_not_squeeze_the_others_and_are_counted():
    rng = np.random.default_rng(1)
    y = rng.normal(size=10_000)
    said = y + rng.normal(size=10_000)
    said[:3] = 1e6
    found = regression.curves(y, said)
    for name in ("predicted_actual", "residuals_predicted"):
        assert found[name]["beyond"] == 3
        assert np.count_nonzero(found[name]["counts"]) > 500
    histogram = found["residuals"]["histogram"]
    assert histogram["beyond"] == 3
    assert np.count_nonzero(histogram["counts"]) > 20


@pytest.mark.parametrize("value", [5.0, 1e17, 0.0])
def test_predictions_that_hardly_differ_have_pictures_too(value):
    y = np.linspace(0, 1, 6_000) + value
    said = np.full(6_000, value)
    said[::2] = np.nextafter(value, np.inf)
    found = regression.curves(y, said)
    assert np.sum(found["residuals_predicted"]["counts"]) + found["residuals_predicted"]["beyond"] == 6_000


def test_a_confusion_matrix_of_very_many_classes_keeps_the_largest_and_the_totals():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 300, 20_000)
    p = rng.random((20_000, 300))
    found = classification.curves(y, p, [f"c{k}" for k in range(300)])["confusion"]
    assert np.shape(found["counts"]) == (50, 50)
    rows = {f"c{k}": count for k, count in enumerate(np.bincount(y, minlength=300))}
    assert found["totals"] == [rows[label] for label in found["classes"]]
    assert min(found["totals"]) >= sorted(rows.values())[-50]
    assert (found["rows"], found["right"]) == (20_000, int((p.argmax(axis=1) == y).sum()))


def test_residuals_are_actual_less_predicted(numbers):
    y, said = numbers
    found = regression.curves(y, said)["residuals"]
    assert found["mean"] == pytest.approx(np.mean(y - said))
    assert sum(found["histogram"]["counts"]) == 300


@pytest.mark.parametrize("classes", [2, 4])
def test_classes_are_judged_as_scikit_learn_does(classes):
    y, p = probabilities(classes)
    found = classification.metrics(y, p)
    said = p.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(oracle.accuracy_score(y, said))
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, p))
    area = oracle.roc_auc_score(y, p[:, 1]) if classes == 2 else oracle.roc_auc_score(y, p, multi_class="ovr")
    assert found["roc_auc"] == pytest.approx(area)
    assert found["f1"] == pytest.approx(oracle.f1_score(y, said, average="macro"))
    table = classification.confusion(y, said, classes)
    assert (table == oracle.confusion_matrix(y, said)).all()
    precision, recall, f1, rows = oracle.precision_recall_fscore_support(y, said)
    for k, row in enumerate(classification.per_class(table)):
        assert list(row.values()) == pytest.approx([precision[k], recall[k], f1[k], rows[k]])


def test_curves_lie_on_those_of_scikit_learn():
    y, p = probabilities(2, rows=2000)
    found = classification.curves(y, p, ("no", "yes"))
    (roc,), (pr,) = found["roc"], found["precision_recall"]
    assert len(roc["fpr"]) <= 200
    false, true, _ = oracle.roc_curve(y, p[:, 1], drop_intermediate=False)
    exact = set(zip(false.round(12), true.round(12), strict=True))
    assert set(zip(np.round(roc["fpr"], 12), np.round(roc["tpr"], 12), strict=True)) <= exact
    assert (roc["fpr"][0], roc["tpr"][0], roc["fpr"][-1], roc["tpr"][-1]) == (0, 0, 1, 1)
    precision, recall, _ = oracle.precision_recall_curve(y, p[:, 1])
    exact = set(zip(recall.round(12), precision.round(12), strict=True))
    assert set(zip(np.round(pr["recall"], 12), np.round(pr["precision"], 12), strict=True)) <= exact


def test_calibration_is_that_of_scikit_learn():
    from sklearn.calibration import calibration_curve

    y, p = probabilities(2, rows=2000)
    found = classification.curves(y, p, ("no", "yes"))["calibration"][0]
    observed, predicted = calibration_curve(y, p[:, 1], n_bins=10)
    assert found["observed"] == pytest.approx(observed)
    assert found["predicted"] == pytest.approx(predicted)
    assert sum(found["rows"]) == 2000


def test_the_baseline_says_the_most_frequent_class_with_the_training_shares():
    y = np.array([0, 1, 1, 1, 0, 1])
    found = classification.baseline(y, np.array([1, 1, 1, 0]), ("no", "yes"))
    assert found["value"] == "yes"
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, np.tile([0.25, 0.75], (6, 1))))
    assert found["roc_auc"] == 0.5


def test_a_class_without_rows_gives_no_curve_and_no_area():
    y, p = np.zeros(20, dtype=int), np.tile([0.6, 0.4], (20, 1))
    assert classification.metrics(y, p)["roc_auc"] is None
    assert classification.curves(y, p, ("no", "yes"))["roc"] == []
