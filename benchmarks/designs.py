"""What was tried for the third network: one change at a time, at equal budget, each scored alike.

Every variant sees as many windows of the train split, from the same seed, and is judged on
validation splits at full size by what benchmarks.colours reports. Run it where data/ lies, with the
sets prepared: python -m benchmarks.designs --train pets --dataset siamese --dataset cats-dogs
"""

import argparse
import contextlib
import json
import time
from unittest import mock

import numpy as np

from benchmarks import colours
from colornet import dataset as data
from colornet import lab, network, quiet

quiet.import_tensorflow()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

from colornet import losses  # noqa: E402
from colornet.models import unet  # noqa: E402

BATCH = 16
STEP = 10  # units of ab between the colours of a classifying network
GRID = np.stack(np.meshgrid(np.arange(-90, 101, STEP), np.arange(-110, 101, STEP), indexing="ij"))


def huber(target, ab, knee=0.05):
    """Squared up to `knee`, linear beyond."""
    truth, weight = target[..., :2], target[..., 2:]
    off = ops.abs(ab - truth)
    cost = ops.where(off < knee, off**2, knee * (2 * off - knee))
    return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(2 * ops.sum(weight, (1, 2, 3)), 1)


def cross_entropy(target, scores):
    """Of colours in steps of 10 units, each shared by its neighbours, at a quarter of the side.

    After Zhang et al. (arXiv:1603.08511), without their rebalancing.
    """
    weight = ops.average_pool(target[..., 2:], 4)
    ab = ops.average_pool(target[..., :2] * target[..., 2:], 4) / ops.maximum(weight, 1e-6)
    near = [
        ops.maximum(1 - ops.abs(128 * ab[..., n : n + 1] - axis.astype("float32")) / STEP, 0)
        for n, axis in ((0, GRID[0, :, 0]), (1, GRID[1, 0]))
    ]
    share = near[0][..., :, None] * near[1][..., None, :]
    share = ops.reshape(share, ops.shape(scores))
    cost = -ops.sum(share * ops.log_softmax(scores), -1, keepdims=True)
    return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(ops.sum(weight, (1, 2, 3)), 1)


def classifier():
    """The U-Net with a score for each colour in place of the colour."""
    whole = unet.build()
    x = whole.get_layer("decoder2_conv2_relu").output
    count = GRID[0].size
    return keras.Model(whole.input, layers.Conv2D(count, 1, dtype="float32", name="scores")(x))


def decoded(scores, temperature: float):
    """The annealed mean, (B, H, W, 2), of scores at a quarter of the side."""
    colour = ops.softmax(scores / temperature) @ (GRID.reshape(2, -1).T / 128).astype("float32")
    return ops.image.resize(colour, [4 * side for side in scores.shape[1:3]])


def without_normalization():
    with mock.patch.object(unet.layers, "BatchNormalization", lambda **_: lambda x: x):
        return unet.build()


def without_context():
    with mock.patch.object(unet.layers, "Add", _Skipped):
        return unet.build()


class _Skipped(layers.Add):
    def call(self, inputs):
        left_out = self.name == "context_add"  # times 0, so that its weights have a gradient
        return inputs[0] + 0 * inputs[1] if left_out else super().call(inputs)


# name -> what differs from the first
VARIANTS = {
    "unet": {},
    "beta": {"build": lambda: network.architecture("beta").build()},
    "whole pictures at 256, a quarter as many": {"window": None, "share": 0.25},
    "no normalization": {"build": without_normalization},
    "no view of the whole": {"build": without_context},
    "a third wider": {"build": lambda: unet.build(width=32)},
    "constant learning rate": {"decay": False},
    "rotation 20, shear and zoom 0.2": {"amounts": {"rotation": 20, "shear": 0.2, "zoom": 0.2}},
    "log of each picture's error": {"loss": losses.Vivid(0.0)},
    "Huber": {"loss": huber},
    "each picture's decibels, colour worth 0.14": {"loss": losses.Vivid(0.14)},
    "classes, mean": {"build": classifier, "loss": cross_entropy, "temperature": 1.0},
    "classes, annealed mean": {"build": classifier, "loss": cross_entropy, "temperature": 0.6},
}


class Variant:
    """Trained with one change; `predict` as a Colorizer's, for `colours.curve`."""

    saturation = 1.0

    def __init__(self, pictures: int, pool, *, build=unet.build, window=128, share=1.0, decay=True,
                 amounts=(), loss=losses.mse, temperature=None):  # fmt: skip
        keras.utils.set_random_seed(0)
        self.temperature = temperature
        with _precision("mixed_bfloat16"):
            self.network = build()
        steps = int(pictures * share) // BATCH
        rate = keras.optimizers.schedules.CosineDecay(network.RATE, steps)
        self.network.compile(
            keras.optimizers.Adam(rate if decay else network.RATE), loss, jit_compile=False
        )
        batches = data.training(
            pool,
            batch_size=BATCH,
            first_step=0,
            seed=0,
            augment=data.RandomAffine(flip=True, window=window, **dict(amounts)),
            square=False,
        )
        began = time.perf_counter()
        self.network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
        self.seconds = time.perf_counter() - began
        self.forward = tf.function(lambda x: self.network(x, training=False))

    def predict(self, grey):
        answer = self.forward(lab.lightness(grey)[..., None])
        return np.asarray(decoded(answer, self.temperature) if self.temperature else answer)


@contextlib.contextmanager
def _precision(policy: str):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    yield
    keras.config.set_dtype_policy(before)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.designs", description=__doc__)
    parser.add_argument("--train", required=True, help="of data/prepared")
    parser.add_argument("--dataset", action="append", required=True, help="of data/prepared")
    parser.add_argument("--pictures", type=int, default=12_800, help="windows that each sees")
    parser.add_argument("--only", action="append", choices=VARIANTS, help="a variant, by its name")
    options = parser.parse_args(argv)
    pool = data.hold(data.load(options.train, "train"))
    weights = {dataset: colours.rarity(dataset) for dataset in options.dataset}
    found = {}
    print("| variant | minutes | " + " | ".join(options.dataset) + " |")
    print("|---" * (2 + len(options.dataset)) + "|", flush=True)
    for name in options.only or VARIANTS:
        variant = Variant(options.pictures, pool, **VARIANTS[name])
        found[name] = {"seconds": round(variant.seconds)}
        cells = [name, f"{variant.seconds / 60:.1f}"]
        for dataset in options.dataset:
            one = colours.curve(variant, dataset, "validation", None, weights[dataset])
            half = "–" if one["half_gain_db"] is None else f"{one['half_gain_db']:+.2f}"
            cells.append(f"{one['best_gain_db']:+.2f} at {one['best_share']:.0%}, {half}")
            found[name][dataset] = one
        print("| " + " | ".join(cells) + " |", flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
