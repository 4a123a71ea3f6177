"""The benchmark of what was tried for the third network."""

import json

import numpy as np
import pytest

from benchmarks import designs
from colornet import losses


@pytest.mark.slow
def test_variants_are_trained_alike_and_scored(prepared, capsys):
    names = ["unet", "no normalization", "no view of the whole", "classes, annealed mean"]
    only = [word for name in names for word in ("--only", name)]
    designs.main(["--train", "tiny", "--dataset", "tiny", "--pictures", "16", *only])
    said = capsys.readouterr().out.splitlines()
    found = json.loads(said[-1])
    assert list(found) == names and len(said) == 2 + len(names) + 1
    curves = {name: tuple(found[name]["tiny"]["gain_db"]) for name in names}
    assert len(set(curves.values())) == len(names)


def test_what_a_variant_leaves_out_is_left_out():
    whole = designs.unet.build()
    kinds = [type(layer).__name__ for layer in whole.layers]
    assert "BatchNormalization" in kinds
    bare = designs.without_normalization()
    assert "BatchNormalization" not in [type(layer).__name__ for layer in bare.layers]
    blind = designs.without_context()
    picture = np.random.default_rng(0).uniform(size=(1, 512, 512, 1)).astype("float32")
    other = picture.copy()
    other[:, 480:, 480:] = 0
    near = np.s_[0, :8, :8]
    assert (blind(picture).numpy()[near] == blind(other).numpy()[near]).all()
    assert (whole(picture).numpy()[near] != whole(other).numpy()[near]).all()


def test_huber_is_the_squared_error_while_it_is_small():
    random = np.random.default_rng(0)
    target = random.uniform(-0.5, 0.5, (2, 8, 8, 3)).astype("float32")
    target[..., 2] = target[..., 2] > 0
    near = target[..., :2] + random.uniform(-0.04, 0.04, (2, 8, 8, 2)).astype("float32")
    small = np.asarray(losses.mse(target, near))
    np.testing.assert_allclose(designs.huber(target, near), small, rtol=1e-4)
    far = target[..., :2] + 0.5
    np.testing.assert_allclose(designs.huber(target, far), 0.05 * (2 * 0.5 - 0.05), rtol=1e-4)


def test_the_cross_entropy_is_least_for_the_share_of_each_colour():
    colour = np.array([12.0, -37.0])  # between 10 and 20, and -40 and -30
    target = np.ones((1, 8, 8, 3), "float32")
    target[..., :2] = colour / 128
    a, b = designs.GRID[0].ravel(), designs.GRID[1].ravel()
    share = np.maximum(1 - abs(a - 12) / 10, 0) * np.maximum(1 - abs(b + 37) / 10, 0)
    scores = np.broadcast_to(np.log(share + 1e-9), (1, 2, 2, a.size)).astype("float32")
    least = float(designs.cross_entropy(target, scores)[0])
    assert least == pytest.approx(-(share[share > 0] * np.log(share[share > 0])).sum(), rel=1e-3)
    assert float(designs.cross_entropy(target, 0.9 * scores)[0]) > least
    mean = np.asarray(designs.decoded(scores, 1.0))[0, 4, 4] * 128
    np.testing.assert_allclose(mean, colour, atol=0.05)
