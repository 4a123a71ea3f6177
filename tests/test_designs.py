"""The benchmark of variants of the U-Net."""

import json

import numpy as np
import pytest

from benchmarks import colour_classes, designs
from colornet.training import losses

pytestmark = pytest.mark.slow


def test_each_variant_is_trained_and_scored(prepared, capsys):
    names = ["classes, rebalanced, annealed mean", "mean of the weights (EMA 0.98)"]
    names.append(designs.LOOKUP)
    only = [word for name in names for word in ("--only", name)]
    designs.main(["--train", "tiny", "--dataset", "tiny", "--pictures", "32", *only])
    said = capsys.readouterr().out.splitlines()
    found = json.loads(said[-1])
    assert list(found) == names and len(said) == 2 + len(names) + 1
    curves = {name: tuple(found[name]["tiny"]["gain_db"]) for name in names}
    assert len(set(curves.values())) == len(names)


def kinds(network):
    return [type(layer).__name__ for layer in network.layers]


def test_without_leaves_out_the_layers_that_it_names():
    whole = designs.unet.build()
    for kind in ("BatchNormalization", "Concatenate", "AveragePooling2D"):
        assert kind in kinds(whole) and kind not in kinds(designs.without(kind))
    blind = designs.without("Add", "context_add")
    assert kinds(blind).count("Add") == kinds(whole).count("Add") - 1
    picture = np.random.default_rng(0).uniform(size=(1, 640, 640, 1)).astype("float32")
    other = picture.copy()
    other[:, 608:, 608:] = 0
    near = np.s_[0, :8, :8]
    assert (blind(picture).numpy()[near] == blind(other).numpy()[near]).all()
    assert (whole(picture).numpy()[near] != whole(other).numpy()[near]).all()


def test_the_network_at_full_size_returns_the_size_of_its_input():
    assert designs.at_full_size()(np.zeros((1, 64, 96, 1), "float32")).shape == (1, 64, 96, 2)


def test_the_lookup_returns_the_mean_colour_of_each_lightness(prepared):
    pool = designs.data.load("tiny", "train")
    lookup = designs.Lookup(pool)
    shades = np.full((1, 32, 32), 0, "uint8")
    colours = {0: [], 128: []}
    for lightness, target in designs.data.fixed(pool, batch_size=1, loss_over="box"):
        for grey in colours:
            shades[:] = grey
            near = abs(255 * (lightness[..., 0] - designs.lab.lightness(shades)[0, 0, 0])) < 0.5
            colours[grey].append(np.asarray(target)[np.asarray(near) & (target[..., 2] > 0)])
    for grey, found in colours.items():
        found = np.concatenate(found)
        if len(found):
            shades[:] = grey
            mean = lookup.predict(shades)[0, 0, 0]
            np.testing.assert_allclose(mean, found[:, :2].mean(axis=0), atol=1e-3)
    assert any(map(len, colours.values()))


def test_rebalancing_gives_rare_colours_more_weight_and_a_mean_of_1():
    counts = np.zeros(designs.metrics.CLASSES**2)
    counts[[10, 200, 300]] = 1000, 100, 10
    rare = colour_classes.rebalancing(counts)
    assert rare[10] < rare[200] < rare[300]
    assert np.average(rare, weights=counts) == pytest.approx(1)


def test_huber_is_the_squared_error_if_the_error_is_small():
    random = np.random.default_rng(0)
    target = random.uniform(-0.5, 0.5, (2, 8, 8, 3)).astype("float32")
    target[..., 2] = target[..., 2] > 0
    near = target[..., :2] + random.uniform(-0.04, 0.04, (2, 8, 8, 2)).astype("float32")
    small = np.asarray(losses.mse(target, near))
    np.testing.assert_allclose(designs.huber(target, near), small, rtol=1e-4)
    far = target[..., :2] + 0.5
    np.testing.assert_allclose(designs.huber(target, far), 0.05 * (2 * 0.5 - 0.05), rtol=1e-4)


def test_the_cross_entropy_is_smallest_for_the_share_of_each_class():
    colour = np.array([12.0, -37.0])  # between 10 and 20, and -40 and -30
    target = np.ones((1, 8, 8, 3), "float32")
    target[..., :2] = colour / 128
    a, b = colour_classes.GRID[0].ravel(), colour_classes.GRID[1].ravel()
    share = np.maximum(1 - abs(a - 12) / 10, 0) * np.maximum(1 - abs(b + 37) / 10, 0)
    scores = np.broadcast_to(np.log(share + 1e-9), (1, 2, 2, a.size)).astype("float32")
    least = float(colour_classes.cross_entropy()(target, scores)[0])
    assert least == pytest.approx(-(share[share > 0] * np.log(share[share > 0])).sum(), rel=1e-3)
    assert float(colour_classes.cross_entropy()(target, 0.9 * scores)[0]) > least
    weighted = colour_classes.cross_entropy(np.full(a.size, 3.0))(target, scores)
    assert float(weighted[0]) == pytest.approx(3 * least, rel=1e-5)


def test_the_annealed_mean_lies_between_the_mean_and_the_most_likely_colour():
    a, b = colour_classes.GRID[0].ravel(), colour_classes.GRID[1].ravel()
    first, second = (np.flatnonzero((a == x) & (b == 0)) for x in (20, -20))
    scores = np.full((1, 2, 2, a.size), -1e9, "float32")
    scores[..., first], scores[..., second] = np.log(0.6), np.log(0.4)
    share = 1 / (1 + (0.4 / 0.6) ** (1 / colour_classes.TEMPERATURE))
    mean = np.asarray(colour_classes.decoded(scores))[0, 4, 4] * 128
    np.testing.assert_allclose(mean, [20 * (2 * share - 1), 0], atol=0.05)
    assert 20 * 0.2 < mean[0] < 20
