"""Random numbers -> rotation, shear, zoom and flip as one affine transformation.

Works on any Keras backend.
"""

import math

import numpy as np
from keras import ops

DRAWS = 5  # random numbers that each picture needs


def transformations(draws, height, width, *, rotation=0.0, shear=0.0, zoom=0.0, flip=False):
    """The affine transformation of each picture, from a place in the output to one in the input.

    draws: (B, DRAWS) float32 in [-1, 1). They decide rotation and shear, in [-amount, amount]
    degrees; the factors of zoom across and down, in [1 - zoom, 1 + zoom]; and, if `flip`, whether
    the picture is mirrored left to right (0 and above). Returns (B, 8) float32, coefficients about
    the centre: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5]; the last two are 0, as
    keras.ops.image.affine_transform has them. Without flip it is rotation times shear times zoom,
    as in apply_affine_transform of keras-preprocessing.
    """
    angle = math.radians(rotation) * draws[:, 0]
    shear = math.radians(shear) * draws[:, 1]
    zoom_x, zoom_y = 1 + zoom * draws[:, 2], 1 + zoom * draws[:, 3]
    if flip:
        zoom_x = ops.where(draws[:, 4] > 0, -zoom_x, zoom_x)
    m00, m01 = ops.cos(angle) * zoom_x, -ops.sin(angle + shear) * zoom_y
    m10, m11 = ops.sin(angle) * zoom_x, ops.cos(angle + shear) * zoom_y
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    move_x = centre_x - m00 * centre_x - m01 * centre_y
    move_y = centre_y - m10 * centre_x - m11 * centre_y
    zero = ops.zeros_like(m00)
    return ops.stack([m00, m01, move_x, m10, m11, move_y, zero, zero], axis=-1)


def origins(moves, height: int, width: int):
    """Where each pixel of the output comes from: x and y, each (B, height, width) float32.

    moves: as `transformations` returns them.
    """
    x, y = np.arange(width, dtype="float32"), np.arange(height, dtype="float32")[:, None]
    m = [moves[:, n, None, None] for n in range(6)]
    return m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]


def inside(boxes, moves, size: int):
    """1 where the pixel nearest to the origin lies in the box, else 0: (B, size, size, 1) float32.

    boxes: (B, 4) int32, as left, top, width and height; moves: as `transformations` returns them.
    """
    left, top, width, height = (ops.cast(boxes[:, n, None, None], "float32") for n in range(4))
    x, y = (ops.round(place) for place in origins(moves, size, size))
    across = ops.logical_and(x >= left, x < left + width)
    down = ops.logical_and(y >= top, y < top + height)
    return ops.cast(ops.logical_and(across, down), "float32")[..., None]
