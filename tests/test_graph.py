"""OpenVINO's graph of each network beside Keras itself, in float32, and what it does not take."""

import numpy as np
import pytest

from colornet.colour import lab
from colornet.inference import graph
from support.runs import last_convolution

SIZE = 64


@pytest.fixture
def keras(tiny_networks):
    import keras

    return keras


def computed(network, inputs: dict) -> np.ndarray:
    import openvino

    model = graph.convert(network)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    return openvino.Core().compile_model(model, "CPU", settings)(inputs)[0]


def inputs_of(network) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    shapes = {each.name: each.shape[1:] for each in network.inputs}
    return {
        name: random.random((1, *(side or SIZE for side in shape))).astype("float32")
        for name, shape in shapes.items()
    }


@pytest.mark.parametrize("name", ["beta", "final", "lite"])
def test_each_network_gives_what_keras_gives(keras, name):
    from colornet.training.network import architecture

    network, random = architecture(name).build(), np.random.default_rng(1)
    for variable in network.variables:  # what normalization remembers is not 0 and 1 for ever
        if len(variable.shape) == 1:
            variable.assign(variable + abs(random.normal(scale=0.1, size=variable.shape)))
    inputs = inputs_of(network)
    last = last_convolution(network)
    ab = network(inputs if len(inputs) > 1 else inputs["lightness"], training=False).numpy()
    share = 0.1 / np.arctanh(min(abs(ab).max(), 0.999))  # into the range where tanh is not flat
    last.set_weights([each * share for each in last.get_weights()])
    reference = network(inputs if len(inputs) > 1 else inputs["lightness"], training=False).numpy()
    assert np.ptp(reference) * lab.AB_SCALE > 1
    np.testing.assert_allclose(computed(network, inputs), reference, atol=1e-4)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("strides", [1, 2])
def test_odd_sizes_and_strides_are_padded_as_keras_does(keras, strides, interpolation):
    layers = keras.layers
    given = keras.Input((None, None, 1), name="lightness")
    x = layers.Conv2D(3, 5, strides=strides, padding="same", activation="relu")(given)
    x = layers.UpSampling2D(3, interpolation=interpolation)(x)
    network = keras.Model(given, layers.Conv2D(2, 1)(x))
    inputs = inputs_of(network)
    reference = network(inputs["lightness"]).numpy()
    np.testing.assert_allclose(computed(network, inputs), reference, atol=1e-5)


def test_what_has_no_counterpart_is_named(keras):
    layers = keras.layers
    given = keras.Input((None, None, 1), name="lightness")
    for layer, says in (
        (layers.Conv2D(2, 3, activation="gelu", name="odd"), "odd: activation gelu"),
        (layers.SeparableConv2D(2, 3, name="odd"), "odd: SeparableConv2D"),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, name="odd"), "odd: depth_multiplier 2"),
        (layers.ReLU(negative_slope=0.1, name="odd"), "odd: ReLU with a slope"),
        (layers.UpSampling2D(2, interpolation="bicubic", name="odd"), "odd: interpolation bicubic"),
    ):
        with pytest.raises(graph.UnknownLayerError, match=says):
            graph.convert(keras.Model(given, layer(given)))


def test_a_layer_that_is_used_twice_is_refused_rather_than_wrong(keras):
    given = keras.Input((None, None, 1), name="lightness")
    twice = keras.layers.Conv2D(1, 3, padding="same")
    network = keras.Model(given, twice(twice(given)))
    with pytest.raises(graph.UnknownLayerError):
        graph.convert(network)


def test_what_bfloat16_would_spoil_is_a_part_of_its_own_and_the_parts_give_what_keras_gives(keras):
    from colornet.inference import runtime
    from colornet.models import beta, lite

    (one,) = graph.parts(beta.build())
    assert not one.precise
    network = lite.build()
    encoder, rest = graph.parts(network)
    assert encoder.precise and not rest.precise
    assert [each.get_any_name() for each in encoder.model.inputs] == ["lightness"]
    left = {each.get_any_name() for each in encoder.model.outputs}
    assert left == {each.get_any_name() for each in rest.model.inputs}
    inputs = inputs_of(network)
    parts = [part._replace(precise=True) for part in (encoder, rest)]
    reference = network(inputs["lightness"], training=False).numpy()
    np.testing.assert_allclose(runtime.compiled(parts)(inputs), reference, atol=1e-5)
