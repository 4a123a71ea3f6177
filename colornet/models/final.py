"""The final network: lightness and class scores -> colour; encoder, fusion, decoder.

Emil Wallner, "Colorizing B&W Photos with Neural Networks" (FloydHub blog, 2017), after Baldassarre
et al., "Deep Koalarization" (arXiv:1712.03400).
"""

from typing import Any

import keras
from keras import initializers, layers

INPUTS = ("lightness", "class_scores")  # of colour.inputs


def build(*, width: int = 64, classes: int = 1000) -> keras.Model:
    """Fully convolutional: any height and width divisible by 8.

    Inputs `lightness`: (B, H, W, 1) float32 in [0, 1], and `class_scores`: (B, classes) float32.
    Output: (B, H, W, 2) float32 in [-1, 1], ab/128. `width`: channels of the first convolution; 64
    is the published network, of 6,541,202 parameters.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = _conv(lightness, "encoder_conv1", width, strides=2)  # (B, H/2, W/2, 64)
    x = _conv(x, "encoder_conv2", 2 * width)
    x = _conv(x, "encoder_conv3", 2 * width, strides=2)  # (B, H/4, W/4, 128)
    x = _conv(x, "encoder_conv4", 4 * width)
    x = _conv(x, "encoder_conv5", 4 * width, strides=2)  # (B, H/8, W/8, 256)
    x = _conv(x, "encoder_conv6", 8 * width)
    x = _conv(x, "encoder_conv7", 8 * width)
    x = _conv(x, "encoder_conv8", 4 * width)

    class_scores = keras.Input((classes,), name="class_scores")
    x = fuse(x, class_scores)

    x = _conv(x, "decoder_conv1", 2 * width)
    x = layers.UpSampling2D(name="decoder_up1")(x)  # (B, H/4, W/4, 128)
    x = _conv(x, "decoder_conv2", width)
    x = layers.UpSampling2D(name="decoder_up2")(x)  # (B, H/2, W/2, 64)
    x = _conv(x, "decoder_conv3", width // 2)
    x = _conv(x, "decoder_conv4", width // 4)
    # In float32 at any precision of the rest: bfloat16 is too coarse for colours
    x = layers.Conv2D(2, 3, padding="same", activation="tanh", dtype="float32", name="decoder_ab")(
        x
    )
    ab = layers.UpSampling2D(dtype="float32", name="decoder_up3")(x)  # (B, H, W, 2)
    return keras.Model([lightness, class_scores], ab, name="final")


def fuse(x: Any, class_scores: Any) -> Any:
    """A 1x1 convolution over x and the class scores, which are the same at each place.

    x: (B, h, w, C); class_scores: (B, classes). Returns (B, h, w, C). The convolution is linear, so
    the part of the scores is computed once for a picture, as a Dense layer, and added at each
    place. Both parts have the initial weights of one convolution over all channels: Glorot's limit
    depends on the sum of their channels.
    """
    channels, classes = x.shape[-1], class_scores.shape[-1]
    limit = (6 / (channels + classes + channels)) ** 0.5

    def start() -> initializers.Initializer:
        return initializers.RandomUniform(-limit, limit)

    local = layers.Conv2D(channels, 1, kernel_initializer=start(), name="fusion_conv")(x)
    shared = layers.Dense(
        channels, use_bias=False, kernel_initializer=start(), name="fusion_scores"
    )(class_scores)  # (B, 256)
    shared = layers.Reshape((1, 1, channels), name="fusion_broadcast")(shared)
    x = layers.Add(name="fusion_add")([local, shared])
    return layers.Activation("relu", name="fusion_relu")(x)


def _conv(x: Any, name: str, filters: int, *, strides: int = 1) -> Any:
    """A 3x3 convolution with relu."""
    conv = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu", name=name)
    return conv(x)
