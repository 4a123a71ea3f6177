"""Networks, losses and colours on Keras's JAX backend: what TensorFlow computes."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colornet.colour import lab
from colornet.system import quiet
from colornet.training import dataset, losses, network, pictures
from colornet.training.parameters import Parameters
from support.runs import LITE
from support.training import THREE_STEPS

quiet.import_tensorflow()

import keras  # noqa: E402
from keras import ops  # noqa: E402

from colornet.models import beta, final, lite  # noqa: E402

ROOT = Path(__file__).parents[1]


@pytest.fixture
def given():
    """Weights of the networks, inputs and a target."""
    random = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    networks = {"beta": beta.build(width=8), "final": final.build(width=8, classes=10)}
    networks["lite"] = lite.build(**LITE)
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
    subprocess.run(
        [
            sys.executable,
            ROOT / "tests/support/jax_side.py",
            tmp_path / "given.npz",
            tmp_path / "found.npz",
        ],
        env=os.environ
        | {"KERAS_BACKEND": "jax", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        | {"XLA_FLAGS": "--xla_backend_optimization_level=0"},  # compiled sooner
        check=True,
    )
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

    monkeypatch.setattr(beta, "build", functools.partial(beta.build, width=8))
    monkeypatch.setattr(lite, "build", functools.partial(lite.build, **LITE))
    for model, section in THREE_STEPS.items():
        parameters = Parameters(**section)
        batches = dataset.training(pictures.load("tiny", "train"), parameters, first_step=2).take(3)
        lightness, target = next(batches.as_numpy_iterator())
        # Where a colour lies on the edge between two, either side is right.
        assert (np.abs(found[f"{model}_batch_lightness"] - lightness) > 0.005).mean() < 0.01
        assert (np.abs(found[f"{model}_batch_target"] - target) > 0.01).mean() < 0.01
        names = ("optimizer", "learning_rate", "weight_decay", "clip", "mean_of_weights", "vivid")
        options = {name: getattr(parameters, name) for name in names}
        built = network.build(model, precision="float32", xla=False, **options)
        built.set_weights(networks[model].get_weights())
        steps = [built.train_on_batch(*batch, return_dict=True) for batch in batches]
        expected = [[step[name] for name in ("loss", "mse", "grey")] for step in steps]
        training = found[f"{model}_training"]
        np.testing.assert_allclose(training[0], expected[0], rtol=5e-4)
        # AdamW divides by the size of the gradient, and makes rounding errors larger
        rtol = 5e-4 if model == "beta" else 1e-2
        np.testing.assert_allclose(training, expected, rtol=rtol)
