"""Prepared pictures in a JAX device's memory, decoded once, and batches made of them there."""

import jax
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

    def move(images, masks, numbers):
        amounts = {n: getattr(parameters, n) for n in ("rotation", "shear", "zoom", "flip")}
        moves = affine.transformations(numbers, *images.shape[1:3], **amounts)
        moved = ops.image.affine_transform
        images, masks = ops.cast(images, "float32"), ops.cast(masks, "float32")
        images = moved(images, moves, interpolation="bilinear", fill_mode="nearest")
        return images, moved(masks, moves, interpolation="nearest", fill_mode="constant")

    taken = {name: ops.take(values, places, axis=0) for name, values in pictures.items()}
    # On a GPU products of float32 would lose half of their digits
    with jax.default_matmul_precision("float32"):
        return batches.make(
            taken["images"],
            taken["boxes"],
            numbers,
            parameters,
            names=names,
            scores=taken.get("scores"),
            move=move if moved else None,
        )
