"""Variants of the U-Net, each with one change: trained in about the same time, scored in one way.

The first is the network that ships. Each variant is trained from the same seed on the same number
of windows, or on fewer if its step takes longer. The scores are those of `benchmarks.colours`, on
validation splits. Run it where data/ lies, with the datasets prepared:
python -m benchmarks.designs --train pets --dataset siamese --dataset cats-dogs
"""

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from unittest import mock

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from benchmarks import colour_classes, colours
from colornet import evaluate, metrics, paths
from colornet.colour import lab
from colornet.models import unet
from colornet.training import dataset as data
from colornet.training import losses, network
from colornet.training.augmentation import RandomAffine

BATCH = 16
SHIPPED = losses.Vivid(0.14)


def huber(target, ab, knee=0.05):
    """Huber's loss: squared up to an error of `knee`, linear beyond."""
    truth, weight = target[..., :2], target[..., 2:]
    off = ops.abs(ab - truth)
    cost = ops.where(off < knee, off**2, knee * (2 * off - knee))
    return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(2 * ops.sum(weight, (1, 2, 3)), 1)


def classifier():
    """The U-Net with a score for each class of colours as its output."""
    whole = unet.build()
    x = whole.get_layer("decoder2_conv2_relu").output
    scores = layers.Conv2D(metrics.CLASSES**2, 1, dtype="float32", name="scores")(x)
    return keras.Model(whole.input, scores)


def without(kind: str, name: str = ""):
    """The U-Net without its layers of type `kind` whose names end with `name`.

    Such a layer returns its input, or its first one.
    """
    whole = getattr(layers, kind)

    def make(*arguments, **options):
        if not options["name"].endswith(name):
            return whole(*arguments, **options)
        return lambda x: x[0] if isinstance(x, list) else x

    with mock.patch.object(unet.layers, kind, make):
        return unet.build()


def at_full_size():
    """The U-Net whose encoder gets the picture at full size instead of half."""
    whole = without("AveragePooling2D")
    ab = whole.get_layer("decoder_ab").output
    return keras.Model(whole.input, layers.UpSampling2D(2, interpolation="bilinear")(ab))


# name -> how it differs from the first; share: of the number of windows
VARIANTS = {
    "unet": {},
    "squared error": {"loss": losses.mse},
    "Huber": {"loss": huber},
    "decibels, colour worth nothing": {"loss": losses.Vivid(0.0)},
    "decibels, colour worth 0.07": {"loss": losses.Vivid(0.07)},
    "decibels, colour worth 0.21": {"loss": losses.Vivid(0.21)},
    "classes, annealed mean": {"build": classifier, "loss": colour_classes.cross_entropy()},
    "classes, rebalanced, annealed mean": {"build": classifier, "rebalanced": True},
    "no skip connections": {"build": lambda: without("Concatenate")},
    "no view of the whole": {"build": lambda: without("Add", "context_add")},
    "no normalization": {"build": lambda: without("BatchNormalization")},
    "a third wider": {"build": lambda: unet.build(width=32)},
    "the whole side at the entrance, a quarter of the windows": {
        "build": at_full_size,
        "share": 0.25,
    },
    "beta, a sixth of the windows": {"build": network.architecture("beta").build, "share": 1 / 6},
    "windows of 128 pixels": {"window": 128},
    "rotation 20, shear and zoom 0.2": {"amounts": {"rotation": 20, "shear": 0.2, "zoom": 0.2}},
    "constant learning rate": {"decay": False},
    "gradients clipped to norm 1": {"adam": {"global_clipnorm": 1.0}},
    "mean of the weights (EMA 0.98)": {"adam": {"use_ema": True, "ema_momentum": 0.98}},
}
LOOKUP = "no network: the mean colour of each lightness"
NAMES = [*VARIANTS, LOOKUP]


