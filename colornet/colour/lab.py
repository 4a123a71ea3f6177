"""RGB <-> (L, ab) in CIE Lab: the only place that knows the ranges.

sRGB (IEC 61966-2-1), illuminant D65, 2 degree observer: the constants of skimage.color.
Every function takes `xp`, numpy or keras.ops, and computes the same formula in either.
"""

import numpy as np

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
AB_SCALE = 128.0
KNEE = (6 / 29) ** 3
AB_OF_F = (np.array([[500, 0], [-500, 200], [0, -200]]) / AB_SCALE).astype("float32")


def linear(rgb):
    """Light of a coded value: (...) in [0, 1] -> (...) in [0, 1] (numpy)."""
    return np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def _f(t, xp):
    # The cube root, and below KNEE its tangent there, 7.787 t + 16/116: as a sum, which TensorFlow
    # computes in a third of the time that a power within a `where` takes.
    root = xp.exp(xp.log(xp.maximum(t, KNEE)) / 3)
    return root + xp.minimum(t - KNEE, 0) / (3 * KNEE ** (2 / 3))


# An 8-bit value has 256 linear ones, and an 8-bit grey 256 lightnesses: looked up, not computed.
LINEAR = linear(np.arange(256) / 255).astype("float32")


def lightness_of(light):
    """L of a grey light: (...) float in [0, 1] -> (...) float32 in [0, 1] (numpy)."""
    # Rounded, so that black is 0 and not 4e-17.
    return ((116 * _f(light.astype("float64"), np) - 16) / 100).round(9).astype("float32")


LIGHTNESS = lightness_of(LINEAR)


def grey(rgb, xp=np):
    """The 8-bit grey of a picture, as Pillow's convert("L") rounds it (BT.601 luma).

    rgb: (..., 3) uint8 or int32 in [0, 255]. Returns (..., 1) int32 in [0, 255].
    """
    rgb = xp.array(rgb, dtype="int32")
    red, green, blue = rgb[..., 0:1], rgb[..., 1:2], rgb[..., 2:3]
    return (red * 19595 + green * 38470 + blue * 7471 + 32768) // 65536


def lightness(grey, xp=np):
    """L of an 8-bit grey: (...) integers in [0, 255] -> (...) float32 in [0, 1] (L* / 100)."""
    return xp.take(LIGHTNESS, grey)


def ab(rgb, xp=np):
    """The colour of a picture.

    rgb: (..., 3) uint8 or int32 in [0, 255]. Returns (..., 2) float32, a* and b* over 128: for
    sRGB in [-0.85, 0.77].
    """
    rgb = xp.array(rgb, dtype="int32")
    return xp.matmul(_f(xp.matmul(xp.take(LINEAR, rgb), FXYZ_OF_RGB), xp), AB_OF_F)


def _linear_rgb(lightness, ab, xp):
    y = (100 * lightness + 16) / 116
    x, z = y + ab[..., 0:1] * (AB_SCALE / 500), y - ab[..., 1:2] * (AB_SCALE / 200)
    f = xp.concatenate([x, y, z], axis=-1)
    xyz = xp.where(f > 6 / 29, f**3, (f - 16 / 116) / 7.787)
    return xp.matmul(xyz, RGB_OF_FXYZ)


def rgb(lightness, ab, xp=np):
    """The 8-bit picture of a lightness and a colour.

    lightness: (..., 1) float32 in [0, 1]; ab: (..., 2) float32 in [-1, 1]. Returns (..., 3) uint8.
    What sRGB cannot show is clipped channel by channel; call `fit` first to keep the lightness.
    """
    return xp.array(xp.round(coded(lightness, ab, xp) * 255), dtype="uint8")


def coded(lightness, ab, xp=np):
    """As `rgb`, before it is rounded to 8 bits: (..., 3) float32 in [0, 1]."""
    linear = xp.clip(_linear_rgb(lightness, ab, xp), 0.0, 1.0)
    return xp.where(
        linear > 0.0031308,
        1.055 * xp.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055,
        12.92 * linear,
    )


def fit(lightness, ab, *, steps=8):
    """Takes chroma from colours that sRGB cannot show, so that their lightness stays (numpy).

    lightness: (..., 1) float32 in [0, 1]; ab: (..., 2) float32 in [-1, 1]. Returns ab, same shape,
    where each pixel kept its hue and the largest share of its chroma that fits, to 2**-steps.
    """
    lightness, fitted = np.asarray(lightness, "float32"), np.array(ab, "float32")
    slack = 1e-4  # 100 times what float32 leaves of a colour in the cube, still black at 8 bit

    def outside(lightness, ab):
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
