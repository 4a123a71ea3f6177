"""The U-Net: lightness -> colour, with skip connections and features of the whole picture.

After Ronneberger, Fischer, Brox, "U-Net" (arXiv:1505.04597), with residual blocks (He et al.,
arXiv:1512.03385) and batch normalization (Ioffe, Szegedy, arXiv:1502.03167).
"""

from typing import Any

import keras
from keras import initializers, layers

INPUTS = ("lightness",)  # of colour.inputs

# Momentum of batch normalization's running averages; low, so that short trainings converge too.
MOMENTUM = 0.95


def build(*, width: int = 24) -> keras.Model:
    """Fully convolutional: any height and width divisible by 32.

    Input `lightness`: (B, H, W, 1) float32 in [0, 1]. Output: (B, H, W, 2) float32 in [-1, 1],
    ab/128. `width`: channels of the first convolution; 24 makes 4,605,866 parameters.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    x = layers.AveragePooling2D(2, name="encoder_half")(lightness)  # (B, H/2, W/2, 1)
    x = layers.Rescaling(4.0, offset=-2.0, name="encoder_scale")(x)
    x = quarter = _conv(x, "encoder_conv1", width, kernel=5, strides=2)  # (B, H/4, W/4, 24)
    x = _conv(x, "encoder_conv2", 2 * width, strides=2)
    x = eighth = _block(x, "encoder_block1")  # (B, H/8, W/8, 48)
    x = _conv(x, "encoder_conv3", 4 * width, strides=2)
    x = _block(x, "encoder_block2")
    x = sixteenth = _block(x, "encoder_block3")  # (B, H/16, W/16, 96)
    x = _conv(x, "encoder_conv4", 8 * width, strides=2)
    x = _block(x, "encoder_block4")
    x = _block(x, "encoder_block5")  # (B, H/32, W/32, 192)
    x = _conv(x, "encoder_conv5", 12 * width)
    x = _block(x, "encoder_block6")  # (B, H/32, W/32, 288)

    whole = layers.GlobalAveragePooling2D(keepdims=True, name="context_mean")(x)
    whole = layers.Dense(12 * width, activation="relu", name="context_dense1")(whole)
    whole = layers.Dense(12 * width, name="context_dense2")(whole)  # (B, 1, 1, 288)
    x = layers.Add(name="context_add")([x, whole])
    x = layers.Activation("relu", name="context_relu")(x)

    x = _up(x, sixteenth, "decoder4")
    x = _up(x, eighth, "decoder3")
    x = _up(x, quarter, "decoder2")  # (B, H/4, W/4, 24)
    # In float32 at any precision of the rest: bfloat16 is too coarse for colours
    x = layers.Conv2D(
        2,
        3,
        padding="same",
        activation="tanh",
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name="decoder_ab",
    )(x)
    ab = layers.UpSampling2D(4, interpolation="bilinear", dtype="float32", name="decoder_up")(
        x
    )  # (B, H, W, 2)
    return keras.Model(lightness, ab, name="unet")


def _conv(
    x: Any, name: str, filters: int, *, kernel: int = 3, strides: int = 1, relu: bool = True
) -> Any:
    """A convolution, batch normalization and, if `relu`, its activation."""
    start = initializers.HeNormal()
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer=start,
        name=name,
    )(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x) if relu else x


def _block(x: Any, name: str) -> Any:
    """A residual block: two convolutions, added to what comes in."""
    y = _conv(x, f"{name}_conv1", x.shape[-1])
    y = _conv(y, f"{name}_conv2", x.shape[-1], relu=False)
    x = layers.Add(name=f"{name}_add")([x, y])
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _up(x: Any, skip: Any, name: str) -> Any:
    """Twice the size, joined with the features `skip` of the encoder, and two convolutions."""
    x = layers.UpSampling2D(name=f"{name}_up")(x)
    x = layers.Concatenate(name=f"{name}_skip")([x, skip])
    x = _conv(x, f"{name}_conv1", skip.shape[-1])
    return _conv(x, f"{name}_conv2", skip.shape[-1])
