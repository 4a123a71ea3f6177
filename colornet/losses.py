"""Losses over the box: padding and what augmentation moved into the square do not count."""

from keras import ops


def mse(target, ab):
    """Mean squared error of the colour, picture by picture.

    target: (B, H, W, 3) float32, ab in [-1, 1] and the weight of the pixel, 1 in the box and 0
    outside; ab: (B, H, W, 2) float32 in [-1, 1]. Returns (B,) float32; 0 for an empty box.
    """
    truth, weight = target[..., :2], target[..., 2:]
    error = ops.sum(weight * ops.square(ops.cast(ab, truth.dtype) - truth), axis=(1, 2, 3))
    return error / ops.maximum(2 * ops.sum(weight, axis=(1, 2, 3)), 1)


def grey(target, ab):
    """`mse` of leaving the pictures grey, whatever the network says; the baseline."""
    return mse(target, ops.zeros_like(ab))
