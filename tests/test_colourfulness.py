import numpy as np
import pytest

from colornet.colour import colourfulness, lab
from support.pictures import colourful


def noise(seed, height=24, width=31):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_colourfulness_of_one_flat_colour():
    # rg = 255, yb = 127.5, neither spreads: 0.3 sqrt(255² + 127.5²)
    red = np.zeros((4, 4, 3), "uint8")
    red[..., 0] = 255
    assert colourfulness.colourfulness(red) == pytest.approx(0.3 * 285.0987, abs=1e-3)


def test_colourfulness_of_a_red_and_a_blue_pixel():
    # rg = 100, 0: mean 50, spread 50; yb = 50, -100: mean -25, spread 75.
    picture = np.array([[[100, 0, 0], [0, 0, 100]]], "uint8")
    expected = (50**2 + 75**2) ** 0.5 + 0.3 * (50**2 + 25**2) ** 0.5
    assert colourfulness.colourfulness(picture) == pytest.approx(expected)


def test_colourfulness_of_grey_is_0():
    grey = np.repeat(noise(0)[..., :1], 3, axis=-1)
    assert colourfulness.colourfulness(grey) == 0


def test_saturation_fades_to_grey_and_above_1_keeps_the_mean_colour():
    ab = np.array([[[0.1, 0.0], [0.3, 0.2]]], "float32")
    more = colourfulness.saturate(ab, 2)
    np.testing.assert_allclose(more, [[[0.0, -0.1], [0.4, 0.3]]], atol=1e-6)
    assert more.dtype == np.float32
    assert colourfulness.saturate(ab, 1) is ab
    np.testing.assert_allclose(colourfulness.saturate(ab, 0.5), ab / 2, atol=1e-6)
    assert (colourfulness.saturate(ab, 0) == 0).all()
    assert np.abs(colourfulness.saturate(ab, 100)).max() == 1


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_saturation_reaches_the_share_of_the_photographs(share):
    truths = [np.asarray(colourful(number)) for number in range(3)]
    pale = [(0.2 * lab.ab(truth), truth) for truth in truths]
    found = colourfulness.saturation(share, pale)
    outputs = []
    for ab, truth in pale:
        lightness = lab.lightness(lab.grey(truth))
        ab = lab.fit(lightness, colourfulness.saturate(ab, found))
        outputs.append(colourfulness.colourfulness(lab.rgb(lightness, ab)))
    wanted = share * np.mean([colourfulness.colourfulness(truth) for truth in truths])
    assert np.mean(outputs) == pytest.approx(wanted, rel=0.01)
    assert np.mean(outputs) >= wanted


def test_what_has_no_colour_gets_the_highest_saturation():
    truth = np.asarray(colourful(0))
    assert colourfulness.saturation(0.5, [(np.zeros((*truth.shape[:2], 2)), truth)]) == 8
