"""The beta network: lightness -> colour, 13 convolutions and 3 upsamplings.

Emil Wallner, "Colorizing B&W Photos with Neural Networks" (FloydHub blog, 2017).
"""

from typing import Any

import keras
from keras import layers

INPUTS = ("lightness",)  # of colour.inputs


def build(*, width: int = 64) -> keras.Model:
    """Fully convolutional: any height and width divisible by 8.

    Input `lightness`: (B, H, W, 1) float32 in [0, 1]. Output: (B, H, W, 2) float32 in [-1, 1],
    ab/128. `width`: channels of the first convolution; 64 is the published network, of 3,892,194
    parameters.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = _conv(lightness, "encoder_conv1", width)  # (B, H, W, 64)
    x = _conv(x, "encoder_conv2", width, strides=2)  # (B, H/2, W/2, 64)
    x = _conv(x, "encoder_conv3", 2 * width)
    x = _conv(x, "encoder_conv4", 2 * width, strides=2)  # (B, H/4, W/4, 128)
    x = _conv(x, "encoder_conv5", 4 * width)
    x = _conv(x, "encoder_conv6", 4 * width, strides=2)  # (B, H/8, W/8, 256)
    x = _conv(x, "encoder_conv7", 8 * width)
    x = _conv(x, "encoder_conv8", 4 * width)
    x = _conv(x, "decoder_conv1", 2 * width)
    x = layers.UpSampling2D(name="decoder_up1")(x)  # (B, H/4, W/4, 128)
    x = _conv(x, "decoder_conv2", width)
    x = layers.UpSampling2D(name="decoder_up2")(x)  # (B, H/2, W/2, 64)
    x = _conv(x, "decoder_conv3", width // 2)
    # In float32 at any precision of the rest: bfloat16 is too coarse for colours
    x = layers.Conv2D(2, 3, padding="same", activation="tanh", dtype="float32", name="decoder_ab")(
        x
    )
    ab = layers.UpSampling2D(dtype="float32", name="decoder_up3")(x)  # (B, H, W, 2)
    return keras.Model(lightness, ab, name="beta")


def _conv(x: Any, name: str, filters: int, *, strides: int = 1) -> Any:
    """A 3x3 convolution with relu."""
    conv = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu", name=name)
    return conv(x)
