import itertools

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from colornet.colour import lab
from colornet.system import quiet

quiet.import_tensorflow()

import tensorflow as tf  # noqa: E402
from keras import ops  # noqa: E402

CORNERS = np.array(list(itertools.product([0, 255], repeat=3)), "uint8")


def colours(count, seed=0):
    """(1, count + 8, 3) uint8: random colours and the corners of the cube."""
    random = np.random.default_rng(seed).integers(0, 256, (count, 3), dtype=np.uint8)
    return np.concatenate([random, CORNERS])[None]


def lightness_of(rgb):
    """The L of the colours themselves, (..., 1) float32 in [0, 1], not that of their grey."""
    return (rgb2lab(rgb)[..., :1] / 100).astype("float32")


def test_ab_is_that_of_skimage():
    rgb = colours(20_000)
    np.testing.assert_allclose(lab.ab(rgb) * 128, rgb2lab(rgb)[..., 1:], atol=1e-3)


def test_lightness_of_a_grey_is_that_of_skimage():
    greys = np.arange(256, dtype="uint8")
    expected = rgb2lab(np.stack([greys] * 3, axis=-1))[..., 0]
    np.testing.assert_allclose(lab.lightness(greys) * 100, expected, atol=1e-3)
    assert lab.lightness(greys).min() == 0 and lab.lightness(greys).max() == pytest.approx(1)


def test_ab_stays_in_the_range_that_the_docstring_promises():
    levels = np.arange(0, 256, 5, dtype="uint8")  # 0 and 255 included
    ab = lab.ab(np.stack(np.meshgrid(levels, levels, levels), axis=-1))
    assert -0.85 <= ab.min() < -0.84 and 0.76 < ab.max() <= 0.77


def test_rgb_is_that_of_skimage_where_srgb_can_show_the_colour():
    rgb = colours(20_000, seed=1)
    shrunk = rgb2lab(rgb) * [1, 0.5, 0.5]  # between a colour and its grey: still in the cube
    expected = np.round(lab2rgb(shrunk) * 255)
    ours = lab.rgb(
        (shrunk[..., :1] / 100).astype("float32"), (shrunk[..., 1:] / 128).astype("float32")
    )
    difference = np.abs(ours.astype(int) - expected)
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-3  # ties of rounding


def test_grey_is_pillows_for_every_red_and_green_and_every_fifth_blue():
    level = np.arange(256, dtype="uint8")
    for blue in range(0, 256, 5):
        rgb = np.stack([*np.meshgrid(level, level), np.full((256, 256), blue, "uint8")], axis=-1)
        assert (lab.grey(rgb)[..., 0] == np.asarray(Image.fromarray(rgb).convert("L"))).all()


def test_every_colour_comes_back_from_its_lightness_and_ab():
    rgb = colours(200_000, seed=2)
    assert (lab.rgb(lightness_of(rgb), lab.ab(rgb)) == rgb).all()


def test_every_grey_comes_back_when_left_without_colour():
    grey = np.arange(256, dtype="uint8")[:, None]
    rgb = lab.rgb(lab.lightness(grey), np.zeros((256, 2), "float32"))
    assert (rgb == grey).all() and rgb.dtype == np.uint8


def everything(rgb, xp):
    grey = lab.grey(rgb, xp)
    lightness, ab = lab.lightness(grey, xp), lab.ab(rgb, xp)
    return grey, lightness, ab, lab.rgb(lightness, ab * 0.3, xp)


def agree(ours, reference):
    for got, expected in zip(ours, reference, strict=True):
        got = np.asarray(got)
        assert got.shape == expected.shape and got.dtype == expected.dtype
        atol = 1e-5 if got.dtype == np.float32 else 0
        if got.dtype == np.uint8:
            difference = np.abs(got.astype(int) - expected)
            assert difference.max() <= 1 and (difference > 0).mean() < 1e-4
        else:
            np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_keras_computes_what_numpy_does(dtype):
    rgb = colours(20_000, seed=3).astype(dtype)
    agree(everything(rgb, ops), everything(rgb, np))


def test_inside_tf_data_the_same_comes_out():
    rgb = colours(20_000, seed=4)
    data = tf.data.Dataset.from_tensors(rgb).map(lambda rgb: everything(rgb, ops))
    agree(next(iter(data.as_numpy_iterator())), everything(rgb, np))


def test_shapes_and_dtypes_are_those_of_the_docstrings():
    grey, lightness, ab, rgb = everything(np.zeros((2, 3, 5, 3), "uint8"), np)
    assert (grey.shape, lightness.shape) == ((2, 3, 5, 1), (2, 3, 5, 1))
    assert (ab.shape, rgb.shape) == ((2, 3, 5, 2), (2, 3, 5, 3))
    assert [x.dtype for x in (grey, lightness, ab, rgb)] == ["int32", "float32", "float32", "uint8"]


def wide_colours(count, seed):
    random = np.random.default_rng(seed)
    lightness = random.uniform(0, 1, (count, 1)).astype("float32")
    return lightness, random.uniform(-0.85, 0.85, (count, 2)).astype("float32")


def test_fit_leaves_colours_that_srgb_can_show_untouched():
    rgb = colours(50_000, seed=5)
    ab = lab.ab(rgb)
    np.testing.assert_array_equal(lab.fit(lightness_of(rgb), ab), ab)


def test_fit_keeps_the_lightness_where_clipping_would_change_it():
    lightness, ab = wide_colours(20_000, seed=6)
    fitted = rgb2lab(lab.rgb(lightness, lab.fit(lightness, ab)))[..., :1] / 100
    clipped = rgb2lab(lab.rgb(lightness, ab))[..., :1] / 100
    assert np.abs(clipped - lightness).max() > 0.1
    assert np.abs(fitted - lightness).max() < 0.003  # what rounding to 8 bit does to greys, too


def test_fit_keeps_the_hue_and_takes_no_more_chroma_than_it_must():
    lightness, ab = wide_colours(5_000, seed=7)
    fitted = lab.fit(lightness, ab)
    share = np.linalg.norm(fitted, axis=-1) / np.linalg.norm(ab, axis=-1)
    np.testing.assert_allclose(fitted, ab * share[:, None], atol=1e-6)
    assert (share < 1).any() and (share <= 1 + 1e-6).all()
    # A little more chroma, and sRGB would have to clip.
    more = ab * np.minimum(share + 2 / 2**8, 1)[:, None]
    cut = share < 1 - 2 / 2**8
    back = rgb2lab(lab2rgb(np.concatenate([100 * lightness, 128 * more], -1)[None]))[0, :, 1:]
    assert (np.abs(back - 128 * more).max(axis=-1)[cut] > 0.01).mean() > 0.99


def test_fit_makes_black_and_white_grey_and_keeps_shape():
    lightness = np.array([0, 1], "float32").reshape(1, 2, 1)
    ab = np.full((1, 2, 2), 0.5, "float32")
    fitted = lab.fit(lightness, ab)
    assert fitted.shape == ab.shape and fitted.dtype == np.float32
    assert (lab.rgb(lightness, fitted) == [[[0] * 3, [255] * 3]]).all()
    assert (ab == 0.5).all()
