"""Losses over the box: padding and what augmentation moved into the square do not count."""

import keras
from keras import ops

FLOOR = 5e-4  # (ab/128)², 2.9 units of ab: an error below it hardly pays


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


@keras.saving.register_keras_serializable("colornet")
class Vivid(keras.losses.Loss):
    """A picture's error in decibels, less what its colourfulness is worth.

    The squared error alone is smallest for the mean of what may be, which is brown, and is ruled by
    the few pictures of much colour. Here each picture counts alike, as in PSNR, and colour has a
    price: the network spends it where the least error comes of it. `worth`: decibels for a unit of
    ab in colourfulness, which is the spread of the colours over the box and 0.3 of the distance of
    their mean from grey, after Hasler and Suesstrunk (2003). Where colour is worth more than its
    error can cost, the loss falls without end: the U-Net learned with 0.14 at 256 pixels, and not
    with 0.21.
    """

    def __init__(self, worth: float, name: str = "vivid", **kwargs):
        super().__init__(name=name, **kwargs)
        self.worth = worth

    def call(self, target, ab):
        """target: (B, H, W, 3), ab: (B, H, W, 2), as `mse` takes them. Returns (B,) float32."""
        weight = target[..., 2:]
        ab = ops.cast(ab, target.dtype)
        pixels = ops.maximum(ops.sum(weight, axis=(1, 2, 3), keepdims=True), 1)
        mean = ops.sum(weight * ab, axis=(1, 2), keepdims=True) / pixels
        variance = ops.sum(weight * ops.square(ab - mean) / pixels, axis=(1, 2, 3))
        cast = ops.sum(ops.square(mean), axis=(1, 2, 3))
        # The root of 0 has no slope: 1e-6 is an eighth of a unit.
        colourfulness = ops.sqrt(variance + 1e-6) + 0.3 * ops.sqrt(cast + 1e-6)
        decibels = 10 * ops.log10(mse(target, ab) + FLOOR)
        return decibels - self.worth * 128 * colourfulness

    def get_config(self):
        return {**super().get_config(), "worth": self.worth}
