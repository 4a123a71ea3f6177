"""A network is one module: without an edit elsewhere it trains, is evaluated, colours and ships."""

import json

import numpy as np
import pytest
from PIL import Image

from colornet import evaluate, export, models, params, paths, release, train
from colornet.colorizer import Colorizer
from support.pictures import colourful
from support.training import SECTION

pytestmark = pytest.mark.slow

MODULE = '''
"""A network of one convolution."""

import keras
from keras import layers

INPUTS = {inputs}


def build():
    given = [keras.Input((None, None, 1), name="lightness")]
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(given[0])
    if "class_scores" in INPUTS:
        given.append(keras.Input((1000,), name="class_scores"))
        scores = layers.Dense(4, name="scores")(given[1])
        x = layers.Add(name="add")([x, layers.Reshape((1, 1, 4), name="broadcast")(scores)])
    ab = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="decoder_ab")(x)
    return keras.Model(given if len(given) > 1 else given[0], ab, name="novel")
'''


@pytest.fixture(params=["lightness", "lightness and class_scores"])
def novel(request, classes, tmp_path, monkeypatch):
    """colornet.models.novel in a folder of its own, and a section of params.yaml to train it."""
    inputs = tuple(request.param.split(" and "))
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/novel.py").write_text(MODULE.format(inputs=inputs))
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path / "modules")])
    monkeypatch.delitem(__import__("sys").modules, "colornet.models.novel", raising=False)
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path / "pretrained")
    section = {**SECTION, "epochs": 1}
    return section | ({"class_scores": "zeros"} if "class_scores" in inputs else {})


def test_a_network_in_a_new_module_needs_no_edit_elsewhere(novel):
    params.save({"train": {"novel": {"one": novel}}}, paths.PARAMS)
    train.main(["one"])
    run = paths.run("one")
    assert json.loads((run / "structure.json").read_text())["name"] == "novel"
    assert list((run / "previews").glob("epoch-00001_*.jpg"))

    evaluate.run("one", run=str(run), dataset="tiny")
    assert (paths.results("one") / "summary.json").is_file()

    picture = colourful(0)
    coloured = Colorizer(run)(picture)
    assert coloured.size == picture.size
    difference = np.abs(np.asarray(coloured, int) - np.asarray(picture.convert("L").convert("RGB")))
    assert difference.max() > 0

    export.main(["--run", str(run), "--output", "exported"])
    release.run("one")
    assert isinstance(Colorizer(paths.PRETRAINED / "one")(picture), Image.Image)
