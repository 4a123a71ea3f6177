"""`colornet.train_jax` with a small network that normalizes, for processes that train together.

python jax_together.py SECONDS ARGUMENT...: a process that is silent for SECONDS is lost.
"""

import math
import os
import sys

from colornet.system import stop

stop.install()
os.environ["KERAS_BACKEND"] = "jax"

import keras  # noqa: E402

from colornet import train_jax  # noqa: E402
from colornet.models import beta  # noqa: E402
from colornet.training import record, together  # noqa: E402


def build() -> keras.Model:
    """A small network for beta's place, which normalizes over the batch.

    Not after a convolution, whose bias would have a gradient of nothing but rounding.
    """
    lightness = keras.Input((None, None, 1), name="lightness")
    features = keras.layers.BatchNormalization()(lightness)
    for _ in range(3):
        features = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(features)
    ab = keras.layers.Conv2D(2, 3, padding="same", activation="tanh")(features)
    return keras.Model(lightness, ab, name="beta")


def main(seconds: str, *arguments: str) -> None:
    beta.build = build
    together.HEARTBEAT = int(seconds)
    record.SAVING = math.inf  # a checkpoint after each epoch
    train_jax.main(list(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
