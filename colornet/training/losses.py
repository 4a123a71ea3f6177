"""Losses over the box: padding and pixels from outside the picture do not count.

A network may return colour at a smaller size than the target's, by a whole factor; the target is
then averaged to that size.
"""

import keras
from keras import ops

from colornet.colour import lab

# A squared error of ab/128, of 2.9 units of ab. Added to the error, so that pictures with a smaller
# one hardly lower the loss any more.
FLOOR = 5e-4


def fitted(target, ab):
    """The target at the size of `ab`: colours and weights are means, of colours only in the box.

    target: (B, F*H, F*W, 3) float32, for a whole number F; ab: (B, H, W, 2). Returns (B, H, W, 3).
    """
    factor = target.shape[1] // ab.shape[1]
    if factor == 1:
        return target
    weight = ops.average_pool(target[..., 2:], factor, strides=factor)
    colour = ops.average_pool(target[..., 2:] * target[..., :2], factor, strides=factor)
    return ops.concatenate([colour / ops.maximum(weight, 1e-6), weight], axis=-1)


def mse(target, ab):
    """Mean squared error of each picture's colour.

    target: (B, F*H, F*W, 3) float32, ab in [-1, 1] and the pixel's weight, 1 in the box and 0
    outside; ab: (B, H, W, 2) float32 in [-1, 1]. Returns (B,) float32; 0 for an empty box.
    """
    target = fitted(target, ab)
    truth, weight = target[..., :2], target[..., 2:]
    error = ops.sum(weight * ops.square(ops.cast(ab, truth.dtype) - truth), axis=(1, 2, 3))
    return error / ops.maximum(2 * ops.sum(weight, axis=(1, 2, 3)), 1)


def grey(target, ab):
    """`mse` of pictures that are left grey, the baseline; of `ab` only the shape matters."""
    return mse(target, ops.zeros_like(ab))


@keras.saving.register_keras_serializable("colornet")
class Vivid(keras.losses.Loss):
    """A picture's error in decibels, less a reward for its colourfulness.

    The squared error alone is smallest for the average of the possible colours, which is brown, and
    the few very colourful pictures dominate it. Here every picture counts the same, as in PSNR, and
    `worth` decibels of error are accepted for each unit of ab of colourfulness, so that the network
    adds colour where it costs least. Colourfulness is the standard deviation of the colours in the
    box plus 0.3 of their mean's distance from grey, after Hasler and Suesstrunk (2003). If `worth`
    is more than any error costs, the loss falls without limit: a U-Net trained well with 0.14 at
    256 pixels, and not with 0.21.
    """

    def __init__(self, worth: float, name: str = "vivid", **kwargs):
        super().__init__(name=name, **kwargs)
        self.worth = worth

    def call(self, target, ab):
        """target and ab as `mse` takes them. Returns (B,) float32."""
        target = fitted(target, ab)
        weight = target[..., 2:]
        ab = ops.cast(ab, target.dtype)
        pixels = ops.maximum(ops.sum(weight, axis=(1, 2, 3), keepdims=True), 1)
        mean = ops.sum(weight * ab, axis=(1, 2), keepdims=True) / pixels
        variance = ops.sum(weight * ops.square(ab - mean) / pixels, axis=(1, 2, 3))
        cast = ops.sum(ops.square(mean), axis=(1, 2, 3))
        # sqrt has an infinite gradient at 0; 1e-6 inside is 0.13 units of ab
        colourfulness = ops.sqrt(variance + 1e-6) + 0.3 * ops.sqrt(cast + 1e-6)
        decibels = 10 * ops.log10(mse(target, ab) + FLOOR)
        return decibels - self.worth * lab.AB_SCALE * colourfulness

    def get_config(self):
        return {**super().get_config(), "worth": self.worth}
