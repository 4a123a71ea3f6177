"""Prepared pictures in a JAX device's memory, decoded once, and batches made of them there."""

import jax
import jax.numpy as jnp
import numpy as np
from keras import ops

from colornet.training import affine, batches
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures, decoded


def put(pictures: Pictures) -> dict:
    """`images` (N, S, S, 3) uint8, `boxes` (N, 4) int32, and `scores` if there are any."""
    arrays = {"images": decoded(pictures), "boxes": pictures.boxes}
    if pictures.scores is not None:
        arrays["scores"] = pictures.scores
    return {name: jax.device_put(values) for name, values in arrays.items()}


def drawn(count: int, parameters: Parameters, *, first_step: int):
    """For each epoch, places (steps, B) int32 and numbers (steps, B, NUMBERS) float32.

    They are those of `batches.drawn`, of `count` pictures, from `first_step` on.
    """
    pairs = batches.drawn(count, parameters, first_step=first_step)
    shape = (parameters.steps_per_epoch, parameters.batch_size)
    while True:
        places, numbers = zip(*(next(pairs) for _ in range(shape[0] * shape[1])), strict=True)
        yield np.reshape(places, shape).astype("int32"), np.reshape(numbers, (*shape, -1))


def batch(
    pictures: dict, places, numbers, parameters: Parameters, *, names: tuple[str, ...], moved: bool
):
    """(inputs, target), as `batches.make` returns them.

    pictures: as `put` returns them; names: of `colour.inputs`; moved: as the numbers say.
    """

    taken = {name: ops.take(values, places, axis=0) for name, values in pictures.items()}
    # On a GPU products of float32 would lose half of their digits
    with jax.default_matmul_precision("float32"):
        images = taken["images"]
        if moved and parameters.window is None:
            images = resampled(images, batches.moves(numbers, parameters, images.shape[1]))
        options = {"names": names, "scores": taken.get("scores")}
        return batches.make(images, taken["boxes"], numbers, parameters, **options)


def resampled(images, moves):
    """Pictures moved as `affine.transformations` says, interpolated bilinearly.

    images: (B, H, W, C) of any type; outside their nearest pixels are repeated. Returns float32.
    keras.ops.image.affine_transform would look up eight numbers for each one, channels being an
    axis like the others for it; this looks up four pixels.
    """
    count, height, width, channels = images.shape
    x, y = affine.origins(moves, height, width)
    left, top = jnp.floor(x), jnp.floor(y)
    right_share, lower_share = (x - left)[..., None], (y - top)[..., None]
    flat = images.reshape(count, height * width, channels)

    def at(row, column):
        row, column = jnp.clip(row, 0, height - 1), jnp.clip(column, 0, width - 1)
        place = (row * width + column).astype("int32").reshape(count, -1, 1)
        found = jnp.take_along_axis(flat, place, axis=1, mode="promise_in_bounds")
        return found.reshape(images.shape).astype("float32")

    upper = at(top, left) * (1 - right_share) + at(top, left + 1) * right_share
    lower = at(top + 1, left) * (1 - right_share) + at(top + 1, left + 1) * right_share
    return upper * (1 - lower_share) + lower * lower_share
