"""Small colours on a whole photograph: lightness, edges, bands, and the table of colours."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.colour import lab
from colornet.images import photo
from colornet.inference import fullsize
from colornet.square import box_of


@pytest.fixture(scope="module")
def chelsea() -> Image.Image:
    return Image.fromarray(data.chelsea())


def small(picture: Image.Image, longest: int) -> np.ndarray:
    """The true colours of a picture at a small size."""
    size = box_of(*picture.size, longest)[2:]
    return lab.ab(np.asarray(picture.resize(size, Image.Resampling.BOX)))


def lightness(picture: Image.Image) -> np.ndarray:
    from skimage.color import rgb2lab

    return rgb2lab(np.asarray(picture.convert("RGB")))[..., 0]


def off(picture: Image.Image, truth: Image.Image) -> float:
    """Root mean square of ab's difference, in units."""
    ab = [lab.ab(np.asarray(each)) for each in (picture, truth)]
    return lab.AB_SCALE * float(np.sqrt(((ab[0] - ab[1]) ** 2).mean()))


@pytest.mark.parametrize("amount", [0.1, 0.4, 0.8])
def test_lightness_stays_whatever_the_colours(chelsea, amount):
    ab = np.random.default_rng(0).uniform(-amount, amount, (30, 45, 2)).astype("float32")
    output = fullsize.finish(chelsea, ab, saturation=1)
    before = lightness(Image.fromarray(photo.grey(chelsea)))
    assert np.quantile(abs(lightness(output) - before), 0.999) < 1


def test_without_colour_the_grey_comes_out_to_the_bit(chelsea):
    output = fullsize.finish(chelsea, np.zeros((9, 13, 2), "float32"), saturation=1)
    np.testing.assert_array_equal(np.asarray(output)[..., 0], photo.grey(chelsea))
    assert np.ptp(np.asarray(output), axis=-1).max() == 0


def test_colours_of_a_picture_s_own_size_are_those_of_the_exact_formula(chelsea):
    ab = lab.ab(np.asarray(chelsea))
    exact = lab.rgb(lab.lightness(photo.grey(chelsea))[..., None], ab)
    output = np.asarray(fullsize.finish(chelsea, ab, saturation=1)).astype(int)
    assert np.quantile(abs(output - exact), 0.99) <= 2


@pytest.mark.parametrize("colour", [(0, 0, 255), (0, 255, 0), (255, 255, 0), (200, 90, 30)])
def test_each_grey_has_the_nearest_colour_that_srgb_can_show(colour):
    """At every grey, also where little chroma fits; a and b are rounded to 0.9, RGB to 8 bits."""
    ramp = Image.fromarray(np.arange(256, dtype="uint8")[None])
    ab = np.tile(lab.ab(np.array(colour, "uint8")), (1, 256, 1))
    shown = lab.ab(np.asarray(fullsize.finish(ramp, ab, saturation=1)))
    fitted = lab.fit(lab.lightness(np.asarray(ramp))[..., None], ab)
    assert lab.distance(shown, fitted).max() < 2


def test_a_colour_computed_before_is_the_same(chelsea):
    ab = np.random.default_rng(0).uniform(-1, 1, (30, 45, 2)).astype("float32")
    fullsize._known.cache_clear()
    outputs = [np.asarray(fullsize.finish(chelsea, ab, saturation=1)) for _ in range(2)]
    np.testing.assert_array_equal(*outputs)


def test_bands_leave_no_seam(chelsea, monkeypatch):
    whole = np.asarray(fullsize.finish(chelsea, small(chelsea, 40), saturation=1))
    monkeypatch.setattr(fullsize, "BAND", 7)
    banded = np.asarray(fullsize.finish(chelsea, small(chelsea, 40), saturation=1))
    np.testing.assert_array_equal(whole, banded)


def test_small_colours_stay_as_they_are(chelsea):
    grey, ab = fullsize.small_grey(chelsea.convert("L"), small(chelsea, 64)), small(chelsea, 64)
    slope, offset = fullsize.guided(grey, ab)
    np.testing.assert_allclose(slope * grey[..., None] + offset, ab, atol=1e-6)


def test_colours_follow_an_edge_that_bilinear_upsampling_blurs():
    truth = np.zeros((320, 320, 3), "uint8")
    truth[:, :165], truth[:, 165:] = (160, 60, 40), (60, 130, 200)
    truth = Image.fromarray(truth)
    errors = []
    for epsilon in (fullsize.EPSILON / 50, 1e9):  # without slopes it is bilinear
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fullsize, "EPSILON", epsilon)
            errors.append(off(fullsize.finish(truth, small(truth, 20), saturation=1), truth))
    assert errors[0] < errors[1]


def test_a_picture_smaller_than_its_colours_is_coloured_too(chelsea):
    tiny = chelsea.resize((45, 30))
    assert off(fullsize.finish(tiny, small(chelsea, 256), saturation=1), tiny) < 6


def test_the_same_picture_has_the_same_colours_at_any_size(chelsea):
    outputs = []
    for side in (300, 1000, 2500):
        given = chelsea.resize(box_of(*chelsea.size, side)[2:], Image.Resampling.BICUBIC)
        output = fullsize.finish(given, small(chelsea, 128), saturation=1)
        outputs.append(output.resize((150, 100), Image.Resampling.BOX))
    assert max(off(each, outputs[0]) for each in outputs) < 1.5
