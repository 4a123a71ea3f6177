"""The bundled photographs as a training set: 256x256, in a temporary folder, as batches."""

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any

from colornet import fetch, preprocess

NAME, SIZE = "bench", 256


@contextlib.contextmanager
def prepared(train: int) -> Iterator[None]:
    """A temporary working directory with the dataset NAME, of `train` training pictures."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        fetch.run(NAME, source="bundled")
        preprocess.run(NAME, size=SIZE, train=train, validation=4, test=4)
        yield


def batches(model: str, batch_size: int, **amounts: Any):
    """Endless batches as the training of a network gets them; class scores are 0.

    amounts: of `RandomAffine`.
    """
    import numpy as np

    from colornet.training import dataset, network
    from colornet.training.augmentation import RandomAffine

    pictures = dataset.hold(dataset.load(NAME, "train"))
    inputs = network.architecture(model).INPUTS
    if "class_scores" in inputs:
        scores = np.zeros((len(pictures.files), 1000), "float32")
        pictures = pictures._replace(scores=scores, inputs=inputs)
    return dataset.training(
        pictures,
        batch_size=batch_size,
        first_step=0,
        seed=0,
        augment=RandomAffine(**amounts),
        loss_over="box",
    )
