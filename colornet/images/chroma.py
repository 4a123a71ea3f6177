"""Whether a picture has colour; its grey."""

import numpy as np
from PIL import Image

# Limits of `colours`, in 8-bit steps. Of 5,529 photographs of pets and things six are below both:
# four grey ones and two old toned ones; the smallest spread of a photograph in colour is 7.0. Grey
# versions of them have 0 and 0, mildly sepia ones a spread of about 4 and a tone of 18 to 38.
GREY_SPREAD, GREY_TONE = 6, 45


def grey(image: Image.Image) -> np.ndarray:
    """(H, W) uint8 in 0 to 255, BT.601 luma: the grey version, here and everywhere in colornet."""
    return np.asarray(image.convert("L"))


def is_grey(image: Image.Image) -> bool:
    """Whether a picture has no colour, or is mildly toned in one colour, as sepia is."""
    spread, tone = colours(image)
    return spread < GREY_SPREAD and tone < GREY_TONE


def colours(image: Image.Image) -> tuple[float, float]:
    """Spread and tone: how far colours are from a curve over lightness and from grey, in steps.

    Both are in 8-bit steps. The colours of a toned picture depend on its lightness alone, so that a
    cubic fit leaves a small spread. Means of 32 x 32 parts remove JPEG noise; the 99th percentile
    still finds a small coloured object.
    """
    image = image if image.mode == "RGB" else image.convert("RGB")
    small = np.asarray(image.resize((32, 32), Image.Resampling.BOX), np.float32)
    red, green, blue = small.reshape(-1, 3).T
    lightness = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
    powers = np.stack([lightness**n for n in range(4)], axis=1)
    chroma = np.stack([red - green, (red + green) / 2 - blue], axis=1)
    rest = chroma - powers @ np.linalg.lstsq(powers, chroma, rcond=None)[0]
    return float(np.percentile(np.hypot(*rest.T), 99)), float(np.hypot(*chroma.T).mean())
