"""A model from somebody else: whatever its two files say, loading ends in a model that works or in words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import core.models  # noqa: F401  (registers the models)
from core import examples
from core.contracts import Model, Silent
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, SightlineError
from core.fitting import FitSpec, fit
from core.params import validated
from core.score import load
from tests.steps.tables import put

Document = dict[str, Any]
Tensors = dict[str, np.ndarray]
Damage = Callable[[Document, Tensors], None]


@pytest.fixture(scope="module", params=["linear_regression", "logistic_regression", "neural_network"])
def files(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Document, Tensors]:
    place = tmp_path_factory.mktemp("model")
    settings = {"epochs": 1, "hidden": "4,3"} if request.param == "neural_network" else {}
    model = Model.from_json({"kind": request.param, **settings})
    target = "member" if request.param == "logistic_regression" else "price"
    spec = {"target": target, "features": ["quantity", "region"], "model": model.to_json()}
    spec["split"] = {"test_share": 0.0, "validation_share": 0.0}
    table = put(place, examples.table())
    fit(validated(FitSpec, spec), table, DuckEngine(threads=1), Silent(), place)
    return json.loads((place / "model.json").read_text()), load_file(place / "weights.safetensors")


def loaded(files: tuple[Document, Tensors], place: Path, damage: Damage | None = None) -> Any:
    document, tensors = copy.deepcopy(files[0]), dict(files[1])
    if damage:
        damage(document, tensors)
    (place / "model.json").write_text(json.dumps(document))
    save_file(tensors, place / "weights.safetensors")
    return load(place)


def test_the_model_as_it_was_predicts(files: tuple[Document, Tensors], tmp_path: Path) -> None:
    row = loaded(files, tmp_path).score_row({"quantity": 3, "region": "North"})
    assert row["prediction"] is not None


def _codes(document: Document) -> list[Any]:
    codes: list[Any] = document["encoding"]["codes"]
    return codes


DAMAGE: dict[str, Damage] = {
    "more categories than weights": lambda d, _: _codes(d)[-1].update(levels=[str(i) for i in range(1000)]),
    "no features": lambda d, _: d["encoding"].update(codes=[]),
    "a scale of zero": lambda d, _: _codes(d)[0].update(scale=0.0),
    "a mean that is no number": lambda d, _: _codes(d)[0].update(mean=float("nan")),
    "an unknown task": lambda d, _: d["result"].update(task="evil"),
    "a target that is no text": lambda d, _: d["result"].update(target={"a": 1}),
    "classes that are no texts": lambda d, _: d["result"].update(task="category", classes=[1, 2]),
    "the same class twice": lambda d, _: d["result"].update(task="category", classes=["a", "a"]),
    "another kind of model": lambda d, _: d["spec"]["model"].update(kind="os.system"),
    "a recipe that is none": lambda d, _: d.update(preparation={"columns": "x"}),
    "facts that are none": lambda d, _: d.update(facts=None),
    "a whole part missing": lambda d, _: d.pop("encoding"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_card_is_refused_in_words(
    files: tuple[Document, Tensors], tmp_path: Path, damage: Damage
) -> None:
    with pytest.raises(SightlineError):
        loaded(files, tmp_path, damage)


@pytest.mark.parametrize("how", ["another shape", "not a number", "missing"])
def test_damaged_weights_are_refused_in_words(
    files: tuple[Document, Tensors], tmp_path: Path, how: str
) -> None:
    for name in files[1]:

        def damage(_: Document, tensors: Tensors, name: str = name) -> None:
            if how == "missing":
                del tensors[name]
            elif how == "another shape":
                tensors[name] = np.zeros((3, 7), tensors[name].dtype)
            else:
                tensors[name] = np.full_like(tensors[name], np.nan)

        with pytest.raises(BadInput):
            loaded(files, tmp_path, damage)


def test_a_card_of_many_megabytes_is_not_even_read(files: tuple[Document, Tensors], tmp_path: Path) -> None:
    loaded(files, tmp_path)
    with (tmp_path / "model.json").open("r+b") as card:
        card.truncate(10**9)  # a sparse file: it takes no room
    with pytest.raises(BadInput, match="larger than"):
        load(tmp_path)


def test_a_pickle_in_place_of_the_weights_runs_nothing(
    files: tuple[Document, Tensors], tmp_path: Path
) -> None:
    loaded(files, tmp_path)
    proof = tmp_path / "it ran"
    code = f"cos\nsystem\n(S'touch \"{proof}\"'\ntR."
    (tmp_path / "weights.safetensors").write_bytes(code.encode())
    with pytest.raises(BadInput):
        load(tmp_path)
    assert not proof.exists()
