"""A run colours any picture at its own size and lightness."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from colornet import params, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.images import photo
from colornet.inference import classifier
from colornet.inference.fullsize import finish
from support.pictures import colourful
from support.runs import leave_run

pytestmark = pytest.mark.slow


@pytest.fixture
def final_run(tiny_networks, tmp_path, monkeypatch):
    """runs/final, a tiny final network, and the shapes that its stand-in classifier was asked."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def logits(batch):
        asked.append(batch.shape)
        return np.ones((len(batch), 1000), "float32")

    model = classifier.Classifier(logits, side=299, scale=127.5, offset=1)
    monkeypatch.setattr(classifier, "load", lambda weights, seed: model)
    folder = leave_run(
        "final",
        paths.run("final"),
        train={"class_scores": "logits"},
        classify={"weights": "none", "seed": 0},
    )
    return folder, asked


@pytest.mark.parametrize("size", [(64, 64), (33, 200), (501, 40), (32, 32)])
def test_size_and_lightness_stay_and_colour_comes(run, size):
    picture = colourful(1).resize(size)
    output = Colorizer(run)(picture)
    assert output.mode == "RGB" and output.size == size
    grey = np.repeat(photo.grey(picture)[..., None], 3, axis=-1)
    after, before = rgb2lab(np.asarray(output)), rgb2lab(grey)
    assert np.quantile(abs(after[..., 0] - before[..., 0]), 0.999) <= 1
    assert abs(after[..., 1:]).mean() > 5


def test_a_grey_picture_and_its_colour_version_get_the_same_colours(run):
    picture = colourful(2)
    colorizer = Colorizer(run)
    assert colorizer(picture).tobytes() == colorizer(Image.fromarray(photo.grey(picture))).tobytes()


def test_final_gets_the_class_scores_of_the_picture(final_run):
    folder, asked = final_run
    colorizer = Colorizer(folder)
    assert colorizer.classifier == "none" and colorizer.name == "final"
    assert colorizer(colourful(0)).size == colourful(0).size
    assert asked == [(1, 299, 299, 3)]


def test_a_run_without_classifier_says_so(run):
    assert Colorizer(run).classifier is None


def test_many_squares_at_once_are_coloured_as_one_by_one(run):
    grey = np.random.default_rng(0).integers(0, 256, (3, 40, 24), dtype="uint8")
    colorizer = Colorizer(run)
    together = colorizer.predict(grey)
    assert together.shape == (3, 40, 24, 2) and together.dtype == np.float32
    one_by_one = np.concatenate([colorizer.predict(square[None]) for square in grey])
    np.testing.assert_array_equal(together, one_by_one)


def test_the_colours_are_those_of_keras_predict_within_a_unit_of_ab(run, final_run):
    grey = np.random.default_rng(0).integers(0, 256, (2, 64, 32), dtype="uint8")
    lightness = lab.lightness(grey)[..., None]
    logits = np.ones((2, 1000), "float32")
    for folder, inputs in (
        (run, lightness),
        (final_run[0], {"lightness": lightness, "class_scores": logits}),
    ):
        expected = keras_network(folder).predict(inputs, verbose=0)
        np.testing.assert_allclose(Colorizer(folder).predict(grey), expected, atol=1 / lab.AB_SCALE)


def keras_network(folder):
    import keras

    return keras.models.load_model(folder / "model.keras", compile=False)


@pytest.mark.parametrize("warm", [False, True], ids=["from the first call on", "later"])
def test_threads_get_the_colours_of_their_own_pictures(run, warm):
    pictures = [colourful(n) for n in range(6)]
    one, colorizer = Colorizer(run), Colorizer(run)
    alone = [one(picture).tobytes() for picture in pictures]
    if warm:
        colorizer(pictures[0])
    with ThreadPoolExecutor(6) as pool:
        together = pool.map(lambda picture: colorizer(picture).tobytes(), pictures * 4)
        assert list(together) == alone * 4


