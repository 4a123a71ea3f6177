"""Training leaves what the contract says, the same twice."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from colornet import params, paths, train
from support.pictures import opened
from support.training import SECTION, WINDOWS, first_weights, sentence, trained, tree

pytestmark = pytest.mark.slow


def test_a_run_leaves_what_the_contract_says(prepared, shallow_beta, capsys):
    trained("one", "beta", **SECTION)
    folder = paths.run("one")
    assert {file.name for file in folder.iterdir()} == {*paths.RUN_OUTS, "times.csv"}

    history = pd.read_csv(folder / "history.csv")
    columns = ["epoch", "loss", "loss_grey", "val_loss", "val_loss_grey"]
    assert list(history) == columns and list(history["epoch"]) == [1, 2, 3]
    assert history["val_loss_grey"].nunique() == 1 and (history[columns[1:]] > 0).all().all()

    settings = params.load(folder / "params.yaml")
    assert settings["model"] == "beta" and settings["preprocess"]["size"] == 32
    assert settings["train"]["rotation"] == 20 and settings["train"]["loss_over"] == "box"

    structure = json.loads((folder / "structure.json").read_text())
    assert structure["layers"][1]["inputs"] == ["lightness"]
    assert structure["parameters"] == sum(layer["parameters"] for layer in structure["layers"])

    names = {file.name.split("_")[0] for file in (folder / "previews").iterdir()}
    assert names == {"grey", "truth", "epoch-00001", "epoch-00002", "epoch-00003"}
    assert list(pd.read_csv(folder / "times.csv")["epoch"]) == [1, 2, 3]


def test_the_first_line_names_device_precision_speed_and_time(prepared, shallow_beta, capsys):
    trained("one", "beta", **SECTION)
    first = capsys.readouterr().out.splitlines()[0]
    pattern = r"one: training beta on CPU \(\d+ cores?\) in float32, [\d.]+ pictures/s, about \d+ s"
    assert re.match(pattern, first) and first.endswith("for 3 epochs")


def test_the_saved_network_is_in_float32_and_has_its_optimizer(prepared, shallow_beta):
    import keras

    from colornet.training import losses

    trained("one", "beta", **{**SECTION, "precision": "bfloat16"})
    custom = {"mse": losses.mse, "grey": losses.grey}
    network = keras.models.load_model(paths.run("one") / "model.keras", custom_objects=custom)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert int(network.optimizer.iterations) == 9


# Those of lite are compared by test_resume, in float32
@pytest.mark.parametrize("model", ["beta", "final"])
def test_the_same_parameters_give_the_same_bytes(prepared, classes, shallow_beta, model):
    section = {**SECTION, "precision": "bfloat16", "epochs": 1}
    if model == "final":
        section |= {"class_scores": "logits", "optimizer": "adam"}
    trained("one", model, **section)
    first = tree()
    trained("one", model, **section)
    assert tree() == first
    if model == "beta":
        trained("one", model, **{**section, "seed": 1})
        assert tree()["model.keras"] != first["model.keras"]


def test_a_training_for_colour_keeps_the_squared_error_in_its_history(prepared, shallow_beta):
    section = {**SECTION, "optimizer": "adam"}
    trained("one", "beta", **section)
    trained("two", "beta", **section, vivid=0.14)
    plain, vivid = (pd.read_csv(paths.run(run) / "history.csv") for run in ("one", "two"))
    np.testing.assert_allclose(vivid["loss_grey"], plain["loss_grey"])
    assert (vivid["loss"] > 0).all() and (vivid["val_loss"] > 0).all()  # decibels are below 0
    assert not np.allclose(vivid["loss"], plain["loss"])
    assert (first_weights("one") != first_weights("two")).any()


def test_the_learning_rate_is_a_parameter(prepared, shallow_beta):
    import keras

    trained("one", "beta", **{**SECTION, "epochs": 1, "learning_rate": 0.0001})
    from colornet.training.losses import grey, mse

    custom = {"mse": mse, "grey": grey}
    network = keras.models.load_model(paths.run("one") / "model.keras", custom_objects=custom)
    assert float(network.optimizer.learning_rate) == pytest.approx(0.0001)


def test_the_learning_rate_falls_to_nothing_along_a_cosine(prepared, shallow_beta, monkeypatch):
    from colornet.training import record

    rates = []

    def seen(self, step, logs=None):
        rates.append(float(self.model.optimizer.learning_rate))

    monkeypatch.setattr(record.Record, "on_train_batch_end", seen)
    trained("one", "lite", **{**SECTION, "decay": "cosine", "learning_rate": 0.01})
    expected = 0.005 * (1 + np.cos(np.pi * np.arange(9) / 9))  # of 3 epochs of 3 steps
    np.testing.assert_allclose(rates, expected, rtol=1e-4)


def test_the_recipe_of_lite_colours_photographs_without_their_padding(prepared, shallow_beta):
    trained("one", "lite", **WINDOWS, colourfulness=0.4)
    folder = paths.run("one")
    history = pd.read_csv(folder / "history.csv")
    assert len(history) == 3 and (history > 0).all().all()
    assert history["loss_grey"].nunique() == 3 and history["val_loss_grey"].nunique() == 1
    for file in (folder / "previews").glob("epoch-00003_*"):
        truth = folder / "previews" / file.name.replace("epoch-00003", "truth")
        assert opened(file).size == opened(truth).size != (32, 32)
    settings = params.load(folder / "params.yaml")
    assert settings["train"]["window"] == 32 and settings["saturation"] > 0


def test_the_saved_network_has_the_mean_of_the_weights(prepared, shallow_beta):
    import keras

    section = {**WINDOWS, "epochs": 1, "warmup": 1}
    trained("one", "lite", **section)
    trained("two", "lite", **{**section, "mean_of_weights": None})
    one, two = (
        keras.models.load_model(paths.run(run) / "model.keras", compile=False)
        for run in ("one", "two")
    )
    pairs = zip(one.trainable_weights, two.trainable_weights, strict=True)
    assert np.mean([np.array_equal(mean, last) for mean, last in pairs]) < 0.2
    for mean, last in zip(one.non_trainable_weights, two.non_trainable_weights, strict=True):
        np.testing.assert_array_equal(mean, last)


def test_training_lowers_the_loss_below_grey(prepared, shallow_beta, monkeypatch):
    import keras

    monkeypatch.setattr(keras.Model, "run_eagerly", False)  # of so many steps a graph is faster
    trained("one", "beta", **{**SECTION, "steps_per_epoch": 60, "optimizer": "adam"})
    history = pd.read_csv(paths.run("one") / "history.csv")
    assert history["loss"].iloc[-1] < 0.9 * history["loss_grey"].iloc[-1]


def test_the_loss_over_the_square_counts_padding(prepared, shallow_beta):
    grey = {}
    for over in ("box", "square"):
        trained("one", "beta", **{**SECTION, "epochs": 1, "loss_over": over})
        grey[over] = pd.read_csv(paths.run("one") / "history.csv")["val_loss_grey"][0]
    index = pd.read_csv(paths.prepared("tiny") / "index.csv").query("split == 'validation'")
    share = (index["width"] * index["height"] / 32**2).to_numpy()
    assert grey["square"] < grey["box"]
    assert share.min() - 1e-6 <= grey["square"] / grey["box"] <= share.max() + 1e-6


@pytest.mark.parametrize("kind", ["logits", "softmax", "published", "zeros"])
def test_final_takes_every_kind_of_class_scores(prepared, classes, shallow_beta, kind):
    trained("one", "final", **{**SECTION, "epochs": 1, "class_scores": kind})
    settings = params.load(paths.run("one") / "params.yaml")
    assert settings["classify"]["weights"] == "none" and settings["train"]["class_scores"] == kind
    assert np.isfinite(pd.read_csv(paths.run("one") / "history.csv")["loss"]).all()


def test_more_pictures_than_there_are_is_an_error_with_both_numbers(prepared, shallow_beta):
    text = sentence(pictures=60)
    assert "60" in text and "has 6 pictures" in text


def test_fewer_pictures_are_the_first_ones(prepared, shallow_beta, monkeypatch):
    from colornet.training import dataset, pictures

    seen = []
    whole = dataset.training

    def training(given, *rest, **options):
        seen.append(given)
        return whole(given, *rest, **options)

    monkeypatch.setattr(dataset, "training", training)
    trained("one", "beta", **{**SECTION, "epochs": 1, "pictures": 2})
    assert seen[0].files == pictures.load("tiny", "train").files[:2]


def test_an_unknown_run_lists_the_known_ones(prepared, capsys):
    params.save({"train": {"beta": {"one": SECTION}, "final": None}}, paths.PARAMS)
    with pytest.raises(SystemExit) as end:
        train.main(["two"])
    assert "it has: one" in end.value.code


def test_a_name_under_both_networks_is_refused(prepared):
    params.save({"train": {"beta": {"one": SECTION}, "final": {"one": SECTION}}}, paths.PARAMS)
    with pytest.raises(SystemExit) as end:
        train.main(["one"])
    assert "train.beta and train.final" in end.value.code


def test_the_saturation_is_set_on_the_validation_split(prepared, shallow_beta, capsys):
    from colornet.colorizer import Colorizer

    trained("one", "beta", **{**SECTION, "colourfulness": 0.4})
    settings = params.load(paths.run("one") / "params.yaml")
    assert 1 < settings["saturation"] <= 8
    assert (
        f"saturation {settings['saturation']:.2f} for 40% of the colour" in capsys.readouterr().out
    )
    assert Colorizer(paths.run("one")).saturation == settings["saturation"]
    assert Colorizer(paths.run("one"), saturation=2).saturation == 2
    trained("one", "beta", **SECTION)
    assert "saturation" not in params.load(paths.run("one") / "params.yaml")
    assert Colorizer(paths.run("one")).saturation == 1
