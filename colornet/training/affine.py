"""Random numbers -> rotation, shear, zoom and flip as one affine transformation.

Works on any Keras backend.
"""

import math

from keras import ops

DRAWS = 5  # random numbers that each picture needs


def transformations(draws, height, width, *, rotation=0.0, shear=0.0, zoom=0.0, flip=False):
    """The affine transformation of each picture, from a place in the output to one in the input.

    draws: (B, DRAWS) float32 in [-1, 1). They decide rotation and shear, in [-amount, amount]
    degrees; the factors of zoom across and down, in [1 - zoom, 1 + zoom]; and, if `flip`, whether
    the picture is mirrored left to right (0 and above). Returns (B, 8) float32, coefficients about
    the centre, as keras.ops.image.affine_transform and TensorFlow's ImageProjectiveTransformV3 take
    them. Without flip it is rotation times shear times zoom, as in apply_affine_transform of
    keras-preprocessing.
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
