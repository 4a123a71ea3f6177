"""Small pictures for tests."""

import numpy as np
from PIL import Image


def colourful(number: int) -> Image.Image:
    """A picture of smooth colours that differ in hue: wide, tall and square ones in turn."""
    width, height = [(48, 36), (36, 60), (40, 40)][number % 3]
    random = np.random.default_rng(number)
    coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def opened(file) -> Image.Image:
    """A picture file read whole and closed."""
    with Image.open(file) as image:
        image.load()
    return image
