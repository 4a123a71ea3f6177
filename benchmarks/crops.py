"""Photographs to measure on: those that scikit-image carries, and crops of them."""

from importlib import resources

import numpy as np
from PIL import Image

from colornet.images import photo
from colornet.sources import bundled


def photographs() -> list[Image.Image]:
    """The bundled photographs in RGB."""
    folder = resources.files("skimage") / "data"
    return [photo.read((folder / one.file).read_bytes()) for one in bundled.PHOTOGRAPHS.values()]


def crops(count: int, size: tuple[int, int]) -> list[Image.Image]:
    """Different square parts of the photographs, resized to `size`; the same in every call."""
    random, whole = np.random.default_rng(0), photographs()
    found = []
    for number in range(count):
        source = whole[number % len(whole)]
        side = random.integers(min(source.size) // 2, min(source.size))
        left, top = random.integers(0, np.array(source.size) - side + 1)
        crop = source.crop((left, top, left + side, top + side))
        found.append(crop.resize(size, Image.Resampling.BICUBIC))
    return found
