"""Batch normalization in one operation gives what Keras's own gives."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from colornet.training import fused


def built():
    given = keras.Input((None, None, 5))
    return keras.Model(given, layers.BatchNormalization(momentum=0.9, name="norm")(given))


def array(*shape, seed):
    return np.random.default_rng(seed).normal(2, 3, shape).astype("float32")


def trained(network, pictures, slope):
    """Outputs, averages after it, and the gradients of a step in training."""
    given = tf.constant(pictures)
    with tf.GradientTape() as tape:
        tape.watch(given)
        outputs = network(given, training=True)
        worth = tf.reduce_sum(tf.cast(outputs, "float32") * slope)
    sources = [given, *(variable.value for variable in network.trainable_variables)]
    averages = [variable.numpy() for variable in network.non_trainable_variables]
    return [outputs, *averages, *tape.gradient(worth, sources)]


@pytest.mark.parametrize("shape", [(4, 9, 7, 5), (1, 2, 1, 5), (3, 1, 1, 5)])
def test_a_step_is_that_of_keras(shape):
    keras_own, ours = built(), fused.normalize(built())
    pictures, slope = array(*shape, seed=0), array(*shape, seed=1)
    for network in (keras_own, ours):
        network.get_layer("norm").gamma.assign(array(5, seed=2))
        network.get_layer("norm").beta.assign(array(5, seed=3))
    for found, expected in zip(
        trained(ours, pictures, slope), trained(keras_own, pictures, slope), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_one_value_alone_has_no_variance():
    ours = fused.normalize(built())
    outputs, _, variance, *_ = trained(ours, array(1, 1, 1, 5, seed=0), np.ones((1, 1, 1, 5)))
    assert np.isfinite(outputs).all()
    np.testing.assert_allclose(variance, 0.9)


def test_outside_of_training_and_frozen_it_is_keras_itself():
    keras_own, ours = built(), fused.normalize(built())
    pictures = array(2, 3, 4, 5, seed=0)
    np.testing.assert_array_equal(ours(pictures), keras_own(pictures))
    ours.get_layer("norm").trainable = False
    np.testing.assert_array_equal(ours(pictures, training=True), keras_own(pictures))
    assert ours.get_layer("norm").moving_mean.numpy().tolist() == [0] * 5


def test_its_file_is_that_of_the_same_network():
    network = built()
    before = network.to_json()
    assert fused.normalize(network) is network
    assert network.to_json() == before


@pytest.mark.parametrize(
    "shape, options",
    [
        ((5,), {}),
        ((3, 4, 5), {"scale": False}),
        ((3, 4, 5), {"center": False}),
        ((3, 4, 5), {"axis": 1}),
    ],
)
def test_other_kinds_stay_with_keras(shape, options):
    given = keras.Input(shape)
    network = keras.Model(given, layers.BatchNormalization(name="norm", **options)(given))
    assert fused.normalize(network) is network
    assert "call" not in vars(network.get_layer("norm"))
    assert np.isfinite(network(array(2, *shape, seed=0), training=True)).all()
