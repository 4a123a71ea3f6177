"""Batches of a training, for tests: as NumPy arrays, from a few parameters."""

import itertools

from colornet.system import quiet
from colornet.training.parameters import Parameters

quiet.import_tensorflow()

from colornet.training import dataset  # noqa: E402


def parameters(*, batch_size=2, **section):
    required = {"dataset": "tiny", "epochs": 1, "steps_per_epoch": 1, "optimizer": "adam"}
    return Parameters(**required, batch_size=batch_size, **section)


def training(pictures, *, first_step=0, **options):
    batches = dataset.training(pictures, parameters(**options), first_step=first_step)
    return batches.as_numpy_iterator()


def fixed(pictures, **options):
    return dataset.fixed(pictures, parameters(**options)).as_numpy_iterator()


def steps(batches, count):
    return list(itertools.islice(batches, count))
