"""A tiny prepared dataset, tiny networks and a run, as the stages leave them."""

import csv
import functools
from pathlib import Path

from colornet import params, paths
from colornet.square import Box, letterbox
from support.pictures import colourful

SIZE = 32
LITE = {"width": 0.1, "depth": 0.1, "decoder": (8, 8, 8, 8)}  # a small network
SPLITS = {"train": 6, "validation": 2, "test": 2}


def prepare() -> Path:
    """data/prepared/tiny in the working directory, as preprocess leaves it."""
    folder = paths.prepared("tiny")
    rows = []
    for split, count in SPLITS.items():
        (folder / split).mkdir(parents=True)
        for _ in range(count):
            name = f"p{len(rows)}"
            image = colourful(len(rows))
            square, box = letterbox(image, size=SIZE)
            square.save(folder / split / f"{name}.png")
            file = f"{split}/{name}.png"
            rows.append((file, split, f"{name}.jpg", name, *image.size, *box))
    columns = ("file", "split", "raw_file", "photo", "original_width", "original_height")
    with open(folder / "index.csv", "w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow((*columns, *Box._fields))
        table.writerows(sorted(rows))
    params.save({"size": SIZE, **SPLITS, "seed": 0}, folder / "params.yaml")
    params.save({}, paths.PARAMS)
    return folder


def narrow(monkeypatch) -> None:
    """The networks with few channels, run without tracing."""
    from colornet.system import quiet

    quiet.import_tensorflow()
    from colornet.models import beta, final, lite

    for module, few in ((beta, {"width": 4}), (final, {"width": 4}), (lite, LITE)):
        monkeypatch.setattr(module, "build", functools.partial(module.build, **few))
    # A few steps take less time than the tracing of their graph
    import keras

    eager = property(lambda self: True, lambda self, value: None)
    monkeypatch.setattr(keras.Model, "run_eagerly", eager)


def shallow():
    """Three convolutions with the inputs and outputs of beta."""
    import keras
    from keras import layers

    lightness = keras.Input((None, None, 1), name="lightness")
    options = {"kernel_size": 3, "padding": "same"}
    x = layers.Conv2D(8, activation="relu", name="first", **options)(lightness)
    x = layers.Conv2D(8, activation="relu", name="second", **options)(x)
    ab = layers.Conv2D(2, activation="tanh", dtype="float32", name="ab", **options)(x)
    return keras.Model(lightness, ab, name="beta")


def last_convolution(network):
    """The layer that predicts the colours."""
    import keras

    return [each for each in network.layers if isinstance(each, keras.layers.Conv2D)][-1]


def leave_run(model, folder, **settings) -> Path:
    """An untrained network with strong colours in `folder`, as train leaves it."""
    import keras

    from colornet.training import network

    keras.utils.set_random_seed(0)
    built = network.build(model, optimizer="adam", precision="float32", xla=False)
    last_convolution(built).bias.assign([0.2, 0.3])
    folder.mkdir(parents=True)
    network.save(built, folder / "model.keras")
    content = {"model": model, "train": {"dataset": "tiny"}, "preprocess": {"size": SIZE}}
    params.save(content | settings, folder / "params.yaml")
    return folder
