"""A network that was trained without padding sees photographs alone."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks import worn
from colornet import evaluate, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.square import resized, rounded
from support.pictures import colourful
from support.runs import SIZE, leave_run

WINDOW = {"train": {"dataset": "tiny", "window": SIZE}}


@pytest.fixture
def alone(tiny_networks, prepared):
    """runs/alone: an untrained lite, as training on windows leaves it."""
    return leave_run("lite", paths.run("alone"), **WINDOW)


def seen(colorizer, monkeypatch) -> list[np.ndarray]:
    """The lightness that the network gets from now on."""
    network, given = colorizer._network, []

    def compute(inputs):
        given.append(inputs["lightness"])
        return network.compute(inputs)

    monkeypatch.setattr(colorizer, "_network", dataclasses.replace(network, compute=compute))
    return given


@pytest.mark.parametrize(
    "size, sides", [((300, 200), (96, 64)), ((64, 640), (32, 96)), ((7, 5), (96, 64))]
)
def test_its_sides_are_rounded_to_multiples_of_32_and_nothing_is_around_it(
    size, sides, alone, monkeypatch
):
    colorizer = Colorizer(alone)
    colorizer.size = 96
    given = seen(colorizer, monkeypatch)
    assert not colorizer.padded and rounded(*size, 96) == sides
    output = colorizer(Image.new("L", size, 200))
    assert output.size == size
    (lightness,) = given
    assert lightness.shape == (1, sides[1], sides[0], 1)
    assert np.ptp(lightness) == 0, "no black beside the picture"


def test_a_run_without_windows_sees_a_padded_square(run, monkeypatch):
    colorizer = Colorizer(run)
    given = seen(colorizer, monkeypatch)
    colorizer(Image.new("L", (300, 200), 200))
    assert colorizer.padded and given[0].shape == (1, SIZE, SIZE, 1)
    assert given[0].min() == 0


def test_its_colours_at_half_the_size_are_enlarged_for_the_scores(alone):
    evaluate.run("e", run=str(alone), dataset="tiny")
    scores = pd.read_csv(paths.results("e") / "scores.csv")
    assert len(scores) == 2 and scores["mse_ab"].notna().all()
    grey = lab.grey(np.asarray(colourful(0)))
    height, width = grey.shape[:2]
    colorizer = Colorizer(alone)
    picture = Image.fromarray(grey[..., 0].astype("uint8"))
    small = colorizer.colours(picture, size=64)
    across, down = rounded(width, height, 64)
    assert small.shape == (down // 2, across // 2, 2)
    ab = evaluate.predicted(colorizer, grey, size=64)
    np.testing.assert_array_equal(ab, resized(small, width, height))


def test_resizing_is_bilinear_and_leaves_the_same_size_alone():
    values = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
    assert resized(values, 5, 3) is values
    larger = resized(values, 10, 6)
    assert larger.shape == (6, 10, 2) and larger.dtype == np.float32
    np.testing.assert_allclose(larger[0, 0], values[0, 0], atol=1e-6)
    expected = (9 * values[1, 1] + 3 * values[1, 2] + 3 * values[2, 1] + values[2, 2]) / 16
    np.testing.assert_allclose(larger[3, 3], expected, atol=1e-5)


def test_a_worn_picture_is_what_its_kind_says():
    rgb, random = np.array([[[1.0, 0.5, 0.25]]]), np.random.default_rng(0)
    assert worn.KINDS["plain"](rgb, random) == pytest.approx(0.299 + 0.587 / 2 + 0.114 / 4)
    assert worn.KINDS["orthochromatic"](rgb, random) == pytest.approx(0.375)
    assert worn.KINDS["blue-sensitive"](rgb, random) == pytest.approx(0.25)
    black, white = np.zeros((1, 1, 3)), np.ones((1, 1, 3))
    assert worn.KINDS["faded"](black, random) == pytest.approx(worn.BLACK)
    assert worn.KINDS["faded"](white, random) == pytest.approx(worn.WHITE)
    grain = worn.KINDS["grain"](np.full((200, 200, 3), 0.5), random)
    assert grain.std() == pytest.approx(worn.GRAIN, rel=0.02)


def test_a_network_that_leaves_worn_pictures_grey_gains_nothing(prepared):
    class Grey:
        def colours(self, picture, *, size):
            return np.zeros((picture.height, picture.width, 2), "float32")

    gains = worn.gains(Grey(), "tiny", limit=2)
    assert list(gains) == list(worn.KINDS) and set(gains.values()) == {0.0}
