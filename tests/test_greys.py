"""Greys of other films and of worn prints."""

import numpy as np
import pytest

from colornet.colour import lab
from colornet.system import quiet
from colornet.training import greys

quiet.import_tensorflow()


def numbers(count=4000, *, other_greys=0.0, worn=0.0):
    drawn = [
        greys.draw(np.random.default_rng(n), other_greys=other_greys, worn=worn)
        for n in range(count)
    ]
    return np.stack(drawn)


def colours(count=1, side=16):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype="int32")


def made(rgb, *rows):
    return np.asarray(greys.make(rgb, np.float32(rows), greys.bank()))


def test_plain_numbers_make_the_usual_grey():
    every = np.stack(np.meshgrid(*3 * [np.arange(0, 256, 5)]), -1).reshape(1, 52, -1, 3)
    np.testing.assert_array_equal(made(every.astype("int32"), greys.PLAIN), lab.grey(every))
    np.testing.assert_array_equal(numbers(20), np.tile(greys.PLAIN, (20, 1)))


def test_the_shares_of_changed_greys_are_those_that_are_asked_for():
    found = numbers(other_greys=0.25, worn=0.4)
    other = (found[:, :3] != greys.PLAIN[:3]).any(axis=1)
    worn = (found[:, 3:] != greys.PLAIN[3:]).any(axis=1)
    assert other.mean() == pytest.approx(0.25, abs=0.03)
    assert worn.mean() == pytest.approx(0.4, abs=0.03)
    assert (other & worn).mean() == pytest.approx(0.1, abs=0.02)  # independent


def test_other_weights_sum_to_one_and_prefer_green():
    weights = numbers(other_greys=1.0)[:, :3]
    assert (weights.sum(axis=1) == 65536).all() and weights.min() >= 0
    np.testing.assert_allclose(weights.mean(axis=0) / 65536, [0.25, 0.5, 0.25], atol=0.01)


def test_a_grey_of_the_blue_channel_is_that_channel():
    rgb = colours()
    blue = greys.PLAIN.copy()
    blue[:3] = 0, 0, 65536
    np.testing.assert_array_equal(made(rgb, blue), rgb[..., 2:])


def test_worn_numbers_lie_in_their_ranges():
    _, _, _, gamma, black, white, grain, place = numbers(worn=1.0).T
    assert np.exp(-0.35) <= gamma.min() < 0.72 and 1.39 < gamma.max() <= np.exp(0.35)
    assert -0.05 <= black.min() < -0.04 and 0.14 < black.max() <= 0.15
    assert 0.85 <= white.min() < 0.86 and 1.04 < white.max() <= 1.05
    assert 0 <= grain.min() < 0.001 and 0.059 < grain.max() <= 0.06
    assert 0 <= place.min() < 1000 and greys.BANK - 1000 < place.max() < greys.BANK


def test_a_faded_print_has_a_grey_black_and_a_grey_white():
    faded = greys.PLAIN.copy()
    faded[3:6] = 1.3, 0.15, 0.85
    rgb = np.repeat(np.arange(256, dtype="int32"), 3).reshape(1, 16, 16, 3)
    grey = made(rgb, faded).ravel()
    assert grey[0] == pytest.approx(0.15 * 255, abs=1) and grey[-1] == pytest.approx(217, abs=1)
    assert (np.diff(grey) >= 0).all() and grey[128] < 128


def test_grain_is_of_its_amount_and_each_pictures_own():
    rgb = np.full((3, 64, 64, 3), 128, "int32")
    grainy = np.tile(greys.PLAIN, (3, 1))
    grainy[:, 6] = 0.06, 0.06, 0.01
    grainy[:, 7] = 5, greys.BANK - 7, 5
    grey = made(rgb, *grainy)[..., 0].astype(float) - 128
    assert grey[0].std() == pytest.approx(0.06 * 255, rel=0.05)
    assert grey[2].std() == pytest.approx(0.01 * 255, rel=0.1)
    assert abs(np.corrcoef(grey[0].ravel(), grey[1].ravel())[0, 1]) < 0.05
    assert np.corrcoef(grey[0].ravel(), grey[2].ravel())[0, 1] > 0.95


def test_the_bank_of_grain_is_always_the_same():
    bank = greys.bank()
    np.testing.assert_array_equal(bank, greys.bank())
    assert bank.dtype == np.float32 and abs(bank.mean()) < 0.01
    assert bank.std() == pytest.approx(1, abs=0.01)
