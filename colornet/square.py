"""A picture of any shape <-> a padded square, which is what networks take.

Knows no files and no colours.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image


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
