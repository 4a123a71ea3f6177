"""How fast a network will train, and the batch sizes that do not fit into the memory."""

import functools
import re

import numpy as np
import psutil
import pytest

from colornet.params import UserError
from colornet.system import quiet
from support.training import SECTION, sentence

quiet.import_tensorflow()

from colornet.training import network, on_tensorflow, pace, pictures  # noqa: E402
from colornet.training.parameters import Parameters  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "seconds, words",
    [(0.2, "1 s"), (40, "40 s"), (89, "89 s"), (120, "2 min"), (7140, "119 min")]
    + [(7200, "2 h 0 min"), (11_100, "3 h 5 min")],
)
def test_a_duration_is_in_the_units_that_people_use(seconds, words):
    assert pace.duration(seconds) == words


@pytest.fixture
def trainer(prepared, tiny_networks):
    """The training of a beta on the tiny pictures, on a CPU, with another batch size if asked."""

    def made(batch_size=2):
        parameters = Parameters(**{**SECTION, "batch_size": batch_size})
        build = functools.partial(
            network.build, "beta", optimizer="adam", precision="float32", xla=False
        )
        train, validation = (pictures.load("tiny", split) for split in ("train", "validation"))
        return on_tensorflow.Trainer(build, parameters, train, validation, processor="cpu")

    return made


def test_measuring_leaves_the_network_as_it_was(trainer):
    training = trainer()
    variables = network.variables(training.network)
    before = [variable.numpy() for variable in variables]
    assert training.speed() > 0
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("count, words", [(3.5, "; 3 fits."), (0.5, "; not even 1 fits: make")])
def test_too_little_free_memory_is_refused_with_a_size_that_fits(
    trainer, monkeypatch, count, words
):
    training = trainer(4)
    free = count * pace.memory(training.network, 32)
    monkeypatch.setattr(on_tensorflow.machine, "free_memory", lambda: free)
    with pytest.raises(UserError, match=f"batch_size 4 does not fit into the memory{words}"):
        training.speed()


def test_a_batch_that_does_not_fit_names_one_that_does(prepared, tiny_networks, monkeypatch):
    import keras
    import tensorflow as tf

    whole = keras.Model.fit

    def fit(self, batches, **options):
        if batches.element_spec[0].shape[0] is None and fit.size > 3:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return whole(self, batches, **options)

    from colornet.training import dataset, device

    monkeypatch.setattr(device, "choose", lambda devices: "gpu")  # where an error tells
    real = dataset.training

    def training(*arguments, **options):
        fit.size = options.get("batch_size") or arguments[1].batch_size
        return real(*arguments, **options)

    monkeypatch.setattr(dataset, "training", training)
    monkeypatch.setattr(keras.Model, "fit", fit)
    assert "train.beta.one: batch_size 12 does not fit into the memory; 3 fits." in sentence(
        batch_size=12
    )


def test_a_batch_beyond_the_memory_of_a_cpu_is_refused_before_it_ends_the_process(
    prepared, tiny_networks
):
    said = sentence(batch_size=10**9)
    assert "train.beta.one: batch_size 1000000000 does not fit into the memory" in said
    fits = int(re.search(r"; (\d+) fits", said)[1])
    # 4 channels at 32 pixels: some hundred kilobytes a picture
    assert 0.5 < fits * 150e3 / psutil.virtual_memory().available < 2


@pytest.mark.parametrize("model, measured", [("beta", 34), ("final", 26), ("lite", 121)])
def test_the_memory_of_a_step_is_about_what_was_measured(model, measured):
    built = network.build(model, optimizer="adam", precision="bfloat16", xla=False)
    assert pace.memory(built, 256) / 2**20 == pytest.approx(measured, rel=0.25)
