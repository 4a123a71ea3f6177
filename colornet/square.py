"""A picture of any shape <-> what networks take: a padded square, or the picture alone.

Knows no files and no colours.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image

MULTIPLE = 32  # pixels: networks halve each side up to five times


class Box(NamedTuple):
    """The part of a square that is picture and not padding, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, square: np.ndarray) -> np.ndarray:
        """The picture in a square (size, size, ...): a view, (height, width, ...)."""
        return square[self.top : self.top + self.height, self.left : self.left + self.width]


def box_of(width: int, height: int, size: int) -> Box:
    """The box of a picture of width x height: centred, its longer side as long as the square's."""
    scale = size / max(width, height)
    inner_width, inner_height = (max(1, round(side * scale)) for side in (width, height))
    return Box((size - inner_width) // 2, (size - inner_height) // 2, inner_width, inner_height)


def letterbox(image: Image.Image, *, size: int) -> tuple[Image.Image, Box]:
    """A picture of mode "RGB" or "L" in a black square of size x size, and its box."""
    box = box_of(*image.size, size)
    square = Image.new(image.mode, (size, size))
    inner = image.resize((box.width, box.height), Image.Resampling.LANCZOS)
    square.paste(inner, (box.left, box.top))
    return square, box


def rounded(width: int, height: int, size: int) -> tuple[int, int]:
    """The width and height at which a network sees a picture without padding.

    The longer side has `size` pixels, and each side is rounded to a multiple of MULTIPLE.
    """
    scale = size / max(width, height)
    across, down = (
        max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in (width, height)
    )
    return across, down


def resized(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """(h, w, C) float32 -> (height, width, C) float32, bilinear; unchanged at the same size."""
    if values.shape[:2] == (height, width):
        return values
    channels = np.moveaxis(np.asarray(values, "float32"), 2, 0)
    larger = [
        Image.fromarray(np.ascontiguousarray(channel)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        for channel in channels
    ]
    return np.stack([np.asarray(channel) for channel in larger], axis=2)
