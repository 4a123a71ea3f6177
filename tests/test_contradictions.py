"""What cannot be trained gets a sentence before anything is trained."""

import numpy as np
import pandas as pd
import pytest

from support.training import sentence

pytestmark = pytest.mark.slow

PLAIN = {"rotation": 0.0, "shear": 0.0}


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"dataset": "nothing"}, "python -m colornet.preprocess nothing"),
        ({"model": "final"}, "needs class_scores"),
        ({"class_scores": "logits"}, "takes no class_scores"),
        ({"model": "final", "class_scores": "logits"}, "python -m colornet.classify tiny"),
        ({"patience": 3}, "patience is 3, which 3 epochs never exhaust"),
        ({"window": 32}, "a window is neither turned nor sheared: leave rotation out"),
        ({"window": 32, "rotation": 0.0}, "leave shear out, or window"),
        ({**PLAIN, "window": 32, "loss_over": "square"}, "no padding for loss_over: square"),
        ({**PLAIN, "window": 64}, "window is 64, but the pictures of tiny are prepared with 32"),
        ({**PLAIN, "window": 32, "narrowest": 40}, "narrowest is 40, but the pictures of tiny"),
        ({"narrowest": 20}, "narrowest is for windows: set window too"),
        ({"other_greys": 0.1}, "other_greys is for windows"),
        ({"worn": 0.1}, "worn is for windows"),
        ({"weight_decay": 0.1}, "weight_decay is for the optimizer adamw, and this one is rmsprop"),
        ({"warmup": 3}, "warmup is for a learning rate that falls again: set decay: cosine"),
        ({"warmup": 9, "decay": "cosine"}, "warmup is 9, but all epochs together have 9 steps"),
        ({"encoder": "efficientnet-lite2"}, "the network beta has none: leave it out"),
    ],
)
def test_what_cannot_be_trained_gets_a_sentence(prepared, changes, words):
    assert words in sentence(**changes)


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 cut"])
def test_broken_files_of_earlier_stages_are_named_with_the_command(
    prepared, classes, tiny_networks, content
):
    (classes / "scores.npz").write_bytes(content)
    said = sentence(model="final", class_scores="logits")
    assert "scores.npz is broken: python -m colornet.classify tiny" in said
    (prepared / "index.csv").write_bytes(content)
    assert "index.csv is broken: python -m colornet.preprocess tiny" in sentence()


def test_class_scores_of_other_pictures_name_the_command(prepared, classes, tiny_networks):
    with np.load(classes / "scores.npz") as archive:
        content = dict(archive)
    np.savez(classes / "scores.npz", **content | {"files": content["files"][::-1] + "x"})
    assert "colornet.classify tiny" in sentence(model="final", class_scores="logits")


def test_a_split_without_pictures_is_named(prepared, tiny_networks):
    index = pd.read_csv(prepared / "index.csv").query("split != 'validation'")
    index.to_csv(prepared / "index.csv", index=False)
    assert "tiny has no pictures in its validation split: raise preprocess.tiny" in sentence()
