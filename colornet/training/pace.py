"""How fast a network trains, before it does; and which batch fits into the memory."""

import math
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from colornet.training import network

# Peak memory of a training step as a multiple of what its layers put out. Measured at 256x256, in
# MiB a picture: beta 33 and 34 in bfloat16, 62 in float32; final 26 and 49; unet 15 in bfloat16
# (batches of 40 to 120).
KEPT = 1.4
BATCHES = 4  # in memory at once: in use, two that wait, one in the making


def memory(student, side: int) -> float:
    """Bytes that a training step needs for one picture of `side` pixels a side, about."""
    every = keras.Model(student.inputs, [layer.output for layer in student.layers])
    inputs = [
        keras.KerasTensor((1, *(side if size is None else size for size in given.shape[1:])))
        for given in student.inputs
    ]
    outputs = every.compute_output_spec(inputs)
    kept = sum(
        math.prod(output.shape) * (4 if layer.compute_dtype == "float32" else 2)
        for layer, output in zip(student.layers, outputs, strict=True)
    )
    picture = 4 * (1 + 3) * side**2  # lightness and target in float32
    return KEPT * kept + BATCHES * picture


def speed(
    student,
    batches_of: Callable[[int], tf.data.Dataset],
    batch_size: int,
    *,
    side: int,
    free: float | None,
) -> float:
    """Pictures/s of a training step after one that compiles; leaves the network as it was.

    `batches_of` answers batches of a size, of pictures with `side` pixels a side. Raises
    MemoryError, in a sentence with a size that fits, if `batch_size` does not: by the `free` bytes
    of a CPU, where a step too large ends the process, or where that is None by trying, which a GPU
    survives.
    """
    if free is not None and batch_size * memory(student, side) > free:
        raise MemoryError(_too_large(batch_size, int(free / memory(student, side))))
    before = [variable.numpy() for variable in network.variables(student)]
    try:
        seconds = _seconds_a_step(student, batches_of(batch_size))
    except tf.errors.ResourceExhaustedError:
        fits = _largest(student, batches_of, batch_size // 2)
        raise MemoryError(_too_large(batch_size, fits)) from None
    assign(network.variables(student), before)
    return batch_size / seconds


def assign(variables, values) -> None:
    """Gives each variable its value."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def duration(seconds: float) -> str:
    """As a person says it: "40 s", "12 min", "3 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _too_large(batch_size: int, fits: int) -> str:
    advice = f"{fits} fits" if fits else "not even 1 fits: make the pictures smaller"
    return f"batch_size {batch_size} does not fit into the memory; {advice}."


def _seconds_a_step(student, batches) -> float:
    student.fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    began = time.perf_counter()
    student.fit(batches, steps_per_epoch=2, shuffle=False, verbose=0)
    return (time.perf_counter() - began) / 2


def _largest(student, batches_of, batch_size: int) -> int:
    while batch_size:
        try:
            student.fit(batches_of(batch_size), steps_per_epoch=1, shuffle=False, verbose=0)
            return batch_size
        except tf.errors.ResourceExhaustedError:
            batch_size //= 2
    return 0
