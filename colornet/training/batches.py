"""Prepared pictures and random numbers -> what a network sees in a training step.

The numbers depend on the seed and the number of the step alone, so that a training can continue
from any step as if it had never stopped. Works on any Keras backend.
"""

from collections.abc import Iterator

import numpy as np
from keras import ops

from colornet.colour import inputs, lab
from colornet.training import affine, greys, windows
from colornet.training.parameters import Parameters


def drawn(
    count: int, parameters: Parameters, *, first_step: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Endless pairs: which of `count` pictures comes next, and its random numbers.

    They begin at step `first_step`. Each pass over the pictures has a random order of its own. The
    numbers are (NUMBERS,) float32, as `make` takes them.
    """
    position = first_step * parameters.batch_size
    while True:
        number, start = divmod(position, count)
        order = np.random.default_rng((parameters.seed, number)).permutation(count)
        for place in range(start, count):
            random = np.random.default_rng((parameters.seed, number, place))
            yield int(order[place]), _numbers(random, parameters)
        position = (number + 1) * count


def _numbers(random: np.random.Generator, parameters: Parameters) -> np.ndarray:
    """The random numbers of one picture in one pass: of its window and grey, or of `affine`."""
    if parameters.window is None:
        return random.uniform(-1, 1, affine.DRAWS).astype("float32")
    window = random.uniform(-1, 1, windows.DRAWS)
    grey = greys.draw(random, other_greys=parameters.other_greys, worn=parameters.worn)
    return np.concatenate([window, grey], dtype="float32")


def fixed(count: int, parameters: Parameters) -> np.ndarray:
    """The numbers of `count` pictures that are not to be changed: (count, NUMBERS) float32."""
    if parameters.window is None:
        return np.zeros((count, affine.DRAWS), "float32")
    return np.tile(np.concatenate([windows.CENTRAL, greys.PLAIN]), (count, 1))


def moves(numbers, parameters: Parameters, size: int):
    """The `affine.transformations` of squares of `size` pixels, without a window."""
    return affine.transformations(numbers, size, size, **amounts(parameters))


def amounts(parameters: Parameters) -> dict:
    """How far pictures are moved at most, as `affine.transformations` takes it."""
    return {name: getattr(parameters, name) for name in ("rotation", "shear", "zoom", "flip")}


def make(
    images,
    boxes,
    numbers,
    parameters: Parameters,
    *,
    names: tuple[str, ...],
    scores=None,
):
    """A batch as a network takes it: (inputs, target).

    images: (B, S, S, 3) uint8, squares; without a window they are moved already, as `moves` says,
    and may be float32; boxes: (B, 4) int32; numbers: (B, NUMBERS) float32, as `drawn` or `fixed`
    return them; names: of `colour.inputs`; scores: (B, 1000) float32 or None. inputs: in the form
    of `inputs.for_keras`; target: (B, H, W, 3) float32, ab in [-1, 1] and the weight of the pixel,
    which is 1 in the photograph and 0 outside, or 1 everywhere for `loss_over: square`.
    """
    if parameters.window is None:
        rgb, size = _whole(images), images.shape[1]
        weight = affine.inside(boxes, moves(numbers, parameters, size), size)
        grey = lab.grey(rgb, ops)
    else:
        rgb = windows.cut(
            images,
            boxes,
            numbers[:, : windows.DRAWS],
            window=parameters.window,
            narrowest=parameters.narrowest,
            zoom=parameters.zoom,
            flip=parameters.flip,
        )
        rgb = _whole(rgb)
        weight = ops.ones_like(rgb[..., :1], dtype="float32")
        grey = greys.make(rgb, numbers[:, windows.DRAWS :], greys.bank())
    if parameters.loss_over == "square":
        weight = ops.ones_like(weight)
    target = ops.concatenate([lab.ab(rgb, ops), weight], axis=-1)
    given = inputs.make(names, grey, class_scores=scores, xp=ops)
    return inputs.for_keras(given), target


def _whole(rgb):
    return ops.cast(ops.round(ops.cast(rgb, "float32")), "int32")
