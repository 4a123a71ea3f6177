"""Windows within photographs: their size, their place, and how they are scaled."""

import numpy as np
import pytest

from colornet.system import quiet
from colornet.training import windows

quiet.import_tensorflow()

BOX = (4, 12, 56, 40)


def draws(count, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (count, windows.DRAWS)).astype("float32")


def placed(count=4000, box=BOX, **options):
    found = windows.places(draws(count), np.tile(np.int32(box), (count, 1)), **options)
    return [np.asarray(each) for each in found]


@pytest.mark.parametrize("narrowest, low", [(10, 10), (35, 30), (None, 30)])
def test_a_side_lies_between_the_narrowest_and_the_whole_shorter_side(narrowest, low):
    _, _, across, down = placed(narrowest=narrowest)
    np.testing.assert_array_equal(across, down)
    assert low <= across.min() < low + 0.1 and 39.9 < across.max() <= 40
    assert across.mean() == pytest.approx((low + 40) / 2, abs=0.5)  # uniform


def test_a_window_lies_anywhere_within_the_photograph():
    left, top, across, down = placed(narrowest=10, zoom=0.3)
    assert left.min() >= 4 and (left + across).max() <= 60 + 1e-4
    assert top.min() >= 12 and (top + down).max() <= 52 + 1e-4
    small = across < 15
    assert left[small].min() < 5 and (left + across)[small].max() > 59
    assert abs(np.corrcoef(left + across / 2, top + down / 2)[0, 1]) < 0.06


def test_zoom_stretches_width_and_height_by_factors_of_their_own():
    _, _, across, down = placed(narrowest=10, zoom=0.3)
    free = (across < 56) & (down < 40)
    stretch = (across / down)[free]
    assert 0.53 < stretch.min() < 0.7 and 1.4 < stretch.max() < 1.87


def test_the_central_window_is_the_whole_shorter_side():
    numbers = windows.CENTRAL[None]
    found = windows.places(numbers, np.int32([BOX]), narrowest=10, zoom=0.3)
    assert [float(each[0]) for each in found] == [4 + 8, 12, 40, 40]


def test_a_window_of_the_size_of_the_output_is_the_picture_itself():
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype="uint8")
    numbers = windows.CENTRAL[None].copy()
    whole = np.int32([[0, 0, 32, 32]])
    found = windows.cut(image, whole, numbers, window=32)
    np.testing.assert_allclose(found, image, atol=1e-3)
    numbers[:, 5] = 1
    mirrored = windows.cut(image, whole, numbers, window=32, flip=True)
    np.testing.assert_allclose(mirrored, image[:, :, ::-1], atol=1e-3)
    found = windows.cut(image, whole, numbers, window=32, flip=False)
    np.testing.assert_allclose(found, image, atol=1e-3)


def test_it_is_scaled_bilinearly_up_to_the_edge():
    ramp = np.broadcast_to(np.arange(32, dtype="uint8")[:, None] * 8, (32, 32))
    image = np.stack([ramp, ramp.T, ramp], axis=-1)[None]
    found = windows.cut(image, np.int32([[0, 0, 32, 32]]), windows.CENTRAL[None], window=64)
    expected = np.clip((np.arange(64) + 0.5) / 2 - 0.5, 0, 31) * 8
    np.testing.assert_allclose(found[0, :, 5, 0], expected, atol=1e-3)
    np.testing.assert_allclose(found[0, 5, :, 1], expected, atol=1e-3)
