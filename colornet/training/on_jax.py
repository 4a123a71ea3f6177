"""A network, trained on JAX: the pictures lie on the device, an epoch is one compiled loop.

Where processes train `together`, each has all pictures on its device and computes its part of each
batch, in training and validation; what it shows and saves it computes alone.
"""

import os
import random
import time
from collections.abc import Callable

import jax
import keras
import numpy as np
from keras import ops

from colornet.params import UserError
from colornet.system import machine, stop
from colornet.training import (
    batches,
    device,
    losses,
    narrow,
    network,
    on_device,
    pace,
    shared,
    together,
)
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures
from colornet.training.record import Record

LOOK = 0.01  # seconds between two looks whether an epoch is computed, at most
SAME = "--xla_gpu_exclude_nondeterministic_ops=true"
INSTALL = 'pip install "jax[cuda12]"'


def choose(parameters: Parameters) -> tuple[str, str]:
    """The processor, "cpu" or "gpu", and the precision, "float32" or "bfloat16"."""
    if parameters.devices == "all":
        raise UserError(
            "devices: all is for colornet.train: on JAX a process trains on one device."
        )
    if parameters.batch_size % together.count():
        raise UserError(
            f"batch_size is {parameters.batch_size}, which {together.count()} processes cannot "
            "share evenly: make it a multiple of their number."
        )
    # In place of JAX_PLATFORMS, which may name a platform that is not here
    jax.config.update("jax_platforms", "cpu" if parameters.devices == "cpu" else None)
    flags = os.environ.get("XLA_FLAGS", "")
    if parameters.deterministic and SAME not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {SAME}"
    try:
        processor = "cpu" if jax.default_backend() == "cpu" else "gpu"
    except RuntimeError:  # a GPU whose libraries do not fit
        processor = "cpu"
    if processor == "cpu" and parameters.devices != "cpu":
        device.no_gpu_for("JAX", INSTALL)
    return processor, _precision(parameters, processor)


def _precision(parameters: Parameters, processor: str) -> str:
    if parameters.precision != "auto":
        return parameters.precision
    if processor == "cpu":
        return device.cpu_precision()
    capability = getattr(jax.devices()[0], "compute_capability", "0")
    return "bfloat16" if float(capability) >= 8 else "float32"


def seed(number: int) -> None:
    """Decides the first weights of the networks that are built next."""
    random.seed(number)  # keras.utils.set_random_seed would import TensorFlow where there is one


