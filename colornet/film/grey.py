"""A film's frame -> its grey, as of pictures: 8 bits, full range, BT.601 luma of its RGB."""

from typing import Any

from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image

from colornet.images import photo

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
LIMITED = 1  # a range of AVColorRange: black is 16, white 235
# The full range's value for each of the limited one
WIDENED = [min(max(round((value - 16) * 255 / 219), 0), 255) for value in range(256)]
LOOK = 64  # pixels of the sides of the sample that tells whether a frame has colour


class Greys:
    """Makes greys of a film's frames; width, height: theirs, if the film changes its own."""

    def __init__(self, width: int, height: int):
        self._size = {"width": width, "height": height}
        # Each holds tables and buffers for its own kind of work
        self._to_grey, self._to_sample = VideoReformatter(), VideoReformatter()

    def grey(self, frame: Any) -> Image.Image:
        """A decoded frame in grey, mode L."""
        told = {"format": "gray", "interpolation": EXACT, **self._size}
        grey = self._to_grey.reformat(frame, **told)
        plane = grey.planes[0]
        size = (grey.width, grey.height)
        picture = Image.frombuffer("L", size, plane, "raw", "L", plane.line_size, 1)
        # swscale takes greys for full range, and players those of films without chroma for limited
        if frame.format.name.startswith("gray") and frame.color_range <= LIMITED:
            return picture.point(WIDENED)
        return picture

    def has_colour(self, frame: Any) -> bool:
        """Whether a frame has colour, by the same measure as a picture."""
        if frame.format.name.startswith("gray"):
            return False
        told = {"width": LOOK, "height": LOOK, "format": "rgb24", "interpolation": "BILINEAR"}
        sample = self._to_sample.reformat(frame, **told).to_ndarray()
        return not photo.is_grey(Image.fromarray(sample))
