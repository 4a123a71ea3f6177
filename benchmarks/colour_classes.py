"""Colour as one of 23 x 23 classes: the loss, and the colour that the scores of the classes mean.

After Zhang, Isola, Efros, "Colorful image colorization" (arXiv:1603.08511).
"""

import numpy as np
from keras import ops

from colornet import metrics
from colornet.colour import lab

# (2, CLASSES, CLASSES): a and b of the centre of each class, in units
GRID = (np.indices((metrics.CLASSES, metrics.CLASSES)) - metrics.CLASSES // 2) * metrics.CLASS
TEMPERATURE = 0.38  # of the annealed mean


def cross_entropy(rare=None):
    """Cross-entropy at a quarter of the side, as a loss of (target, scores).

    target: (B, H, W, 3), as `losses.mse` takes it; scores: (B, H/4, W/4, CLASSES²). A colour
    between the centres of classes belongs to the four nearest, in shares. rare: (CLASSES²,), the
    weight of each class, or None.
    """

    def loss(target, scores):
        weight = ops.average_pool(target[..., 2:], 4)
        ab = ops.average_pool(target[..., :2] * target[..., 2:], 4) / ops.maximum(weight, 1e-6)
        place = lab.AB_SCALE / metrics.CLASS * ab + metrics.CLASSES // 2
        a, b = (_nearness(place[..., n : n + 1]) for n in (0, 1))
        share = ops.reshape(a[..., :, None] * b[..., None, :], ops.shape(scores))
        cost = -ops.sum(share * ops.log_softmax(scores), -1, keepdims=True)
        if rare is not None:
            cost = cost * ops.sum(share * rare.astype("float32"), -1, keepdims=True)
        return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(ops.sum(weight, (1, 2, 3)), 1)

    return loss


def _nearness(place):
    """1 at the centre of a class, falling to 0 at its neighbours' centres."""
    return ops.maximum(1 - ops.abs(place - ops.arange(metrics.CLASSES, dtype="float32")), 0.0)


def rebalancing(counts: np.ndarray) -> np.ndarray:
    """The weights of classes with which Zhang et al. train: half of the prior is uniform.

    counts: (CLASSES²,), the pixels in each class. The weighted mean over the pixels is 1.
    """
    rare = 1 / (0.5 / metrics.rarity(counts) + 0.5 / np.count_nonzero(counts))
    return rare / np.sum(counts / counts.sum() * rare)


def decoded(scores):
    """The annealed mean of the classes: (B, h, w, CLASSES²) scores -> (B, 4h, 4w, 2) ab."""
    centres = (GRID.reshape(2, -1).T / lab.AB_SCALE).astype("float32")
    ab = ops.softmax(scores / TEMPERATURE) @ centres
    return ops.image.resize(ab, [4 * side for side in scores.shape[1:3]])
