import ast
from pathlib import Path

import numpy as np
import pytest

from colornet.system import quiet
from colornet.training import losses, network

quiet.import_tensorflow()

import keras  # noqa: E402
from keras import ops  # noqa: E402

from colornet.models import beta, final, lite  # noqa: E402
from support.runs import LITE  # noqa: E402

pytestmark = pytest.mark.slow

PACKAGE = Path(losses.__file__).parents[1]
MODELS = {"beta": beta, "final": final, "lite": lite}
PUBLISHED = ["beta", "final"]

# The published networks: filters and stride of each convolution, "up" for each upsampling.
BETA = "64 64/2 128 128/2 256 256/2 512 256 128 up 64 up 32 2 up"
FINAL = "64/2 128 128/2 256 256/2 512 512 256 fusion 128 up 64 up 32 16 2 up"


def tiny(model, seed=0):
    # Seeded: among so few channels some seeds leave a layer with nothing above 0.
    keras.utils.set_random_seed(seed)
    few = {"beta": {"width": 8}, "final": {"width": 8, "classes": 10}, "lite": LITE}
    return MODELS[model].build(**few[model])


def inputs(built, batch=2, height=32, width=64, seed=0):
    random = np.random.default_rng(seed)
    lightness = random.uniform(0, 1, (batch, height, width, 1)).astype("float32")
    if built.name != "final":
        return lightness
    classes = built.inputs[1].shape[-1]
    scores = random.normal(size=(batch, classes)).astype("float32")
    return {"lightness": lightness, "class_scores": scores}


def told(built):
    """The layers in their order, in the words of BETA and FINAL."""
    words = []
    for layer in built.layers:
        if layer.name == "fusion_conv":
            words.append("fusion")
        elif isinstance(layer, keras.layers.Conv2D):
            stride = layer.strides[0]
            words.append(f"{layer.filters}/{stride}" if stride > 1 else f"{layer.filters}")
        elif isinstance(layer, keras.layers.UpSampling2D):
            words.append("up")
    return " ".join(words)


@pytest.fixture(scope="module")
def published():
    keras.utils.set_random_seed(0)
    return {name: module.build() for name, module in MODELS.items()}


@pytest.mark.parametrize("model, count", [("beta", 3_892_194), ("final", 6_541_202)])
def test_parameters_are_as_many_as_published(published, model, count):
    assert published[model].count_params() == count
    assert sum(np.prod(v.shape) for v in published[model].trainable_variables) == count


@pytest.mark.parametrize("model, layers", [("beta", BETA), ("final", FINAL)])
def test_layers_are_the_published_ones_in_their_order(published, model, layers):
    assert told(published[model]) == layers


@pytest.mark.parametrize("model", PUBLISHED)
def test_convolutions_are_3x3_relu_same_and_the_last_tanh(published, model):
    convs = [x for x in published[model].layers if isinstance(x, keras.layers.Conv2D)]
    convs = [conv for conv in convs if conv.name != "fusion_conv"]
    assert convs[-1].name == "decoder_ab"
    for conv in convs:
        assert conv.kernel_size == (3, 3) and conv.padding == "same" and conv.use_bias
        assert conv.strides[0] == conv.strides[1]
        assert conv.activation.__name__ == ("tanh" if conv is convs[-1] else "relu")
    for layer in published[model].layers:
        if isinstance(layer, keras.layers.UpSampling2D):
            assert layer.size == (2, 2) and layer.interpolation == "nearest"


@pytest.mark.parametrize("model", PUBLISHED)
def test_each_layer_takes_the_one_before_it(published, model):
    chain = [
        layer
        for layer in published[model].layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.UpSampling2D)
    ]
    for before, after in zip(chain, chain[1:], strict=False):
        came = after._inbound_nodes[0].parent_nodes[0].operation
        assert came.name == ("fusion_relu" if before.name == "fusion_conv" else before.name)


def test_the_final_networks_encoder_ends_at_an_eighth_with_256_channels(published):
    x = keras.ops.shape(published["final"].get_layer("encoder_conv8").output)
    assert x == (None, None, None, 256)
    deep = keras.Model(
        published["final"].inputs[0], published["final"].get_layer("encoder_conv8").output
    )
    assert deep.compute_output_shape((1, 256, 256, 1)) == (1, 32, 32, 256)


@pytest.mark.parametrize(
    "model, optimizer, mebibytes", [("beta", "rmsprop", 29.78), ("final", "adam", 74.97)]
)
def test_a_saved_file_with_its_optimizers_state_has_the_published_size(
    tmp_path, model, optimizer, mebibytes
):
    built = network.build(model, optimizer=optimizer, precision="float32", xla=False)
    network.save(built, tmp_path / "model.keras")
    size = (tmp_path / "model.keras").stat().st_size / 2**20
    assert size == pytest.approx(mebibytes, abs=0.02)


