"""Windows as batches: their colours and greys, and that no padding shows."""

import numpy as np
import pytest
from PIL import Image

from colornet.colour import lab
from colornet.training.pictures import Pictures
from colornet.training.pictures import load as pictures_of
from support.batches import fixed, steps, training

pytestmark = pytest.mark.slow

WINDOW = {"window": 32, "narrowest": 8, "zoom": 0.2, "flip": True}


@pytest.mark.parametrize("box", [(18, 22, 30, 20), (0, 10, 64, 44), (20, 0, 9, 64)])
def test_no_window_shows_any_of_the_padding(tmp_path, box):
    left, top, width, height = box
    rgb = np.full((64, 64, 3), (0, 0, 255), "uint8")  # padding that would show
    rgb[top : top + height, left : left + width] = (255, 160, 60)
    Image.fromarray(rgb).save(tmp_path / "marked.png")
    pictures = Pictures([str(tmp_path / "marked.png")], np.int32([box]))
    expected = lab.ab(np.array([255, 160, 60]))
    batches = [*steps(training(pictures, batch_size=64, **WINDOW), 4)]
    batches += [*fixed(pictures, **WINDOW)]
    for lightness, target in batches:
        assert lightness.shape[1:] == (32, 32, 1) and target.shape[1:] == (32, 32, 3)
        assert np.abs(target[..., :2] - expected).max() < 1e-5
        assert (target[..., 2] == 1).all() and lightness.min() > 0.5


def test_a_window_run_is_validated_on_the_middle_of_each_photograph(prepared):
    pictures = pictures_of("tiny", "train")
    lightness, target = next(fixed(pictures, batch_size=6, **WINDOW, worn=1.0, other_greys=1.0))
    for number in range(6):
        photograph = Image.fromarray(pictures.photograph(number))
        width, height = photograph.size
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        place = (side / 32, 0, left, 0, side / 32, top)
        expected = photograph.transform(
            (32, 32), Image.Transform.AFFINE, place, Image.Resampling.BILINEAR
        )
        inner = np.s_[2:-2, 2:-2]  # Pillow fills beyond the edge with black
        off = lab.ab(np.asarray(expected)) - target[number, ..., :2]
        assert np.abs(off)[inner].mean() < 0.01
        grey = lab.lightness(lab.grey(np.asarray(expected)))
        assert np.abs(grey - lightness[number])[inner].max() < 0.02


def test_the_colours_of_a_window_are_the_photographs_whatever_its_grey(prepared):
    pictures = pictures_of("tiny", "train")
    plain = next(training(pictures, batch_size=6, **WINDOW))
    worn = next(training(pictures, batch_size=6, **WINDOW, worn=1.0, other_greys=1.0))
    np.testing.assert_array_equal(plain[1], worn[1])
    assert (np.abs(plain[0] - worn[0]).mean(axis=(1, 2, 3)) > 0.01).all()


def test_windows_continue_from_any_step(prepared):
    pictures = pictures_of("tiny", "train")
    options = {**WINDOW, "worn": 0.5, "other_greys": 0.5, "batch_size": 4}
    whole = steps(training(pictures, **options), 4)
    for one, other in zip(
        steps(training(pictures, first_step=2, **options), 2), whole[2:], strict=True
    ):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
