"""The network that colours by default: lightness -> colour, on EfficientNet-Lite2's encoder.

A U-Net (Ronneberger, Fischer, Brox, arXiv:1505.04597) whose encoder begins with what it learned on
ImageNet; a view of the whole picture is added where it is smallest.
"""

import math
from typing import Any

import keras
from keras import initializers, layers

from colornet.efficientnet import layers as efficientnet

INPUTS = ("lightness",)  # of colour.inputs
# Of a training with `precision: auto`. bfloat16 makes other convolutions faster, but depthwise ones
# take 3.7 times as long, and a step 1.2 times, on a processor with AMX (benchmarks.depthwise).
CPU_PRECISION = "float32"

# Momentum of batch normalization's running averages; low, so that short trainings converge too.
MOMENTUM = 0.97
NECK = 256  # channels where the picture is smallest


def build(
    *,
    width: float = efficientnet.WIDTH,
    depth: float = efficientnet.DEPTH,
    decoder: tuple[int, ...] = (192, 128, 96, 32),
) -> keras.Model:
    """Fully convolutional: any height and width divisible by 32.

    Input `lightness`: (B, H, W, 1) float32 in [0, 1]. Output: (B, H/2, W/2, 2) float32, ab/128,
    about in [-1, 1]: half the size, because colour needs less detail than lightness. `width` and
    `depth` of the encoder, and the channels of the `decoder` at 1/16, 1/8, 1/4 and 1/2 of the size;
    without arguments 7,010,034 parameters.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.Rescaling(2.0, offset=-1.0, name="scale")(lightness)
    x = layers.Concatenate(name="grey")([x, x, x])
    found = efficientnet.encode(x, width=width, depth=depth, momentum=MOMENTUM)
    x = _neck(found[32])
    for scale, channels in zip((16, 8, 4, 2), decoder, strict=True):
        x = _up(x, found[scale], f"up{scale}", channels, convolutions=2 if scale > 2 else 1)
    # In float32 at any precision of the rest: bfloat16 is too coarse for colours
    ab = layers.Conv2D(
        2,
        3,
        padding="same",
        kernel_initializer=initializers.RandomNormal(stddev=0.001),
        dtype="float32",
        name="answer",
    )(x)
    return keras.Model(lightness, ab, name="lite")


def load_encoder(network: keras.Model) -> None:
    """Gives the encoder its ImageNet weights. Raises what `efficientnet.weights.adopt` raises."""
    from colornet.efficientnet import weights

    weights.adopt(network)


def _neck(x: Any) -> Any:
    """(B, H/32, W/32, C) -> (B, H/32, W/32, NECK): each place, and the whole picture at each."""
    whole = efficientnet.head(x, MOMENTUM)
    whole = layers.GlobalAveragePooling2D(keepdims=True, name="whole")(whole)
    whole = layers.Dense(NECK, activation="relu", name="whole_dense")(whole)
    whole = layers.Dense(NECK, name="whole_out")(whole)  # (B, 1, 1, NECK)
    x = efficientnet.conv(x, "neck", NECK, momentum=MOMENTUM)
    x = layers.Add(name="neck_add")([x, whole])
    return layers.ReLU(name="neck_relu")(x)


def _up(x: Any, skip: Any, name: str, channels: int, *, convolutions: int) -> Any:
    """Twice the size, joined with the features `skip` of the encoder, and 3x3 convolutions."""
    x = layers.UpSampling2D(interpolation="bilinear", name=name)(x)
    x = layers.Concatenate(name=f"{name}_skip")([x, skip])
    for number in range(1, convolutions + 1):
        conv = f"{name}_conv{number}"
        x = efficientnet.conv(x, conv, channels, kernel=3, relu=math.inf, momentum=MOMENTUM)
    return x
