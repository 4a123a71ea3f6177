"""A film's frame -> its grey, as of pictures: 8 bits, full range, BT.601 luma of its RGB."""

from typing import Any

import numpy as np
from av.video.reformatter import Interpolation
from PIL import Image

from colornet.images import photo

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
LIMITED = 1  # a range of AVColorRange: black is 16, white 235
LOOK = 64  # pixels of the sides of the sample that tells whether a frame has colour


def grey(frame: Any, width: int, height: int) -> Image.Image:
    """A decoded frame in grey, mode L, at a size that differs if the film changes its own."""
    same = (frame.width, frame.height) == (width, height)
    size = {} if same else {"width": width, "height": height}
    luma = frame.reformat(format="gray", interpolation=EXACT, **size).to_ndarray()
    # swscale takes greys for full range, and players those of films without chroma for limited
    if frame.format.name.startswith("gray") and frame.color_range <= LIMITED:
        luma = _widened()[luma]
    return Image.fromarray(luma)


def _widened() -> np.ndarray:
    return np.clip(np.round((np.arange(256) - 16) * (255 / 219)), 0, 255).astype("uint8")


def is_coloured(frame: Any) -> bool:
    """Whether a frame has colour, by the same measure as a picture."""
    if frame.format.name.startswith("gray"):
        return False
    sample = frame.reformat(LOOK, LOOK, "rgb24", interpolation="BILINEAR")
    return not photo.is_grey(Image.fromarray(sample.to_ndarray()))
