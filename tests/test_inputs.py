"""What networks take is made of grey pictures in one place."""

import keras
import numpy as np
import pytest

from colornet.colour import inputs, lab
from colornet.training import network

GREY = np.arange(2 * 3 * 5, dtype="int32").reshape(2, 3, 5, 1)
SCORES = np.ones((2, 1000), "float32")


def test_lightness_is_that_of_the_grey():
    made = inputs.make(("lightness",), GREY)
    assert list(made) == ["lightness"] and made["lightness"].dtype == np.float32
    np.testing.assert_array_equal(made["lightness"], lab.lightness(GREY))


def test_class_scores_are_passed_on_to_networks_that_take_them_only():
    both = inputs.make(("lightness", "class_scores"), GREY, class_scores=SCORES)
    assert both["class_scores"] is SCORES
    assert "class_scores" not in inputs.make(("lightness",), GREY, class_scores=SCORES)


def test_numpy_and_keras_make_the_same():
    ours, theirs = (inputs.make(("lightness",), GREY, xp=xp) for xp in (np, keras.ops))
    np.testing.assert_array_equal(ours["lightness"], theirs["lightness"])


@pytest.mark.parametrize(
    "names, words",
    [
        (("lightness", "class_scores"), "takes class_scores, and none are given"),
        (("hints",), "takes hints; known are lightness, class_scores"),
    ],
)
def test_what_cannot_be_made_is_named(names, words):
    with pytest.raises(ValueError, match=words):
        inputs.make(names, GREY)


def test_keras_takes_a_single_input_bare():
    assert inputs.for_keras({"lightness": 1}) == 1
    assert inputs.for_keras({"lightness": 1, "class_scores": 2}) == {
        "lightness": 1,
        "class_scores": 2,
    }


@pytest.mark.parametrize("model", ["beta", "final", "lite"])
def test_a_module_names_the_inputs_that_its_network_has(tiny_networks, model):
    module = network.architecture(model)
    assert tuple(each.name for each in module.build().inputs) == module.INPUTS