class Variant:
    """A network trained with one change; `colours.curve` calls `predict` as that of a Colorizer."""

    saturation = 1.0

    def __init__(
        self,
        pictures: int,
        pool: data.Pictures,
        rare: np.ndarray,
        *,
        build: Callable[[], keras.Model] = unet.build,
        window: int = 256,
        share: float = 1.0,
        decay: bool = True,
        amounts: Mapping = MappingProxyType({}),
        loss: Callable = SHIPPED,
        rebalanced: bool = False,
        adam: Mapping = MappingProxyType({}),
    ):
        keras.utils.set_random_seed(0)
        with _precision("mixed_bfloat16"):
            self.network = build()
        steps = int(pictures * share) // BATCH
        rate = keras.optimizers.schedules.CosineDecay(network.RATE, steps)
        self.network.compile(
            keras.optimizers.Adam(rate if decay else network.RATE, **adam),
            colour_classes.cross_entropy(rare) if rebalanced else loss,
            jit_compile=False,
        )
        batches = data.training(
            pool,
            batch_size=BATCH,
            first_step=0,
            seed=0,
            augment=RandomAffine(flip=True, window=window, **amounts),
            loss_over="box",
        )
        began = time.perf_counter()
        self.network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
        self.seconds = time.perf_counter() - began
        self.forward = tf.function(lambda x: self.network(x, training=False))

    def predict(self, grey):
        """(N, H, W) uint8 -> (N, H, W, 2) float32, ab in [-1, 1]."""
        output = self.forward(lab.lightness(grey)[..., None])
        return np.asarray(output if output.shape[-1] == 2 else colour_classes.decoded(output))


class Lookup:
    """The mean colour of each lightness in the training pictures, whatever they show."""

    saturation, seconds = 1.0, 0.0

    def __init__(self, pool):
        found = np.zeros((256, 3))
        for lightness, target in data.fixed(pool, batch_size=BATCH, loss_over="box"):
            shade = np.rint(255 * np.asarray(lightness)[..., 0]).astype("uint8")
            target = np.asarray(target, "float64")
            target[..., :2] *= target[..., 2:]
            for n in range(3):
                found[:, n] += np.bincount(shade.ravel(), target[..., n].ravel(), minlength=256)
        self.colours = (found[:, :2] / np.maximum(found[:, 2:], 1)).astype("float32")

    def predict(self, grey):
        """(N, H, W) uint8 -> (N, H, W, 2) float32, ab in [-1, 1]."""
        return self.colours[np.rint(255 * lab.lightness(grey)).astype("uint8")]


@contextlib.contextmanager
def _precision(policy: str):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    yield
    keras.config.set_dtype_policy(before)


def _cell(scores: dict) -> str:
    """The best gain and its colourfulness, and the gain at half of the colourfulness."""
    half = "–" if scores["half_gain_db"] is None else f"{scores['half_gain_db']:+.2f}"
    return f"{scores['best_gain_db']:+.2f} at {scores['best_share']:.0%}, {half}"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.designs", description=__doc__)
    parser.add_argument("--train", required=True, help="the dataset to train on")
    parser.add_argument("--dataset", action="append", required=True, help="to score; repeatable")
    parser.add_argument("--pictures", type=int, default=12_800, help="windows to train on")
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="only this variant; repeatable"
    )
    options = parser.parse_args(argv)
    pool = data.hold(data.load(options.train, "train"))
    rare = colour_classes.rebalancing(evaluate.colour_counts(paths.prepared(options.train)))
    weights = {dataset: colours.rarity(dataset) for dataset in options.dataset}
    found = {}
    print("| variant | minutes | " + " | ".join(options.dataset) + " |")
    print("|---" * (2 + len(options.dataset)) + "|", flush=True)
    for name in options.only or NAMES:
        if name == LOOKUP:
            variant = Lookup(pool)
        else:
            variant = Variant(options.pictures, pool, rare, **VARIANTS[name])
        scores = {
            dataset: colours.curve(variant, dataset, "validation", None, weights[dataset])
            for dataset in options.dataset
        }
        found[name] = {"seconds": round(variant.seconds), **scores}
        cells = [name, f"{variant.seconds / 60:.1f}", *map(_cell, scores.values())]
        print("| " + " | ".join(cells) + " |", flush=True)
        keras.backend.clear_session()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
