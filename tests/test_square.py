import numpy as np
import pytest
from PIL import Image

from colornet.square import Box, box_of, letterbox


@pytest.mark.parametrize(
    ("sides", "box"),
    [
        ((500, 375), Box(0, 32, 256, 192)),
        ((375, 500), Box(32, 0, 192, 256)),
        ((10, 10), Box(0, 0, 256, 256)),
        ((5000, 3), Box(0, 127, 256, 1)),
    ],
)
def test_the_box_is_centred_and_as_large_as_possible(sides, box):
    assert box_of(*sides, 256) == box


@pytest.mark.parametrize("channels", [(), (2,)])
@pytest.mark.parametrize("sides", [(80, 40), (37, 64), (500, 3)])
def test_cut_returns_the_picture_without_padding(sides, channels):
    box = box_of(*sides, 32)
    square = np.zeros((32, 32, *channels), np.float32)
    box.cut(square)[:] = 1  # a view: this writes into the square
    assert box.cut(square).shape == (box.height, box.width, *channels)
    assert box.cut(square).min() == 1
    assert square.sum() == box.cut(square).size


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_letterbox_pads_with_black(mode):
    square, box = letterbox(Image.new(mode, (80, 40), "white"), size=32)
    pixels = np.asarray(square)
    assert (square.mode, square.size, box) == (mode, (32, 32), Box(0, 8, 32, 16))
    assert box.cut(pixels).min() == 255
    assert pixels[:8].max() == pixels[24:].max() == 0


def test_letterbox_averages_where_it_makes_smaller():
    checks = np.indices((256, 256)).sum(axis=0) % 2 * 255
    square, _ = letterbox(Image.fromarray(checks.astype(np.uint8)), size=32)
    assert np.abs(np.asarray(square, float) - 127.5).max() < 3
