"""A network, trained with Keras's `fit` on TensorFlow."""

import time
from collections.abc import Callable
from contextlib import nullcontext

import keras
import tensorflow as tf

from colornet.params import UserError
from colornet.system import machine, stop
from colornet.training import dataset, device, fused, network, pace
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures, hold
from colornet.training.record import Record


def choose(parameters: Parameters) -> tuple[str, str]:
    """The processor, "cpu" or "gpu", and the precision, "float32" or "bfloat16"."""
    processor = device.choose(parameters.devices)
    if parameters.deterministic:
        tf.config.experimental.enable_op_determinism()
    if parameters.precision != "auto":
        return processor, parameters.precision
    return processor, device.fastest_precision(processor)


def seed(number: int) -> None:
    """Decides the first weights of the networks that are built next."""
    keras.utils.set_random_seed(number)


class Looking(keras.callbacks.Callback):
    """Raises stop.Stopped between two batches."""

    def on_train_batch_begin(self, batch, logs=None):  # noqa: ARG002, Keras's signature
        stop.check()

    def on_test_batch_begin(self, batch, logs=None):  # noqa: ARG002, Keras's signature
        stop.check()


class Trainer:
    """The training of `network`, which `build` builds so that all devices share its batches."""

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
        self.train = hold(train)
        self.fixed = dataset.fixed(hold(validation), parameters)
        with _sharing(parameters):
            self.network = fused.normalize(build()) if processor == "cpu" else build()

    def validate(self) -> dict[str, float]:
        """`loss`, `mse` and `grey` of the network on the validation pictures."""
        return self.network.evaluate(self.fixed, callbacks=[Looking()], verbose=0, return_dict=True)

    def forward(self, inputs):
        """The network's colours for a batch of inputs."""
        return self.network(inputs, training=False)

    def speed(self) -> float:
        """Pictures/s of the training steps after the first; the network stays as it was.

        Raises UserError with a size that fits if a batch does not fit into the memory. On a CPU
        that is computed, on a GPU it is tried.
        """
        batch_size = self.parameters.batch_size
        if self.processor == "cpu":
            side = self.parameters.window or self.train.size()
            pace.check(self.network, batch_size, side=side, free=machine.free_memory())
        before = [variable.numpy() for variable in network.variables(self.network)]
        batches = dataset.training(self.train, self.parameters)
        try:
            self._steps(batches, 1)
            began = time.perf_counter()
            self._steps(batches, 2)
            seconds = (time.perf_counter() - began) / 2
        except tf.errors.ResourceExhaustedError:
            raise pace.too_large(batch_size, self._largest(batch_size // 2)) from None
        network.assign(network.variables(self.network), before)
        return batch_size / seconds

    def fit(self, record: Record) -> None:
        """Trains until the record is finished."""
        steps, done = self.parameters.steps_per_epoch, len(record.history)
        with record.progress():
            self.network.fit(
                dataset.training(self.train, self.parameters, first_step=done * steps),
                epochs=self.parameters.epochs,
                initial_epoch=done,
                steps_per_epoch=steps,
                callbacks=[record],
                shuffle=False,
                verbose=0,
            )

    def _steps(self, batches: tf.data.Dataset, count: int) -> None:
        self.network.fit(
            batches, steps_per_epoch=count, callbacks=[Looking()], shuffle=False, verbose=0
        )

    def _largest(self, batch_size: int) -> int:
        while batch_size:
            try:
                batches = dataset.training(self.train, self.parameters, batch_size=batch_size)
                self._steps(batches, 1)
                return batch_size
            except tf.errors.ResourceExhaustedError:
                batch_size //= 2
        return 0


def _sharing(parameters: Parameters):
    """The context in which a network is built so that all devices share its batches."""
    strategy = device.strategy(parameters.devices)
    if strategy is None:
        return nullcontext()
    if parameters.batch_size % strategy.num_replicas_in_sync:
        raise UserError(
            f"batch_size is {parameters.batch_size}, which {strategy.num_replicas_in_sync} devices "
            "cannot share evenly: make it a multiple of their number."
        )
    return strategy.scope()
