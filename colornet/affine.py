"""Draws -> rotation, shear, zoom and flip as one affine transformation; on any Keras backend."""

import math

from keras import ops


def transformations(draws, height, width, *, rotation=0.0, shear=0.0, zoom=0.0, flip=False):
    """Where each pixel of an augmented picture comes from.

    draws: (B, 5) float32 in [-1, 1), of which each picture takes its rotation and its shear in
    [-amount, amount] degrees, its factors of zoom across and down in [1 - zoom, 1 + zoom], and
    whether it is flipped left to right (0 and above, if `flip`). Returns (B, 8) float32, the
    coefficients of output place -> input place about the centre, as
    keras.ops.image.affine_transform and TensorFlow's ImageProjectiveTransformV3 take them.
    The same as rotation times shear times zoom in keras-preprocessing's apply_affine_transform,
    and then the flip.
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
