"""Pictures -> class scores, scaled rightly or as published."""

import hashlib
import inspect
import random
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.applications import inception_resnet_v2

from colornet.inference import classifier
from support.server import Fault


def recording(side=299, scale=127.5, offset=1):
    """A classifier whose network returns the means of what it sees, and the list of that."""
    seen = []

    def logits(batch):
        seen.append(batch)
        return np.resize(batch.mean(axis=(1, 2)), (len(batch), 1000))

    return classifier.Classifier(logits, side, scale, offset), seen


@pytest.fixture
def grey():
    ramp = np.tile(np.arange(256, dtype="uint8"), (256, 1))
    return np.stack([ramp, 255 - ramp // 2])


def test_the_network_sees_grey_in_three_channels_in_minus_1_to_1(grey):
    model, seen = recording()
    classifier.scores(model, grey, kinds=["logits"])
    (seen,) = seen
    assert seen.shape == (2, 299, 299, 3) and seen.dtype == np.float32
    assert seen.min() == -1 and seen.max() == 1
    assert np.ptp(seen, axis=-1).max() == 0


def test_the_published_mistake_shows_it_an_almost_black_picture(grey):
    model, seen = recording()
    classifier.scores(model, grey, kinds=["published"])
    (seen,) = seen
    assert seen.min() == pytest.approx(-1.000, abs=5e-4)
    assert seen.max() == pytest.approx(-0.992, abs=5e-4)


def test_another_networks_pictures_have_its_side_and_scale(grey):
    model, seen = recording(side=260, scale=128, offset=127 / 128)
    classifier.scores(model, grey, kinds=["logits", "published"])
    for batch, high in zip(seen, (128, -126), strict=True):
        assert batch.shape == (2, 260, 260, 3) and batch.dtype == np.float32
        assert batch.min() == -127 / 128 and batch.max() == high / 128


def test_colour_keeps_its_channels(grey):
    model, seen = recording()
    rgb = np.stack([grey, grey // 2, grey // 4], axis=-1)
    classifier.scores(model, rgb, kinds=["logits"])
    mean = (seen[0].mean(axis=(0, 1, 2)) + 1) * 127.5
    np.testing.assert_allclose(mean, rgb.mean(axis=(0, 1, 2)), atol=0.5)


def test_every_kind_is_given_for_every_picture(grey):
    found = classifier.scores(recording()[0], grey)
    assert tuple(found) == classifier.KINDS
    for kind, scores in found.items():
        assert scores.shape == (2, 1000), kind
    power = np.exp(found["logits"])
    np.testing.assert_allclose(found["softmax"], power / power.sum(1, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(found["published"].sum(1), 1, rtol=1e-6)
    assert not found["zeros"].any() and found["logits"].any()


def test_only_what_is_asked_for_is_computed(grey):
    model, seen = recording()
    assert list(classifier.scores(model, grey, kinds=["softmax"])) == ["softmax"]
    assert len(seen) == 1


def test_zeros_need_no_network(grey):
    (scores,) = classifier.scores(None, grey, kinds=["zeros"]).values()
    assert scores.shape == (2, 1000) and not scores.any()


def test_weights_that_are_not_there_get_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="no file .*w.h5.*efficientnet-lite2, imagenet"):
        classifier.load(str(tmp_path / "w.h5"))


@pytest.fixture
def small_network(monkeypatch):
    """Keras's own function, small, its reading of files failing as it does."""

    def build(weights, classifier_activation):
        assert classifier_activation is None
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
        if weights:
            network.load_weights(weights)
        return network

    monkeypatch.setattr(keras.applications, "InceptionResNetV2", build)


@pytest.fixture
def weights(small_network, server, tmp_path, monkeypatch):
    """Weights of the small network at the tests' server, and their values."""
    network = keras.applications.InceptionResNetV2(None, classifier_activation=None)
    network.save_weights(tmp_path / "made.weights.h5")
    content = (tmp_path / "made.weights.h5").read_bytes()
    monkeypatch.setattr(classifier, "URL", server.url("/inception.weights.h5"))
    monkeypatch.setattr(classifier, "CHECKSUM", f"md5:{hashlib.md5(content).hexdigest()}")
    server.add("/inception.weights.h5", content)
    return network.get_weights()


def test_imagenet_weights_are_downloaded_once_checked_and_shown(weights, server, capsys):
    server.faults["/inception.weights.h5"] = [Fault(503), Fault(cut=1000)]
    for _ in range(2):
        found = classifier.load("imagenet").logits(np.eye(3))
        np.testing.assert_allclose(found, weights[0] + weights[1], rtol=1e-6)
    paths = [asked for _, asked in server.asked]
    assert paths == [None, None, "bytes=1000-"]
    assert "inception.weights.h5: 100%" in capsys.readouterr().err


def test_downloaded_weights_with_another_checksum_are_never_loaded(weights, server, downloads):
    server.faults["/inception.weights.h5"] = [Fault(wrong=True)]
    with pytest.raises(ValueError, match="has the md5 .*, expected is"):
        classifier.load("imagenet")
    assert not list(downloads.rglob("*.h5"))


def test_without_a_network_the_sentence_names_the_file_that_serves(weights, monkeypatch):
    monkeypatch.setattr(classifier, "URL", "http://127.0.0.1:9/inception.weights.h5")
    with pytest.raises(ValueError) as caught:
        classifier.load("imagenet")
    said = str(caught.value)
    assert "it refuses the connection" in said and "use a file" in said
    assert f"copy {classifier.URL} to this machine and write its path into params.yaml" in said
    assert "or write efficientnet-lite2 there" in said


def test_the_address_and_the_checksum_are_those_of_keras():
    source = Path(inspect.getsourcefile(inception_resnet_v2)).read_text()
    base, name = classifier.URL.rsplit("/", 1)
    assert inception_resnet_v2.BASE_WEIGHT_URL == f"{base}/"
    after = source.split(f'"{name}"')[1]
    assert classifier.CHECKSUM.removeprefix("md5:") in after.split(")")[0]


def test_a_file_that_does_not_fit_gets_a_sentence(small_network, tmp_path):
    (tmp_path / "w.h5").write_text("no weights")
    with pytest.raises(ValueError, match="w.h5 do not fit"):
        classifier.load(str(tmp_path / "w.h5"))


def test_random_weights_are_the_same_for_the_same_seed(small_network):
    before = random.getstate()
    first, again, other = (classifier.load("none", seed=s).logits(np.eye(3)) for s in (1, 1, 2))
    assert random.getstate() == before
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.slow
def test_the_real_network_gives_1000_logits(grey):
    scores = classifier.scores(classifier.load("none"), grey)
    assert scores["logits"].shape == (2, 1000)
    assert scores["logits"].min() < 0 < scores["logits"].max()
