"""The mask of a batch: what of a moved square is picture, and what is padding."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from colornet.training.pictures import Pictures
from support.batches import steps, training

pytestmark = pytest.mark.slow

STRONG = {"rotation": 40.0, "shear": 15.0, "zoom": 0.4, "flip": True}


def bright(folder, box, size=64):
    """One picture that is orange in its box and black outside."""
    left, top, width, height = box
    rgb = np.zeros((size, size, 3), "uint8")
    rgb[top : top + height, left : left + width] = (255, 160, 60)
    Image.fromarray(rgb).save(folder / "bright.png")
    return Pictures([str(folder / "bright.png")], np.array([box], "int32"))


def border(mask):
    return ndimage.binary_dilation(mask, iterations=2) & ~ndimage.binary_erosion(
        mask, iterations=2, border_value=1
    )


def test_the_mask_moves_with_the_picture(tmp_path):
    # Away from the edges, so that nothing is continued by its nearest pixels.
    pictures = bright(tmp_path, (18, 22, 30, 20))
    weights = []
    for lightness, target in steps(training(pictures, batch_size=4, **STRONG), 5):
        for light, weight, a in zip(lightness[..., 0], target[..., 2], target[..., 0], strict=True):
            inside = weight == 1
            sure = ~border(inside)
            assert inside.any() and (light[sure & inside] > 0.5).all()
            assert (a[sure & inside] > 0.1).all()
            assert (light[sure & ~inside] == 0).all()
            np.testing.assert_allclose(a[sure & ~inside], 0, atol=1e-7)
            weights.append(weight)
    assert len(np.unique(weights, axis=0)) == 20


def test_pixels_from_outside_the_picture_do_not_count(tmp_path):
    pictures = bright(tmp_path, (0, 0, 64, 64))
    batches = steps(training(pictures, **STRONG), 8)
    lightness, target = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert lightness.min() > 0.5  # continued by the nearest pixel, not by black
    assert 0.5 < target[..., 2].mean() < 0.99
