"""lite: what it is built of, what it sees, and the weights that ship."""

import keras
import numpy as np
import pytest

from colornet import paths
from colornet.colour import lab
from colornet.efficientnet import layers as efficientnet
from colornet.models import beta, lite
from support.runs import LITE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole():
    keras.utils.set_random_seed(0)
    return lite.build()


def small(seed=0):
    keras.utils.set_random_seed(seed)
    return lite.build(**LITE)


def grey(height, width, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(0, 1, (1, height, width, 1)).astype("float32")


def operations(built, side=256):
    """Multiplications of the convolutions for one picture."""
    every = keras.Model(built.inputs, [layer.output for layer in built.layers])
    outputs = every.compute_output_spec(keras.KerasTensor((1, side, side, 1)))
    return sum(
        np.prod(output.shape[1:3]) * np.prod(layer.kernel.shape)
        for layer, output in zip(built.layers, outputs, strict=True)
        if isinstance(layer, keras.layers.Conv2D)
    )


def test_it_has_seven_million_parameters_and_two_fifths_of_betas_arithmetic(whole):
    assert whole.count_params() == 7_010_034
    assert operations(whole) < 0.4 * operations(beta.build())


def test_it_has_the_blocks_of_efficientnet_lite2(whole):
    blocks = list(efficientnet.blocks(efficientnet.WIDTH, efficientnet.DEPTH))
    assert len(blocks) == 21
    channels = [block.channels for block in blocks if block.stride == 2]
    assert channels == [24, 48, 88, 208]
    assert whole.get_layer("head").filters == 1280
    depth = [each for each in whole.layers if isinstance(each, keras.layers.DepthwiseConv2D)]
    assert [each.kernel_size[0] for each in depth] == [block.kernel for block in blocks]
    norms = [each for each in whole.layers if isinstance(each, keras.layers.BatchNormalization)]
    assert {each.epsilon for each in norms} == {1e-3}


@pytest.mark.parametrize("size", [(32, 32), (64, 160), (256, 96)])
def test_sides_of_multiples_of_32_give_colours_at_half_the_size(size):
    built = small()
    ab = built(grey(*size)).numpy()
    assert ab.shape == (1, size[0] // 2, size[1] // 2, 2) and ab.dtype == np.float32


def test_it_sees_the_whole_picture_at_each_place():
    built = small()
    one = grey(512, 512)
    other = one.copy()
    other[:, 400:, 400:] = 0.5
    near = np.abs(built(one).numpy() - built(other).numpy())[0, :8, :8]
    # Farther away than any convolution reaches; some channels of so small a network are dead
    assert (near.max(axis=-1) > 0).mean() > 0.9


@pytest.mark.parametrize("scale", [2, 4, 8, 16])
def test_what_the_encoder_saw_at_a_scale_reaches_the_decoder_there(whole, scale):
    nodes = whole.get_layer(f"up{scale}_skip")._inbound_nodes[0].parent_nodes
    before, encoder = (node.operation for node in nodes)
    assert before.name == f"up{scale}" and encoder.name.startswith("block")
    reached = keras.Model(whole.inputs, encoder.output).compute_output_shape((1, 64, 96, 1))
    assert reached[1:3] == (64 // scale, 96 // scale)


def test_the_shipped_colours_are_those_of_the_network_that_was_trained():
    """The colours of a rocket before a blue sky, as the trained network predicted them once."""
    from PIL import Image
    from skimage import data

    shipped = keras.models.load_model(paths.PRETRAINED / "lite-photos/model.keras", compile=False)
    built = lite.build()
    built.set_weights(shipped.get_weights())
    picture = Image.fromarray(data.rocket()).convert("L").resize((256, 160))
    light = lab.lightness(np.asarray(picture))[None, ..., None]
    ab = built(light).numpy()[0]
    np.testing.assert_array_equal(ab, shipped(light).numpy()[0])
    sky = lab.AB_SCALE * ab[:40, :40].mean(axis=(0, 1))
    assert sky[1] < -5, "blue"
