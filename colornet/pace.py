"""How fast a network trains, before it does; and which batch fits into the memory."""

import time
from collections.abc import Callable

import tensorflow as tf

from colornet import network


def speed(student, batches_of: Callable[[int], tf.data.Dataset], batch_size: int) -> float:
    """Pictures/s of a training step after one that compiles; leaves the network as it was.

    `batches_of` answers batches of a size. Raises MemoryError, in a sentence with the largest half,
    quarter and so on that fits, if `batch_size` does not.
    """
    before = [variable.numpy() for variable in network.variables(student)]
    try:
        seconds = _seconds_a_step(student, batches_of(batch_size))
    except tf.errors.ResourceExhaustedError:
        fits = _largest(student, batches_of, batch_size // 2)
        advice = f"{fits} fits" if fits else "not even 1 fits: make the pictures smaller"
        raise MemoryError(
            f"batch_size {batch_size} does not fit into the memory; {advice}."
        ) from None
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
