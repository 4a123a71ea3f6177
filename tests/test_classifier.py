"""Grey pictures -> class scores, scaled rightly or as published."""

import random

import keras
import numpy as np
import pytest

from colornet import classifier


class Recorder:
    """Stands for the network: records what it sees, answers with the means of it."""

    def __init__(self):
        self.seen = []

    def predict(self, batch, verbose):
        self.seen.append(batch)
        return np.resize(batch.mean(axis=(1, 2)), (len(batch), 1000))


@pytest.fixture
def grey():
    ramp = np.tile(np.arange(256, dtype="uint8"), (256, 1))
    return np.stack([ramp, 255 - ramp // 2])


def test_the_network_sees_grey_in_three_channels_in_minus_1_to_1(grey):
    recorder = Recorder()
    classifier.scores(recorder, grey, kinds=["logits"])
    (seen,) = recorder.seen
    assert seen.shape == (2, 299, 299, 3) and seen.dtype == np.float32
    assert seen.min() == -1 and seen.max() == 1
    assert np.ptp(seen, axis=-1).max() == 0


def test_the_published_mistake_shows_it_an_almost_black_picture(grey):
    recorder = Recorder()
    classifier.scores(recorder, grey, kinds=["published"])
    (seen,) = recorder.seen
    assert seen.min() == pytest.approx(-1.000, abs=5e-4)
    assert seen.max() == pytest.approx(-0.992, abs=5e-4)


def test_every_kind_is_given_for_every_picture(grey):
    found = classifier.scores(Recorder(), grey)
    assert tuple(found) == classifier.KINDS
    for kind, scores in found.items():
        assert scores.shape == (2, 1000), kind
    power = np.exp(found["logits"])
    np.testing.assert_allclose(found["softmax"], power / power.sum(1, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(found["published"].sum(1), 1, rtol=1e-6)
    assert not found["zeros"].any() and found["logits"].any()


def test_only_what_is_asked_for_is_computed(grey):
    recorder = Recorder()
    assert list(classifier.scores(recorder, grey, kinds=["softmax"])) == ["softmax"]
    assert len(recorder.seen) == 1


def test_zeros_need_no_network(grey):
    (scores,) = classifier.scores(None, grey, kinds=["zeros"]).values()
    assert scores.shape == (2, 1000) and not scores.any()


def test_weights_that_are_not_there_get_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="no file .*w.h5.*imagenet, none"):
        classifier.load(str(tmp_path / "w.h5"))


@pytest.fixture
def small_network(monkeypatch):
    """Keras's own function, its download and its reading of files failing as they do."""

    def build(weights, classifier_activation):
        assert classifier_activation is None
        if weights == "imagenet":
            raise Exception("URL fetch failure on host: None -- [Errno -3] Temporary failure")
        if weights:
            raise OSError("Unable to synchronously open file (file signature not found)")
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])

    monkeypatch.setattr(keras.applications, "InceptionResNetV2", build)


def test_a_download_that_fails_gets_a_sentence(small_network):
    with pytest.raises(ValueError, match="could not be downloaded: URL fetch failure"):
        classifier.load("imagenet")


def test_a_file_that_does_not_fit_gets_a_sentence(small_network, tmp_path):
    (tmp_path / "w.h5").write_text("no weights")
    with pytest.raises(ValueError, match="w.h5 do not fit"):
        classifier.load(str(tmp_path / "w.h5"))


def test_random_weights_are_the_same_for_the_same_seed(small_network):
    before = random.getstate()
    first, again, other = (classifier.load("none", seed=s).get_weights()[0] for s in (1, 1, 2))
    assert random.getstate() == before
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.slow
def test_the_real_network_gives_1000_logits(grey):
    network = classifier.load("none")
    assert network.name == "inception_resnet_v2" and network.count_params() == 55_873_736
    scores = classifier.scores(network, grey)
    assert scores["logits"].shape == (2, 1000)
    assert scores["logits"].min() < 0 < scores["logits"].max()