class Trainer:
    """The training of `network`, which `build` builds."""

    def __init__(
        self,
        build: Callable[[], keras.Model],
        parameters: Parameters,
        train: Pictures,
        validation: Pictures,
        *,
        processor: str,
    ):
        self.parameters, self.processor = parameters, processor
        self.names, self.size = train.inputs, train.size()
        self.network = build() if processor == "cpu" else narrow.widen(build())
        names = [variable.name for variable in self.network.optimizer.variables]
        self._rate = names.index("learning_rate")
        self.count = len(train.files)
        self.train, self.validation = map(
            shared.everywhere, map(on_device.put, (train, validation))
        )
        self.epoch: Callable | None = None  # compiled by `speed`
        self.judge = shared.compiled(self._judge)
        self.call = jax.jit(lambda *given: self.network.stateless_call(*given, training=False)[0])

    def validate(self) -> dict[str, float]:
        """`loss`, `mse` and `grey` of the network on the validation pictures."""
        count, size = len(self.validation["boxes"]), self.parameters.batch_size
        trainable, other, _ = self._shared()
        found = []
        for start in range(0, count, size):
            together.check()
            places = np.arange(start, min(start + size, count), dtype="int32")
            drawn = map(shared.split, (places, batches.fixed(len(places), self.parameters)))
            found.append(self.judge(trainable, other, self.validation, *drawn))
        sizes = [min(size, count - start) for start in range(0, count, size)]
        means = np.average(np.asarray(found), axis=0, weights=sizes)
        return dict(zip(("loss", "mse", "grey"), map(float, means), strict=True))

    def forward(self, inputs):
        """The network's colours for a batch of inputs; compiled for each size."""
        trainable, other, _ = self._state()
        return self.call(trainable, other, inputs)

    def speed(self) -> float:
        """Pictures/s of an epoch, which is compiled here; the network stays as it was.

        Raises UserError if a batch does not fit into the memory. On a CPU that is computed, on a
        GPU it is tried.
        """
        if self.processor == "cpu":
            side = self.parameters.window or self.size
            free = machine.free_memory()
            size = self.parameters.batch_size // together.count()
            pace.check(self.network, size, side=side, free=free)
        before = [variable.numpy() for variable in network.variables(self.network)]
        places, numbers = next(on_device.drawn(self.count, self.parameters, first_step=0))
        drawn = places, numbers, np.zeros(len(places), "float32")
        try:
            self.epoch = self._compiled(drawn)
            began = time.perf_counter()
            _ready(self.epoch(self._shared(), self.train, drawn)[1])
        except jax.errors.JaxRuntimeError as error:
            raise pace.without_memory(error, self.parameters.batch_size) from error
        seconds = time.perf_counter() - began
        network.assign(network.variables(self.network), before)
        return places.size / seconds

    def fit(self, record: Record) -> None:
        """Trains until the record is finished; after `speed`."""
        steps, done = self.parameters.steps_per_epoch, len(record.history)
        record.set_model(self.network)
        drawn = on_device.drawn(self.count, self.parameters, first_step=done * steps)
        upcoming = next(drawn)
        with record.progress():
            while not record.finished:
                together.check()
                epoch = len(record.history)
                record.on_epoch_begin(epoch)
                rates = record.rates[epoch * steps : (epoch + 1) * steps]
                state, found = self.epoch(self._shared(), self.train, (*upcoming, rates))
                upcoming = next(drawn)  # while the device computes
                found = _ready(found)
                for variables, values in zip(self._variables(), shared.mine(state), strict=True):
                    network.assign(variables, values)
                wrong = np.flatnonzero(~np.isfinite(found[:, 0]))
                last = wrong[0] + 1 if wrong.size else steps
                loss, mse, grey = found[:last].mean(axis=0)
                record.show(int(last), loss, mse, steps=steps)
                record.on_epoch_end(epoch, {"mse": mse, "grey": grey})

    def _batch(self, pictures: dict, places, numbers, *, moved: bool):
        options = {"names": self.names, "moved": moved}
        return on_device.batch(pictures, places, numbers, self.parameters, **options)

    def _variables(self) -> tuple[list, list, list]:
        built = self.network
        return built.trainable_variables, built.non_trainable_variables, built.optimizer.variables

    def _state(self) -> tuple[list, ...]:
        return tuple([variable.value for variable in group] for group in self._variables())

    def _shared(self) -> tuple[list, ...]:
        return shared.everywhere(self._state())

    def _losses(self, target, ab):
        loss = self.network.compute_loss(y=target, y_pred=ab)
        means = ops.mean(losses.mse(target, ab)), ops.mean(losses.grey(target, ab))
        return loss, ops.stack([loss, *means])

    def _compiled(self, drawn) -> Callable:
        """A function, (state, pictures, drawn) -> (state, losses), that trains an epoch.

        drawn: places, numbers and rates, each with the steps in front; losses: (steps, 3) float32,
        as `_losses` stacks them.
        """

        def epoch(state, pictures, drawn):
            return jax.lax.scan(lambda state, one: self._step(state, pictures, one), state, drawn)

        def part(drawn, axis):
            places, numbers, rates = drawn
            return shared.split(places, axis), shared.split(numbers, axis), shared.everywhere(rates)

        if self.processor == "gpu":
            loop = shared.compiled(epoch, donate_argnums=0)
            loop = loop.lower(self._shared(), self.train, part(drawn, 1)).compile()
            return lambda state, pictures, drawn: loop(state, pictures, part(drawn, 1))
        step = shared.compiled(self._step, donate_argnums=0)
        first = part([each[0] for each in drawn], 0)
        step = step.lower(self._shared(), self.train, first).compile()

        def steps(state, pictures, drawn):
            # On a CPU convolutions are a hundred times slower inside a compiled loop
            found = []
            for one in zip(*drawn, strict=True):
                together.check()
                state, losses = step(state, pictures, part(one, 0))
                found.append(losses)
            return state, np.stack([_ready(each) for each in found])

        return steps

    def _step(self, state, pictures, drawn):
        """One training step: (state, losses), the latter (3,) float32."""

        def loss(trainable, other, given, target):
            ab, other = self.network.stateless_call(trainable, other, given, training=True)
            value, every = self._losses(target, ab)
            return value, (other, every)

        trainable, other, optimizer = state
        places, numbers, rate = drawn
        given, target = self._batch(pictures, places, numbers, moved=True)
        gradient = jax.value_and_grad(loss, has_aux=True)
        (_, (other, found)), gradients = gradient(trainable, other, given, target)
        optimizer = [*optimizer[: self._rate], rate, *optimizer[self._rate + 1 :]]
        changed = self.network.optimizer.stateless_apply(optimizer, gradients, trainable)
        return (changed[0], other, changed[1]), found

    def _judge(self, trainable, other, pictures, places, numbers):
        given, target = self._batch(pictures, places, numbers, moved=False)
        ab, _ = self.network.stateless_call(trainable, other, given, training=False)
        return self._losses(target, ab)[1]


def _ready(values) -> np.ndarray:
    """An array of the device's, once it is computed. Raises stop.Stopped."""
    began = time.perf_counter()
    while isinstance(values, jax.Array) and not values.is_ready():
        stop.check()
        time.sleep(min(LOOK, 1e-4 + (time.perf_counter() - began) / 50))
    return np.asarray(values)
