"""Windows: random parts of photographs, scaled to one size, without any of the padding.

Works on any Keras backend.
"""

from collections.abc import Sequence

import numpy as np
from keras import ops

DRAWS = 6  # random numbers that each picture needs
# The numbers of the window that a validation sees: the whole shorter side, in the middle
CENTRAL = np.array([1, 0, 0, 0, 0, -1], "float32")


def places(draws, boxes, *, narrowest: int | None = None, zoom: float = 0.0) -> Sequence:
    """Left, top, width and height of a window in each square: four of (B,) float32, in pixels.

    draws: (B, DRAWS) float32 in [-1, 1]; boxes: (B, 4) int32, where the photograph lies in its
    square. The first number decides the side, from `narrowest` to the photograph's whole shorter
    side, but always from three quarters of that or less; the next two stretch width and height by
    factors in [1 - zoom, 1 + zoom], up to the photograph's; two more decide the place within it.
    """
    left, top, width, height = (ops.cast(boxes[:, n], "float32") for n in range(4))
    shorter = ops.minimum(width, height)
    low = 0.75 * shorter
    if narrowest is not None:
        low = ops.minimum(low, float(narrowest))
    side = low + _share(draws[:, 0]) * (shorter - low)
    across = ops.minimum(side * (1 + zoom * draws[:, 1]), width)
    down = ops.minimum(side * (1 + zoom * draws[:, 2]), height)
    return (
        left + _share(draws[:, 3]) * (width - across),
        top + _share(draws[:, 4]) * (height - down),
        across,
        down,
    )


def cut(images, boxes, draws, *, window: int, flip: bool = False, **amounts):
    """The windows of photographs, interpolated bilinearly.

    images: (B, S, S, 3) uint8, squares; boxes, draws, amounts: as `places` takes them; flip:
    mirrors those whose last number is above 0. Returns (B, window, window, 3) float32 in [0, 255].
    """
    left, top, across, down = places(draws, boxes, **amounts)
    box = ops.cast(boxes, "float32")
    mirrored = draws[:, 5] > 0 if flip else None
    side = images.shape[1]
    columns = _weights(left, across, box[:, 0], box[:, 2], window, side, mirrored)
    rows = _weights(top, down, box[:, 1], box[:, 3], window, side, None)
    images = ops.cast(images, "float32")
    images = ops.einsum("bvy,byxc->bvxc", rows, images)
    return ops.einsum("bux,bvxc->bvuc", columns, images)


def _share(draw):
    return (draw + 1) / 2


def _weights(first, length, begin, count, window: int, side: int, mirrored):
    """The share of each of `side` pixels in each of `window`: (B, window, side) float32.

    The window begins at `first` and is `length` pixels long; the photograph begins at `begin` and
    has `count` pixels, beyond which no place lies. All are (B,) float32.
    """
    centres = (np.arange(window, dtype="float32") + 0.5) / window
    place = first[:, None] + centres * length[:, None] - 0.5
    if mirrored is not None:
        place = ops.where(mirrored[:, None], place[:, ::-1], place)
    place = ops.clip(place, begin[:, None], begin[:, None] + count[:, None] - 1)
    distance = ops.abs(place[:, :, None] - np.arange(side, dtype="float32"))
    return ops.maximum(1 - distance, 0.0)
