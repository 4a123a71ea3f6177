"""Networks, losses and colours on Keras's JAX backend: what TensorFlow computes."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colornet.colour import lab
from colornet.system import quiet
from colornet.training import augmentation, dataset, losses, network

quiet.import_tensorflow()

import keras  # noqa: E402
from keras import ops  # noqa: E402

from colornet.models import beta, final, unet  # noqa: E402

ROOT = Path(__file__).parents[1]


@pytest.fixture
def given():
    """Weights of the networks, inputs and a target."""
    random = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    networks = {"beta": beta.build(width=8), "final": final.build(width=8, classes=10)}
    networks["unet"] = unet.build(width=8)
    values = {
        "lightness": random.uniform(0, 1, (2, 32, 64, 1)),
        "class_scores": random.normal(size=(2, 10)),
        "target": random.uniform(-0.5, 0.5, (2, 32, 64, 3)),
        "rgb": random.integers(0, 256, (1, 2000, 3), dtype="uint8"),
    }
    values["target"][..., 2] = values["target"][..., 2] > 0
    arrays = {n: v if v.dtype == np.uint8 else v.astype("float32") for n, v in values.items()}
    for model, built in networks.items():
        # Larger than they begin, so that the output is more than a grey
        built.set_weights([1.5 * weight for weight in built.get_weights()])
        for i, weight in enumerate(built.get_weights()):
            arrays[f"{model}_w{i:03}"] = weight
    return networks, arrays


@pytest.mark.slow
def test_jax_computes_what_tensorflow_does(prepared, classes, given, tmp_path, monkeypatch):
    networks, arrays = given
    np.savez(tmp_path / "given.npz", **arrays)
    said = subprocess.run(
        [
            sys.executable,
            ROOT / "tests/support/jax_side.py",
            tmp_path / "given.npz",
            tmp_path / "found.npz",
        ],
        env=os.environ
        | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)}
        | {"XLA_FLAGS": "--xla_backend_optimization_level=0"},  # compiled sooner
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = dict(np.load(tmp_path / "found.npz"))
    for model, built in networks.items():
        inputs = arrays["lightness"]
        if model == "final":
            inputs = {"lightness": inputs, "class_scores": arrays["class_scores"]}
        ab = ops.convert_to_numpy(built(inputs))
        assert np.abs(ab).max() > 0.01
        np.testing.assert_allclose(found[model], ab, atol=1e-4)
        expected = losses.mse(arrays["target"], ab), losses.grey(arrays["target"], ab)
        np.testing.assert_allclose(found[f"{model}_loss"], expected[0], rtol=1e-4)
        np.testing.assert_allclose(found[f"{model}_grey"], expected[1], rtol=1e-4)
        vivid = losses.Vivid(0.2).call(arrays["target"], ab)
        np.testing.assert_allclose(found[f"{model}_vivid"], vivid, rtol=1e-3)

    rgb = arrays["rgb"]
    assert (found["lab_grey"] == lab.grey(rgb)).all()
    np.testing.assert_allclose(found["lab_ab"], lab.ab(rgb), atol=1e-5)
    expected = lab.rgb(lab.lightness(lab.grey(rgb)), lab.ab(rgb) * 0.3).astype(int)
    assert np.abs(found["lab_rgb"] - expected).max() <= 1

    # Three steps on four pictures each, as train makes them
    batches = dataset.training(
        dataset.load("tiny", "train"),
        batch_size=4,
        first_step=2,
        seed=0,
        augment=augmentation.RandomAffine(rotation=20, shear=0.2, zoom=0.2, flip=True),
        loss_over="box",
    ).take(3)
    lightness, target = next(batches.as_numpy_iterator())
    # Where a colour lies on the edge between two, either side is right.
    assert (np.abs(found["batch_lightness"] - lightness) > 0.005).mean() < 0.01
    assert (np.abs(found["batch_target"] - target) > 0.01).mean() < 0.01
    monkeypatch.setattr(beta, "build", functools.partial(beta.build, width=8))
    built = network.build("beta", optimizer="rmsprop", precision="float32", xla=False)
    built.set_weights(networks["beta"].get_weights())
    steps = [built.train_on_batch(*batch, return_dict=True) for batch in batches]
    expected = [(step["mse"], step["grey"]) for step in steps]
    np.testing.assert_allclose(found["training"], expected, rtol=0.005)

    # The command for a whole training
    figures = json.loads(said.splitlines()[-1])
    assert figures["pictures_per_s"] > 0 and 0 < figures["loss_square"] < 1
    assert 0 < figures["loss_square_grey"] < 1 and figures["train_share"] > 0