@pytest.mark.parametrize("model", PUBLISHED)
@pytest.mark.parametrize("size", [(1, 1), (2, 5), (8, 3)])
def test_any_size_divisible_by_its_stride_gives_colours_of_that_size(model, size):
    size = tuple(side * 8 for side in size)
    built = tiny(model)
    for layer in built.layers:  # strong weights, so that only tanh keeps the range
        layer.set_weights([5 * weight for weight in layer.get_weights()])
    ab = ops.convert_to_numpy(built(inputs(built, 3, *size)))
    assert ab.shape == (3, *size, 2) and ab.dtype == np.float32
    assert np.abs(ab).max() <= 1 and ab.std() > 0


def fusion(channels, classes):
    x = keras.Input((None, None, channels))
    scores = keras.Input((classes,))
    return keras.Model([x, scores], final.fuse(x, scores))


def test_fusion_equals_a_convolution_over_the_scores_repeated_at_each_place(published):
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 32, 32, 256)).astype("float32")
    scores = random.normal(size=(2, 1000)).astype("float32")
    local, shared = (published["final"].get_layer(f"fusion_{n}") for n in ("conv", "scores"))
    bias = random.normal(size=256).astype("float32")
    conv = keras.layers.Conv2D(256, 1, activation="relu")
    conv.build((2, 32, 32, 1256))
    kernel = np.concatenate([local.kernel.numpy()[0, 0], shared.kernel.numpy()])[None, None]
    conv.set_weights([kernel, bias])
    repeated = np.broadcast_to(scores[:, None, None], (2, 32, 32, 1000))
    expected = conv(np.concatenate([x, repeated], axis=-1)).numpy()

    model = fusion(256, 1000)
    model.get_layer("fusion_conv").set_weights([local.kernel.numpy(), bias])
    model.get_layer("fusion_scores").set_weights([shared.kernel.numpy()])
    assert expected.std() > 0.1
    np.testing.assert_allclose(model([x, scores]).numpy(), expected, atol=5e-5)


def test_fusion_starts_as_a_convolution_over_1256_channels_would(published):
    conv = keras.layers.Conv2D(256, 1)
    conv.build((None, None, None, 1256))
    limit = (6 / (1256 + 256)) ** 0.5
    for kernel in (
        conv.kernel.numpy(),
        published["final"].get_layer("fusion_conv").kernel.numpy(),
        published["final"].get_layer("fusion_scores").kernel.numpy(),
    ):
        assert 0.999 * limit < np.abs(kernel).max() <= limit
        assert kernel.std() == pytest.approx(limit / 3**0.5, rel=0.01)
    assert (published["final"].get_layer("fusion_conv").bias.numpy() == 0).all()


def test_the_two_parts_of_the_fusion_start_with_different_numbers():
    keras.utils.set_random_seed(0)
    model = fusion(10, 10)
    local = model.get_layer("fusion_conv").kernel.numpy()[0, 0]
    assert not np.allclose(local, model.get_layer("fusion_scores").kernel.numpy())


@pytest.mark.parametrize("model", MODELS)
def test_one_step_on_a_batch_lowers_its_loss(model):
    built = tiny(model)
    built.compile(keras.optimizers.Adam(), losses.mse, run_eagerly=True, jit_compile=False)
    batch = inputs(built)
    target = np.ones((2, 32, 64, 3), "float32") * np.array([0.3, -0.2, 1], "float32")
    before = built.evaluate(batch, target, verbose=0)
    built.train_on_batch(batch, target)
    assert built.evaluate(batch, target, verbose=0) < before


def test_class_scores_change_the_colours():
    built = tiny("final")
    batch = inputs(built)
    other = {**batch, "class_scores": batch["class_scores"] + 1}
    assert not np.allclose(built(batch), built(other))


@pytest.mark.parametrize("model", MODELS)
def test_saved_and_loaded_it_predicts_the_same(model, tmp_path):
    built = tiny(model)
    built.save(tmp_path / "tiny.keras")
    again = keras.models.load_model(tmp_path / "tiny.keras", compile=False)
    np.testing.assert_array_equal(built(inputs(built)), again(inputs(built)))


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_weights_and_another_one_others(model):
    def weights(seed):
        return np.concatenate([weight.ravel() for weight in tiny(model, seed).get_weights()])

    np.testing.assert_array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


@pytest.mark.parametrize(
    "file",
    [*sorted(PACKAGE.glob("models/*.py")), PACKAGE / "training/losses.py"],
    ids=lambda file: file.name,
)
def test_networks_and_losses_know_keras_and_no_backend(file):
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
        if isinstance(node, ast.Name):
            names.add(node.id)
    assert not names & {"tensorflow", "tf", "torch", "jax", "numpy"}
