"""Colour as one of the cells of ab that sRGB reaches: a second output of lite, and its loss.

After Zhang, Isola, Efros, "Colorful image colorization" (arXiv:1603.08511). The head is there in
training alone.
"""

import functools
from unittest import mock

import keras
import numpy as np
from keras import layers, ops

from colornet.colour import lab
from colornet.models import lite
from colornet.training import losses

SIDE = 10  # of a cell, in units of ab
WEIGHT = 0.3  # of the cross-entropy beside the other loss
SOFT = 50  # a pixel belongs to cells in shares that fall with the squared distance, in units


@functools.cache
def cells() -> np.ndarray:
    """(K, 2) float32: the centres of the cells, in units of ab."""
    levels = np.arange(0, 256, 5, dtype="uint8")
    rgb = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    ab = lab.AB_SCALE * lab.ab(rgb)
    return (np.unique(np.round(ab / SIDE), axis=0) * SIDE).astype("float32")


def distances(ab):
    """(..., 2) float, ab in [-1, 1] -> (..., K): squared, to each cell, in units."""
    ab = lab.AB_SCALE * ab[..., None, :]
    return ops.sum(ops.square(ab - cells()), axis=-1)


def rebalancing(share: np.ndarray) -> np.ndarray:
    """The root of the weights with which Zhang et al. train; share: (K,), of the pixels."""
    rare = np.sqrt(1 / (0.5 * share + 0.5 / len(share)))
    return (rare / np.sum(share * rare)).astype("float32")


def cross_entropy(target, scores, rare):
    """target: (B, 4H, 4W, 3), as `losses.mse` takes it; scores: (B, H, W, K) -> a number."""
    distance = distances(losses.fitted(target, scores)[..., :2])
    weight = ops.take(rare, ops.argmin(distance, axis=-1))
    shares = ops.softmax(-distance / SOFT)
    return ops.mean(-weight * ops.sum(shares * ops.log_softmax(scores), axis=-1))


@keras.saving.register_keras_serializable("benchmarks")
class WithCells(keras.Model):
    """A network with a second output for training: scores of the cells at a quarter of the size."""

    rare = None  # as `rebalancing` returns it; set before training

    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training, mask=mask)
        return outputs if training else outputs[0]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        ab, *scores = y_pred if isinstance(y_pred, list) else [y_pred]
        loss = super().compute_loss(x, y, ab, sample_weight, training)
        return loss + sum(WEIGHT * cross_entropy(y, each, self.rare) for each in scores)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        ab = y_pred[0] if isinstance(y_pred, list) else y_pred
        return super().compute_metrics(x, y, ab, sample_weight)


def with_cells(build, rare: np.ndarray) -> WithCells:
    """What `build` of lite makes, with the second output."""
    plain = build()
    quarter = [each.output for each in plain.layers if each.name.startswith("up4_conv")][-1]
    scores = layers.Conv2D(len(cells()), 1, dtype="float32", name="cells")(quarter)
    built = WithCells(plain.input, [plain.output, scores], name=plain.name)
    built.rare = rare
    return built


def plain(network: WithCells) -> keras.Model:
    """The network without its second output."""
    return keras.Model(network.input, network.output[0], name=network.name)


def training_with_cells(rare: np.ndarray):
    """A context in which lite has the second output."""
    return mock.patch.object(lite, "build", functools.partial(with_cells, lite.build, rare))
