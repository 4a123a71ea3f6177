"""Greys of colour photographs that are not the usual one: other films, and worn prints.

A network that sees them too colours old photographs better. Works on any Keras backend.
"""

import numpy as np
from keras import ops

# Numbers that each picture needs: the weights of R, G and B; gamma, black, white, grain, and its
# place in the bank
DRAWS = 8
# As in colour.lab.grey: BT.601's luma, whose weights are parts of 65536
LUMA = (19595, 38470, 7471)
SHARES = (2.0, 4.0, 2.0)  # of the Dirichlet distribution of other weights
GAMMA, BLACK, WHITE, GRAIN = 0.35, (-0.05, 0.15), (0.85, 1.05), 0.06
PLAIN = np.array([*LUMA, 1, 0, 1, 0, 0], "float32")
# Each picture takes a part of these normal numbers, from its own place on. Backends draw different
# random numbers, and these are the same for all.
BANK = 2**18


def draw(random: np.random.Generator, *, other_greys: float, worn: float) -> np.ndarray:
    """The numbers of one picture, (DRAWS,) float32.

    other_greys, worn: the shares of pictures with other weights, and of worn ones.
    """
    changed, aged = random.uniform(0, 1, 2)
    numbers = PLAIN.copy()
    weights = random.dirichlet(SHARES)
    if changed < other_greys:
        numbers[:2] = np.rint(65536 * weights[:2])
        numbers[2] = 65536 - numbers[:2].sum()
    gamma = np.exp(random.uniform(-GAMMA, GAMMA))
    worn_numbers = gamma, random.uniform(*BLACK), random.uniform(*WHITE), random.uniform(0, GRAIN)
    if aged < worn:
        numbers[3:7] = worn_numbers
        numbers[7] = random.integers(BANK)
    return numbers


def bank() -> np.ndarray:
    """(BANK,) float32, normally distributed with mean 0 and deviation 1; always the same."""
    return np.random.default_rng(0).standard_normal(BANK, "float32")


def make(rgb, numbers, grain):
    """The 8-bit grey of each picture as its numbers have it.

    rgb: (B, H, W, 3) int32 in [0, 255]; numbers: (B, DRAWS) float32; grain: as `bank` returns it.
    Returns (B, H, W, 1) int32 in [0, 255]: with PLAIN what `colour.lab.grey` returns.
    """
    weights = ops.cast(numbers[:, None, None, :3], "int32")
    grey = (ops.sum(rgb * weights, axis=-1, keepdims=True) + 32768) // 65536
    gamma, black, white, amount = (numbers[:, None, None, n : n + 1] for n in range(3, 7))
    light = ops.maximum(ops.cast(grey, "float32") / 255, 1e-3) ** gamma
    height, width = rgb.shape[1:3]
    place = ops.cast(numbers[:, 7:], "int32") + np.arange(height * width, dtype="int32")
    noise = ops.reshape(ops.take(grain, place % BANK, axis=0), (-1, height, width, 1))
    light = black + (white - black) * light + amount * noise
    return ops.cast(ops.round(255 * ops.clip(light, 0.0, 1.0)), "int32")
