"""EfficientNet-Lite's layers, with names under which `weights.adopt` finds them.

Tan, Le, "EfficientNet" (arXiv:1905.11946), table 1; Lite is the variant without
squeeze-and-excitation and with ReLU6, of Google's TPU repository.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
from keras import layers

WIDTH, DEPTH = 1.1, 1.2  # of Lite2: how much wider and deeper than EfficientNet-B0
EPSILON = 1e-3  # of batch normalization, as published
# Repeats, kernel, stride, expansion, channels of B0's stages
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
HEAD = 1280  # channels of the last convolution
CLASSES = 1000


class Block(NamedTuple):
    """An inverted residual block; `expansion`: channels inside, as a multiple of those before."""

    kernel: int
    stride: int
    expansion: int
    channels: int


def blocks(width: float, depth: float) -> Iterator[Block]:
    """The blocks in their order. Width and depth leave the stem, depth the two outer stages."""
    for number, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES):
        if number not in (0, len(STAGES) - 1):
            repeats = math.ceil(repeats * depth)
        for place in range(repeats):
            yield Block(kernel, stride if place == 0 else 1, expansion, _scaled(channels, width))


def _scaled(channels: int, width: float) -> int:
    """A multiple of 8 that is not below 90 % of channels * width, as published."""
    rounded = max(8, int(channels * width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * width else rounded


def encode(
    rgb: Any, *, width: float = WIDTH, depth: float = DEPTH, momentum: float = 0.99
) -> dict[int, Any]:
    """The features of pictures at each scale, without the head.

    rgb: (B, H, W, 3) float32, (value - 127) / 128 of [0, 255]; H and W multiples of 32. Returns
    {2: (B, H/2, W/2, C), 4: ..., 8: ..., 16: ..., 32: ...}. momentum: of the running averages of
    batch normalization.
    """
    x = conv(rgb, "stem", 32, kernel=3, strides=2, relu=6.0, momentum=momentum)
    found, scale = {}, 2
    for number, block in enumerate(blocks(width, depth)):
        if block.stride == 2:
            found[scale] = x
            scale *= 2
        x = _block(x, f"block{number}", block, momentum)
    return {**found, scale: x}


def _block(x: Any, name: str, block: Block, momentum: float) -> Any:
    before = x
    if block.expansion != 1:
        inside = block.expansion * x.shape[-1]
        x = conv(x, f"{name}_expand", inside, relu=6.0, momentum=momentum)
    depthwise = layers.DepthwiseConv2D(
        block.kernel, strides=block.stride, padding="same", use_bias=False, name=f"{name}_depth"
    )
    x = _normalized(depthwise(x), f"{name}_depth", 6.0, momentum)
    x = conv(x, f"{name}_project", block.channels, momentum=momentum)
    if block.stride == 1 and before.shape[-1] == block.channels:
        x = layers.Add(name=f"{name}_add")([before, x])
    return x


def conv(
    x: Any,
    name: str,
    filters: int,
    *,
    kernel: int = 1,
    strides: int = 1,
    relu: float | None = None,
    momentum: float = 0.99,
) -> Any:
    """A convolution without bias and batch normalization; with `relu`, ReLU up to this value."""
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.HeNormal(),
        name=name,
    )(x)
    return _normalized(x, name, relu, momentum)


def _normalized(x: Any, name: str, relu: float | None, momentum: float) -> Any:
    x = layers.BatchNormalization(momentum=momentum, epsilon=EPSILON, name=f"{name}_norm")(x)
    if relu is None:
        return x
    return layers.ReLU(relu if math.isfinite(relu) else None, name=f"{name}_relu")(x)


def head(x: Any, momentum: float = 0.99) -> Any:
    """The last convolution, (B, H/32, W/32, C) -> (B, H/32, W/32, HEAD)."""
    return conv(x, "head", HEAD, relu=6.0, momentum=momentum)


def classifier() -> keras.Model:
    """Lite2: (B, H, W, 3) float32 as `encode` takes it -> (B, CLASSES) float32, the logits."""
    rgb = keras.Input((None, None, 3), name="rgb")
    x = layers.GlobalAveragePooling2D(name="mean")(head(encode(rgb)[32]))
    return keras.Model(rgb, layers.Dense(CLASSES, name="classes")(x), name="efficientnet_lite2")
