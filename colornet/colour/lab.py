"""RGB <-> lightness and colour in CIE Lab; the only module that knows their formulas and ranges.

sRGB (IEC 61966-2-1), illuminant D65, 2 degree observer: the constants of skimage.color. Functions
with an argument `xp` (numpy or keras.ops) compute the same formula with either; the others take
numpy arrays. Needs numpy alone, so that `colornet.export` can copy this file beside a network.
"""

from typing import Any

import numpy as np

Array = Any  # of numpy, or of the Keras backend behind keras.ops

# http://www.brucelindbloom.com/index.html?Eqn_RGB_XYZ_Matrix.html
XYZ_OF_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
FXYZ_OF_RGB = (XYZ_OF_RGB / WHITE[:, None]).T.astype("float32")
RGB_OF_FXYZ = np.linalg.inv(FXYZ_OF_RGB.astype("float64")).astype("float32")
AB_SCALE = 128.0  # units of a* and b* in 1.0 of an ab array
KNEE = (6 / 29) ** 3
AB_OF_F = (np.array([[500, 0], [-500, 200], [0, -200]]) / AB_SCALE).astype("float32")


def linear(rgb: Array) -> Array:
    """Linear light of sRGB values: (...) float in [0, 1] -> (...) float in [0, 1]."""
    return np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def _f(t: Array, xp: Any) -> Array:
    # The cube root; below KNEE its tangent at KNEE, 7.787 t + 16/116. Written as a sum, because
    # TensorFlow computes that three times as fast as a power inside a `where`.
    root = xp.exp(xp.log(xp.maximum(t, KNEE)) / 3)
    return root + xp.minimum(t - KNEE, 0) / (3 * KNEE ** (2 / 3))


# Tables, because 8 bits hold only 256 values.
LINEAR = linear(np.arange(256) / 255).astype("float32")


def lightness_of(light: Array) -> Array:
    """L*/100 of linear grey light: (...) float in [0, 1] -> (...) float32 in [0, 1]."""
    # Rounded, so that black is exactly 0 instead of 4e-17.
    return ((116 * _f(light.astype("float64"), np) - 16) / 100).round(9).astype("float32")


LIGHTNESS = lightness_of(LINEAR)


def grey(rgb: Array, xp: Any = np) -> Array:
    """The 8-bit grey of a picture: BT.601 luma, rounded as Pillow's convert("L") does.

    rgb: (..., 3) uint8 or int32 in [0, 255]. Returns (..., 1) int32 in [0, 255].
    """
    rgb = xp.array(rgb, dtype="int32")
    red, green, blue = rgb[..., 0:1], rgb[..., 1:2], rgb[..., 2:3]
    return (red * 19595 + green * 38470 + blue * 7471 + 32768) // 65536


def lightness(grey: Array, xp: Any = np) -> Array:
    """L*/100 of an 8-bit grey: (...) integers in [0, 255] -> (...) float32 in [0, 1]."""
    return xp.take(LIGHTNESS, grey)


def ab(rgb: Array, xp: Any = np) -> Array:
    """The colour of a picture.

    rgb: (..., 3) uint8 or int32 in [0, 255]. Returns (..., 2) float32: a* and b* divided by
    AB_SCALE, between -0.85 and 0.77 for sRGB.
    """
    rgb = xp.array(rgb, dtype="int32")
    return xp.matmul(_f(xp.matmul(xp.take(LINEAR, rgb), FXYZ_OF_RGB), xp), AB_OF_F)


def distance(ab: Array, other: Array) -> Array:
    """Euclidean distance in units of ab: two (..., 2) float in [-1, 1] -> (...) float64."""
    return AB_SCALE * np.linalg.norm(np.asarray(ab, "float64") - other, axis=-1)


def _linear_rgb(lightness: Array, ab: Array, xp: Any) -> Array:
    y = (100 * lightness + 16) / 116
    x, z = y + ab[..., 0:1] * (AB_SCALE / 500), y - ab[..., 1:2] * (AB_SCALE / 200)
    f = xp.concatenate([x, y, z], axis=-1)
    xyz = xp.where(f > 6 / 29, f**3, (f - 16 / 116) / 7.787)
    return xp.matmul(xyz, RGB_OF_FXYZ)


def rgb(lightness: Array, ab: Array, xp: Any = np) -> Array:
    """The 8-bit picture of a lightness and a colour.

    lightness: (..., 1) float32 in [0, 1]; ab: (..., 2) float32 in [-1, 1]. Returns (..., 3) uint8.
    Each channel outside sRGB is clipped, which changes the lightness: call `fit` first to keep it.
    """
    return xp.array(xp.round(coded(lightness, ab, xp) * 255), dtype="uint8")


def coded(lightness: Array, ab: Array, xp: Any = np) -> Array:
    """The same as `rgb`, not yet rounded to 8 bits: (..., 3) float32 in [0, 1]."""
    linear = xp.clip(_linear_rgb(lightness, ab, xp), 0.0, 1.0)
    return xp.where(
        linear > 0.0031308,
        1.055 * xp.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055,
        12.92 * linear,
    )


def fit(lightness: Array, ab: Array, *, steps: int = 8) -> Array:
    """Lowers the chroma of colours outside sRGB, so that their lightness and hue stay.

    lightness: (..., 1) float32 in [0, 1]; ab: (..., 2) float32 in [-1, 1]. Returns ab in the same
    shape; each pixel has the largest share of its chroma that fits, with an error of 2**-steps.
    """
    lightness, fitted = np.asarray(lightness, "float32"), np.array(ab, "float32")
    slack = 1e-4  # 100 times the rounding error of float32, and still less than one 8-bit step

    def outside(lightness: Array, ab: Array) -> Array:
        linear = _linear_rgb(lightness, ab, np)
        return ((linear < -slack) | (linear > 1 + slack)).any(axis=-1)

    wide = outside(lightness, fitted)
    lightness, full = lightness[wide], fitted[wide]
    low, high = np.zeros((len(full), 1), "float32"), np.ones((len(full), 1), "float32")
    for _ in range(steps):
        middle = (low + high) / 2
        out = outside(lightness, full * middle)[:, None]
        low, high = np.where(out, low, middle), np.where(out, middle, high)
    fitted[wide] = full * low
    return fitted