def test_threads_do_not_wait_for_each_other(run, monkeypatch):
    colorizer = Colorizer(run)
    network, both = colorizer._network, threading.Barrier(2, timeout=600)

    def met(inputs):
        both.wait()  # breaks when the second thread is not let in
        return network.compute(inputs)

    monkeypatch.setattr(colorizer, "_network", dataclasses.replace(network, compute=met))
    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(colorizer, [colourful(0), colourful(1)]))) == 2


def test_kept_colours_are_finished_at_another_saturation_without_the_network(run, monkeypatch):
    pictures = [colourful(n).resize(size) for n, size in enumerate([(501, 40), (33, 64)])]
    colorizer, expected = Colorizer(run), {}
    for colorizer.saturation in (0, 0.5, 1, 3):
        expected[colorizer.saturation] = [colorizer(picture).tobytes() for picture in pictures]
    kept = [colorizer.colours(picture) for picture in pictures]
    monkeypatch.setattr(Colorizer, "predict", None)
    for saturation, outputs in expected.items():
        for picture, ab, output in zip(pictures, kept, outputs, strict=True):
            assert ab.dtype == np.float32 and max(ab.shape[:2]) == colorizer.size
            assert finish(picture, ab, saturation=saturation).tobytes() == output


def test_a_folder_without_a_run_gets_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no trained run: params.yaml is missing"):
        Colorizer(tmp_path)


def test_a_run_that_still_trains_gets_a_sentence(run):
    (run / "model.keras").unlink()
    with pytest.raises(FileNotFoundError, match="model.keras is missing"):
        Colorizer(run)


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 cut"])
def test_a_broken_model_gets_a_sentence_never_grey_output(run, content):
    (run / "model.keras").write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.keras cannot be loaded") as caught:
        Colorizer(run)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["a: [", "[]", "preprocess: {}\ntrain: {}\n", "preprocess: {size: 32}\n"]
    + ["preprocess: {size: 32}\ntrain: {class_scores: logits}\nclassify: null\n"],
)
def test_a_broken_params_file_gets_a_sentence(run, content):
    (run / "params.yaml").write_text(content)
    with pytest.raises(ValueError, match=r"params\.yaml"):
        Colorizer(run)


def test_params_are_read_as_training_leaves_them(run):
    content = params.load(run / "params.yaml") | {"classify": None}
    params.save(content, run / "params.yaml")
    assert Colorizer(run).size == 32


def test_saturation_is_that_of_the_run_unless_another_is_given(run, monkeypatch):
    def ramp(self, grey):
        across = np.linspace(-0.05, 0.05, grey.shape[2], dtype="float32")
        return np.broadcast_to(across[:, None], (*grey.shape, 2)) + np.float32(0.05)

    monkeypatch.setattr(Colorizer, "predict", ramp)
    picture = Image.new("L", (80, 60), 128)

    def spread(**options):
        ab = rgb2lab(np.asarray(Colorizer(run, **options)(picture)))[..., 1:]
        return ab.std(axis=(0, 1)), ab.mean(axis=(0, 1))

    (plain, mean), (none, _), (double, _) = (spread(saturation=s) for s in (None, 0, 2))
    assert (plain > 3).all() and none == pytest.approx(0, abs=0.1)
    np.testing.assert_allclose(double, 2 * plain, rtol=0.03)
    settings = params.load(run / "params.yaml")
    params.save({**settings, "saturation": 2.0}, run / "params.yaml")
    own, mean_of_own = spread()
    np.testing.assert_array_equal(own, double)
    np.testing.assert_allclose(mean_of_own, mean, atol=0.3)


@pytest.mark.parametrize("kind", ["path", "name", "content", "array", "palette"])
def test_a_picture_is_taken_in_any_form(run, kind, tmp_path):
    picture = colourful(0)
    picture.save(tmp_path / "a.png")
    given = {
        "path": tmp_path / "a.png",
        "name": str(tmp_path / "a.png"),
        "content": (tmp_path / "a.png").read_bytes(),
        "array": np.asarray(picture),
        "palette": picture.convert("L").convert("P"),
    }[kind]
    colorizer = Colorizer(run)
    expected = colorizer(picture)
    assert colorizer(given).tobytes() == expected.tobytes()
    assert [each.tobytes() for each in colorizer([given, picture])] == 2 * [expected.tobytes()]
