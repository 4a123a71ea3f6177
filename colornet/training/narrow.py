"""Convolutions of few channels as products of matrices, for JAX on a GPU.

What cuDNN offers for them is made for many: beta's first and last convolution took 1.2 of the 4.7
ms of a training step on an H200.
"""

import functools
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np

ALIGNED = 8  # channels that tensor cores take at once


def widen(network: keras.Model) -> keras.Model:
    """The same network, its convolutions with fewer than ALIGNED channels computed in other ways.

    Its file, its weights and, but for rounding, its results stay.
    """
    for layer in network.layers:
        if type(layer) is keras.layers.Conv2D and layer.padding == "same":
            given, filters = layer.kernel.shape[2:]
            if given < ALIGNED:
                layer.convolution_op = functools.partial(gathered, strides=layer.strides)
            elif filters < ALIGNED and layer.strides == (1, 1):
                layer.convolution_op = scattered
    return network


def gathered(inputs: Any, kernel: Any, *, strides: tuple[int, int]) -> Any:
    """A product of matrices: the neighbours of each pixel, beside each other, and the kernel."""
    sides, (given, filters) = kernel.shape[:2], kernel.shape[2:]
    spans, margins = [], []
    for count, side, stride in zip(inputs.shape[1:3], sides, strides, strict=True):
        spans.append((-(-count // stride) - 1) * stride + 1)  # from the first place to the last
        margin = max(spans[-1] + side - 1 - count, 0)
        margins.append((margin // 2, margin - margin // 2))
    inputs = jnp.pad(inputs, ((0, 0), *margins, (0, 0)))
    down, across = strides
    neighbours = [
        inputs[:, row : row + spans[0] : down, column : column + spans[1] : across]
        for row, column in np.ndindex(*sides)
    ]
    gap = -len(neighbours) * given % ALIGNED
    neighbours.append(jnp.zeros((*neighbours[0].shape[:3], gap), inputs.dtype))
    kernel = jnp.pad(jnp.reshape(kernel, (-1, filters)), ((0, gap), (0, 0)))
    return jnp.concatenate(neighbours, axis=-1) @ kernel


def scattered(inputs: Any, kernel: Any) -> Any:
    """A product of matrices: what each pixel gives to each of its neighbours, who then add it."""
    sides, filters = kernel.shape[:2], kernel.shape[-1]
    rows, columns = inputs.shape[1:3]
    kernel = jnp.transpose(kernel, (2, 0, 1, 3)).reshape(kernel.shape[2], -1)
    gap = -kernel.shape[1] % ALIGNED
    given = inputs @ jnp.pad(kernel, ((0, 0), (0, gap)))
    margins = [((side - 1) // 2, side // 2) for side in sides]
    given = jnp.pad(given, ((0, 0), *margins, (0, 0)))
    return sum(
        given[:, row : row + rows, column : column + columns, filters * n : filters * (n + 1)]
        for n, (row, column) in enumerate(np.ndindex(*sides))
    )
