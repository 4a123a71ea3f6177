"""Grey pictures -> what a network takes. Each module in models/ names its inputs in `INPUTS`."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from colornet.colour import lab
from colornet.colour.lab import Array

KNOWN = ("lightness", "class_scores")


def make(
    names: Iterable[str], grey: Array, *, class_scores: Array | None = None, xp: Any = np
) -> dict[str, Array]:
    """The inputs `names` of grey pictures.

    grey: (N, H, W, 1) integers in [0, 255]; class_scores: (N, 1000) float32, for networks that take
    them; xp: numpy or keras.ops. Returns `lightness`, (N, H, W, 1) float32 in [0, 1], and
    `class_scores` as given. Raises ValueError for a name that is not in KNOWN, and for class scores
    that are needed and not given.
    """
    made = {}
    for name in names:
        if name == "lightness":
            made[name] = lab.lightness(grey, xp)
        elif name == "class_scores" and class_scores is not None:
            made[name] = class_scores
        elif name in KNOWN:
            raise ValueError(f"the network takes {name}, and none are given")
        else:
            raise ValueError(f"the network takes {name}; known are {', '.join(KNOWN)}")
    return made


def for_keras(inputs: dict[str, Array]) -> Array | dict[str, Array]:
    """The form in which Keras takes inputs: the array alone where there is one."""
    return next(iter(inputs.values())) if len(inputs) == 1 else inputs
