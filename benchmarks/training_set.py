"""The bundled photographs as a training set: 256x256, in a temporary folder, as batches."""

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any

from colornet import fetch, preprocess
from colornet.training.parameters import Parameters

NAME, SIZE = "bench", 256


@contextlib.contextmanager
def prepared(train: int) -> Iterator[None]:
    """A temporary working directory with the dataset NAME, of `train` training pictures."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        fetch.run(NAME, source="bundled")
        preprocess.run(NAME, size=SIZE, train=train, validation=4, test=4)
        yield


def batches(model: str, parameters: Parameters):
    """Endless batches as the training of a network gets them; class scores are 0."""
    import numpy as np

    from colornet.training import dataset, network, pictures

    held = pictures.hold(pictures.load(NAME, "train"))
    inputs = network.architecture(model).INPUTS
    if "class_scores" in inputs:
        scores = np.zeros((len(held.files), 1000), "float32")
        held = held._replace(scores=scores, inputs=inputs)
    return dataset.training(held, parameters)


def parameters(size: int, /, **section: Any) -> Parameters:
    """The parameters of a training on NAME with batches of `size`; section: as in params.yaml."""
    required = {"epochs": 1, "steps_per_epoch": 1, "optimizer": "rmsprop"}
    return Parameters(**required | section | {"dataset": NAME, "batch_size": size})
