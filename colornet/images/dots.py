"""Pictures made of black and white dots -> the same pictures in greys, which can hold colour.

Dithered 1-bit scans and printed halftones show greys by the density of their dots. Black and white
have no chroma in sRGB, so such a picture stays grey in any colours. Text and drawings in black and
white are not made of dots, and stay as they are.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

TILES, SIDE = 6, 128  # the parts that are looked at: 6 x 6, pixels of a side
# Limits, measured with dithered copies (error diffusion, ordered, round dots 4 to 12 pixels apart)
# of 81 photographs: see tests/test_dots.py. Photographs hold at least 0.8 of the colour that they
# hold when blurred, dotted ones at most 0.5 if their dots are not blurred much themselves.
HELD = 0.6  # of a picture's colour; a picture that holds less may have dots
FLAT = 0.2  # of a drawing's blocks of BLOCK x BLOCK pixels, at least, hold one grey (+- STEPS / 2)
BLOCK, STEPS = 8, 32
SMOOTH = 0.93  # of the colour that the widest blur gives: enough blur
SIGMAS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)  # pixels
WIDEST = 1 / 150  # of the longer side: a wider blur would remove the picture with its dots
BLACK_OR_WHITE = 0.05  # of the colour that middle grey holds; pictures that hold less stay grey


def removed(picture: Image.Image) -> Image.Image | None:
    """A picture of dots as a grey picture of the same size, mode "RGB"; None if it has no dots.

    picture: mode "RGB" or "L".
    """
    tiles = _middle(_tiles(picture))
    if not tiles:
        return None
    means = [tile.reduce(BLOCK) for tile in tiles]
    if _colour(tiles) >= HELD * _colour(means) or _flat(tiles) >= FLAT:
        return None
    return picture.convert("L").filter(_blur(tiles, max(picture.size))).convert("RGB")


def stays_grey(picture: Image.Image) -> bool:
    """Whether a picture, mode "RGB" or "L", is so black and white that no colours show in it."""
    return _colour(list(_tiles(picture))) < BLACK_OR_WHITE


def _tiles(picture: Image.Image) -> Iterator[Image.Image]:
    """Parts of a picture, evenly spread, mode "L"."""
    side = min(SIDE, *picture.size)
    lefts, tops = (
        np.unique(np.linspace(0, length - side, TILES).astype(int)) for length in picture.size
    )
    for top in tops.tolist():
        for left in lefts.tolist():
            yield picture.crop((left, top, left + side, top + side)).convert("L")


def _middle(tiles: Iterator[Image.Image]) -> list[Image.Image]:
    """The tiles that are neither black nor white as a whole."""
    return [tile for tile in tiles if 16 <= np.asarray(tile).mean() < 240]


def _blur(tiles: list[Image.Image], longer: int) -> ImageFilter.GaussianBlur:
    """The narrowest blur that makes greys of the dots; longer: pixels of the longer side."""
    widest = max(4.0, longer * WIDEST)
    blurs = [ImageFilter.GaussianBlur(sigma) for sigma in SIGMAS if sigma <= widest]
    most = _colour([tile.filter(blurs[-1]) for tile in tiles])
    enough = (
        blur for blur in blurs if _colour([tile.filter(blur) for tile in tiles]) >= SMOOTH * most
    )
    return next(enough)


def _colour(tiles: list[Image.Image]) -> float:
    """How much colour the tiles can hold: 0 for black and white, 1 for middle grey."""
    greys = [np.asarray(tile, np.float32) for tile in tiles]
    return float(np.mean([np.minimum(grey, 255 - grey).mean() for grey in greys])) / 127.5


def _flat(tiles: list[Image.Image]) -> float:
    """The share of blocks in which no grey differs: those inside lines and between them."""
    shares = []
    for tile in tiles:
        side = tile.width // BLOCK
        greys = np.asarray(tile)[: side * BLOCK, : side * BLOCK]
        blocks = greys.reshape(side, BLOCK, side, BLOCK)
        shares.append(np.mean(blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)) < STEPS))
    return float(np.mean(shares))
