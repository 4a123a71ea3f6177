"""What was tried for the third network: one change at a time, at equal budget, each scored alike.

The first is the network as it ships. Each variant sees as many windows of the train split, from the
same seed, or so many fewer as its step takes longer, and is judged on validation splits by what
benchmarks.colours reports. Run it where data/ lies, with the sets prepared:
python -m benchmarks.designs --train pets --dataset siamese --dataset cats-dogs
"""

import argparse
import contextlib
import json
import time
from unittest import mock

import numpy as np

from benchmarks import colours
from colornet import evaluate, metrics, paths
from colornet.colour import lab
from colornet.system import quiet
from colornet.training import dataset as data
from colornet.training import network

quiet.import_tensorflow()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

from colornet.models import unet  # noqa: E402
from colornet.training import losses  # noqa: E402

BATCH = 16
GRID = (np.indices((metrics.CLASSES, metrics.CLASSES)) - metrics.CLASSES // 2) * metrics.CLASS
SHIPPED = losses.Vivid(0.14)
TEMPERATURE = 0.38  # of the annealed mean, as Zhang et al. found it


def huber(target, ab, knee=0.05):
    """Squared up to `knee`, linear beyond."""
    truth, weight = target[..., :2], target[..., 2:]
    off = ops.abs(ab - truth)
    cost = ops.where(off < knee, off**2, knee * (2 * off - knee))
    return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(2 * ops.sum(weight, (1, 2, 3)), 1)


def cross_entropy(rare=None):
    """Of classes of 10 x 10 units, each colour shared by its neighbours, at a quarter of the side.

    After Zhang et al. (arXiv:1603.08511). rare: (CLASSES²,), the weight of each class, or None.
    """

    def loss(target, scores):
        weight = ops.average_pool(target[..., 2:], 4)
        ab = ops.average_pool(target[..., :2] * target[..., 2:], 4) / ops.maximum(weight, 1e-6)
        place = 128 / metrics.CLASS * ab + metrics.CLASSES // 2
        a, b = (
            ops.maximum(
                1 - ops.abs(place[..., n : n + 1] - ops.arange(metrics.CLASSES, dtype="float32")),
                0.0,
            )
            for n in (0, 1)
        )
        share = ops.reshape(a[..., :, None] * b[..., None, :], ops.shape(scores))
        cost = -ops.sum(share * ops.log_softmax(scores), -1, keepdims=True)
        if rare is not None:
            cost = cost * ops.sum(share * rare.astype("float32"), -1, keepdims=True)
        return ops.sum(weight * cost, (1, 2, 3)) / ops.maximum(ops.sum(weight, (1, 2, 3)), 1)

    return loss


def rebalancing(counts: np.ndarray) -> np.ndarray:
    """The weights of classes that Zhang et al. train with: half of the prior is uniform."""
    rare = 1 / (0.5 / metrics.rarity(counts) + 0.5 / np.count_nonzero(counts))
    return rare / np.sum(counts / counts.sum() * rare)


def classifier():
    """The U-Net with a score for each colour in place of the colour."""
    whole = unet.build()
    x = whole.get_layer("decoder2_conv2_relu").output
    scores = layers.Conv2D(metrics.CLASSES**2, 1, dtype="float32", name="scores")(x)
    return keras.Model(whole.input, scores)


def decoded(scores):
    """The annealed mean, (B, H, W, 2), of scores at a quarter of the side."""
    colours_of = (GRID.reshape(2, -1).T / 128).astype("float32")
    return ops.image.resize(
        ops.softmax(scores / TEMPERATURE) @ colours_of, [4 * side for side in scores.shape[1:3]]
    )


def without(kind: str, name: str = ""):
    """The U-Net, its layers of a kind whose names end so left out: what came first goes on."""
    whole = getattr(layers, kind)

    def make(*arguments, **options):
        if not options["name"].endswith(name):
            return whole(*arguments, **options)
        return lambda x: x[0] if isinstance(x, list) else x

    with mock.patch.object(unet.layers, kind, make):
        return unet.build()


def at_full_size():
    """The U-Net with the picture's whole side at its entrance."""
    whole = without("AveragePooling2D")
    ab = whole.get_layer("decoder_ab").output
    return keras.Model(whole.input, layers.UpSampling2D(2, interpolation="bilinear")(ab))


# name -> what differs from the first; share: of the windows that the others see
VARIANTS = {
    "unet": {},
    "squared error": {"loss": losses.mse},
    "Huber": {"loss": huber},
    "decibels, colour worth nothing": {"loss": losses.Vivid(0.0)},
    "decibels, colour worth 0.07": {"loss": losses.Vivid(0.07)},
    "decibels, colour worth 0.21": {"loss": losses.Vivid(0.21)},
    "classes, annealed mean": {"build": classifier, "loss": cross_entropy()},
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
    """Trained with one change; `predict` as a Colorizer's, for `colours.curve`."""

    saturation = 1.0

    def __init__(self, pictures: int, pool, rare, *, build=unet.build, window=256, share=1.0,
                 decay=True, amounts=(), loss=SHIPPED, rebalanced=False, adam=()):  # fmt: skip
        keras.utils.set_random_seed(0)
        with _precision("mixed_bfloat16"):
            self.network = build()
        steps = int(pictures * share) // BATCH
        rate = keras.optimizers.schedules.CosineDecay(network.RATE, steps)
        self.network.compile(
            keras.optimizers.Adam(rate if decay else network.RATE, **dict(adam)),
            cross_entropy(rare) if rebalanced else loss,
            jit_compile=False,
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
        return np.asarray(answer if answer.shape[-1] == 2 else decoded(answer))


class Lookup:
    """The mean colour of each lightness in the pictures: what needs no look at their content."""

    saturation, seconds = 1.0, 0.0

    def __init__(self, pool):
        found = np.zeros((256, 3))
        for lightness, target in data.fixed(pool, batch_size=BATCH, square=False):
            shade = np.rint(255 * np.asarray(lightness)[..., 0]).astype("uint8")
            target = np.asarray(target, "float64")
            target[..., :2] *= target[..., 2:]
            for n in range(3):
                found[:, n] += np.bincount(shade.ravel(), target[..., n].ravel(), minlength=256)
        self.colours = (found[:, :2] / np.maximum(found[:, 2:], 1)).astype("float32")

    def predict(self, grey):
        return self.colours[np.rint(255 * lab.lightness(grey)).astype("uint8")]


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
    parser.add_argument("--only", action="append", choices=NAMES, help="a variant, by its name")
    options = parser.parse_args(argv)
    pool = data.hold(data.load(options.train, "train"))
    rare = rebalancing(evaluate.colour_counts(paths.prepared(options.train)))
    weights = {dataset: colours.rarity(dataset) for dataset in options.dataset}
    found = {}
    print("| variant | minutes | " + " | ".join(options.dataset) + " |")
    print("|---" * (2 + len(options.dataset)) + "|", flush=True)
    for name in options.only or NAMES:
        if name == LOOKUP:
            variant = Lookup(pool)
        else:
            variant = Variant(options.pictures, pool, rare, **VARIANTS[name])
        found[name] = {"seconds": round(variant.seconds)}
        cells = [name, f"{variant.seconds / 60:.1f}"]
        for dataset in options.dataset:
            one = colours.curve(variant, dataset, "validation", None, weights[dataset])
            half = "–" if one["half_gain_db"] is None else f"{one['half_gain_db']:+.2f}"
            cells.append(f"{one['best_gain_db']:+.2f} at {one['best_share']:.0%}, {half}")
            found[name][dataset] = one
        print("| " + " | ".join(cells) + " |", flush=True)
        keras.backend.clear_session()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
