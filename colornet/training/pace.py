"""How much memory a training needs, and how long it will take."""

import math

import keras

from colornet.params import UserError

# Peak memory of a training step as a multiple of its layers' outputs. Measured at 256x256, in MiB a
# picture: beta 33 and 34 in bfloat16, 62 in float32; final 26 and 49; lite 121 in bfloat16 (batches
# of 8 to 120).
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


def check(model: keras.Model, batch_size: int, *, side: int, free: float) -> None:
    """Raises UserError, with a size that fits, for a batch that needs more than `free` bytes.

    For a CPU, where too large a step ends the process. The pictures have `side` x `side` pixels.
    """
    needed = memory(model, side)
    if batch_size * needed > free:
        raise too_large(batch_size, int(free / needed))


def too_large(batch_size: int, fits: int) -> UserError:
    """The error for a batch that does not fit into the memory; `fits`: the size that does, or 0."""
    advice = f"{fits} fits" if fits else "not even 1 fits: make the pictures smaller"
    return UserError(f"batch_size {batch_size} does not fit into the memory; {advice}.")


def duration(seconds: float) -> str:
    """Seconds in the units that people use: "40 s", "12 min", "3 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def without_memory(error: Exception, batch_size: int) -> Exception:
    """An error of JAX's, as a UserError if it says that a batch does not fit into the memory."""
    if "RESOURCE_EXHAUSTED" not in str(error):
        return error
    return UserError(
        f"batch_size {batch_size} does not fit into the memory beside the pictures: "
        "lower it, or train on fewer `pictures`."
    )
