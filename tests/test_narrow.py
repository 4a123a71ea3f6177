"""Convolutions of few channels, in the ways that a GPU computes them."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from colornet.training import narrow  # noqa: E402

WIDENED = """
import json, keras, numpy as np
from keras import layers
from colornet.training import narrow
given = keras.Input((None, None, 1))
x = layers.Conv2D(8, 3, strides=2, padding="same", name="first")(given)
x = layers.Conv2D(16, 3, padding="same", name="wide")(x)
model = keras.Model(given, layers.Conv2D(2, 3, padding="same", name="last")(x))
picture = np.random.default_rng(0).random((2, 18, 24, 1), "float32")
before, config = np.asarray(model(picture)), model.to_json()
assert narrow.widen(model) is model and model.to_json() == config
after = np.asarray(model(picture))
changed = [layer.name for layer in model.layers if "convolution_op" in vars(layer)]
print(json.dumps([changed, float(abs(before - after).max()), float(abs(before).max())]))
"""


def array(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def convolved(inputs, kernel, strides):
    order = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(inputs, kernel, strides, "SAME", dimension_numbers=order)


@pytest.mark.parametrize(
    "way, kernel, strides",
    [
        (narrow.gathered, (3, 3, 1, 16), (1, 1)),
        (narrow.gathered, (3, 3, 3, 8), (2, 2)),
        (narrow.gathered, (5, 3, 2, 8), (1, 2)),
        (narrow.scattered, (3, 3, 32, 2), (1, 1)),
        (narrow.scattered, (5, 4, 16, 3), (1, 1)),
    ],
)
@pytest.mark.parametrize("size", [(12, 16), (13, 7)])
def test_colours_and_gradients_are_those_of_the_convolution(way, kernel, strides, size):
    inputs, weights = array(2, *size, kernel[2]), array(*kernel, seed=1)
    options = {"strides": strides} if way is narrow.gathered else {}
    expected, back = jax.vjp(lambda x, w: convolved(x, w, strides), inputs, weights)
    found, back_too = jax.vjp(lambda x, w: way(x, w, **options), inputs, weights)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    slope = array(*expected.shape, seed=2)
    for ours, theirs in zip(back_too(slope), back(slope), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)


def test_a_network_keeps_its_file_and_its_colours():
    hidden = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")
    env = {key: value for key, value in os.environ.items() if key not in hidden}
    env |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", WIDENED]
    answer = subprocess.run(command, env=env, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    changed, difference, largest = json.loads(answer.stdout.splitlines()[-1])
    assert changed == ["first", "last"]
    assert difference < 1e-5 * largest and largest > 0
