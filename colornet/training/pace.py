"""How fast a network will train, and which batch size fits into the memory."""

import math
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from colornet.params import UserError
from colornet.training import network

# Peak memory of a training step as a multiple of its layers' outputs. Measured at 256x256, in MiB a
# picture: beta 33 and 34 in bfloat16, 62 in float32; final 26 and 49; unet 15 in bfloat16 (batches
# of 40 to 120).
KEPT = 1.4
BATCHES = 4  # in memory at once: one in use, two waiting, one in preparation


def memory(model: keras.Model, side: int) -> float:
    """About how many bytes a training step needs for one picture of `side` x `side` pixels."""
    every = keras.Model(model.inputs, [layer.output for layer in model.layers])
    inputs = [
        keras.KerasTensor((1, *(side if size is None else size for size in given.shape[1:])))
        for given in model.inputs
    ]
    outputs = every.compute_output_spec(inputs)
    kept = sum(
        math.prod(output.shape) * (4 if layer.compute_dtype == "float32" else 2)
        for layer, output in zip(model.layers, outputs, strict=True)
    )
    picture = 4 * (1 + 3) * side**2  # lightness and target in float32
    return KEPT * kept + BATCHES * picture


def speed(
    model: keras.Model,
    batches_of: Callable[[int], tf.data.Dataset],
    batch_size: int,
    *,
    side: int,
    free: float | None,
) -> float:
    """Pictures/s of the training steps after the first; the network stays as it was.

    `batches_of` makes batches of a given size, of pictures with `side` x `side` pixels. Raises
    UserError with a size that fits if `batch_size` does not fit into the memory. With `free` bytes
    that is computed, because on a CPU too large a step ends the process; without, on a GPU, it is
    tried.
    """
    if free is not None and batch_size * memory(model, side) > free:
        raise _too_large(batch_size, int(free / memory(model, side)))
    before = [variable.numpy() for variable in network.variables(model)]
    try:
        seconds = _seconds_a_step(model, batches_of(batch_size))
    except tf.errors.ResourceExhaustedError:
        raise _too_large(batch_size, _largest(model, batches_of, batch_size // 2)) from None
    network.assign(network.variables(model), before)
    return batch_size / seconds


def duration(seconds: float) -> str:
    """Seconds in the units that people use: "40 s", "12 min", "3 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _too_large(batch_size: int, fits: int) -> UserError:
    advice = f"{fits} fits" if fits else "not even 1 fits: make the pictures smaller"
    return UserError(f"batch_size {batch_size} does not fit into the memory; {advice}.")


def _seconds_a_step(model: keras.Model, batches: tf.data.Dataset) -> float:
    model.fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    began = time.perf_counter()
    model.fit(batches, steps_per_epoch=2, shuffle=False, verbose=0)
    return (time.perf_counter() - began) / 2


def _largest(model: keras.Model, batches_of: Callable, batch_size: int) -> int:
    while batch_size:
        try:
            model.fit(batches_of(batch_size), steps_per_epoch=1, shuffle=False, verbose=0)
            return batch_size
        except tf.errors.ResourceExhaustedError:
            batch_size //= 2
    return 0
