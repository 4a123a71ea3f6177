"""The benchmark of variants of lite's recipe, and the second head that one of them has."""

import json

import numpy as np
import pytest

from benchmarks import colour_classes, designs

pytestmark = pytest.mark.slow


def test_a_variant_is_trained_and_scored(prepared, tiny_networks, monkeypatch, capsys):
    monkeypatch.setitem(designs.RECIPE, "encoder", None)
    names = [designs.CELLS]
    only = [word for name in names for word in ("--only", name)]
    size = ["--steps", "5", "--window", "32"]
    designs.main(["--train", "tiny", "--dataset", "tiny", *size, *only])
    said = capsys.readouterr().out.splitlines()
    found = json.loads(said[-1])
    assert list(found) == names and len(said) == 2 + len(names) + 1
    assert found[designs.CELLS]["tiny"]["pictures"] == 2


def test_cells_are_the_colours_that_srgb_reaches():
    cells = colour_classes.cells()
    assert 240 < len(cells) < 280 and [0, 0] in cells.tolist()
    assert [100, 100] not in cells.tolist()


def test_rebalancing_gives_rare_colours_more_weight_and_a_mean_of_1():
    share = np.array([0.9, 0.09, 0.01])
    rare = colour_classes.rebalancing(share)
    assert rare[0] < rare[1] < rare[2]
    assert np.average(rare, weights=share) == pytest.approx(1)


def test_the_cross_entropy_is_smallest_for_the_share_of_each_cell():
    target = np.ones((1, 8, 8, 3), "float32")
    target[..., :2] = np.array([12.0, -37.0]) / 128
    distance = np.square(colour_classes.cells() - [12, -37]).sum(axis=1)
    share = np.exp(-distance / 50) / np.exp(-distance / 50).sum()
    scores = np.broadcast_to(np.log(share + 1e-30), (1, 2, 2, len(share))).astype("float32")
    rare = np.ones(len(share), "float32")
    least = float(colour_classes.cross_entropy(target, scores, rare))
    assert least == pytest.approx(-(share * np.log(share + 1e-30)).sum(), rel=1e-3)
    assert float(colour_classes.cross_entropy(target, 0.9 * scores, rare)) > least
    assert float(colour_classes.cross_entropy(target, scores, 3 * rare)) == pytest.approx(3 * least)
