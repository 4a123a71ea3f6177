"""Hints of a film: what they change in the frame of their time is carried along the motion.

It stays with what moves until the next cut, and ends where something else comes into view.
"""

from typing import Any

import cv2
import numpy as np
from PIL import Image

from colornet.film.frames import Place
from colornet.film.source import Film
from colornet.film.steady import Steady
from colornet.hints import Hint

CHANGE = "hints_change"  # key of the state


def seconds(film: Film, pts: int) -> float:
    """The time of a frame, from the film's start."""
    return float(pts * film.time_base) - film.start


def due(film: Film, hint: Hint, pts: int) -> bool:
    """Whether a hint's frame is shown at a time or was before it."""
    return hint.time <= seconds(film, pts) + 0.5 / float(film.rate)


class Hinted:
    """Called for each frame in its order, it returns the colours with hints.

    The same frames give the same bytes, also if a call was stopped after `last` and the next one
    has the `state` of the first. spread: (upright frame of mode L, colours without hints, hints) ->
    colours with them; colours are (h, w, 2) float32, ab/128.
    """

    def __init__(self, film: Film, hints: Any, spread: Any, last: Place, state: dict):
        self._film, self._spread = film, spread
        shown = last.count > 0
        self._waiting = [each for each in hints if not (shown and due(film, each, last.pts))]
        self._change: np.ndarray | None = state.get(CHANGE)

    def state(self) -> dict[str, np.ndarray]:
        return {} if self._change is None else {CHANGE: self._change}

    def __call__(
        self, upright: Image.Image, pts: int, colours: np.ndarray, steady: Steady
    ) -> np.ndarray:
        """colours: without hints; steady: what has just seen the frame."""
        shown = colours + self._carried(steady)
        now = [each for each in self._waiting if due(self._film, each, pts)]
        if now:
            self._waiting = [each for each in self._waiting if each not in now]
            shown = self._spread(upright, np.asarray(shown, "float32"), now)
            self._change = shown - colours
            steady.mark()
        return np.clip(shown, -1, 1).astype("float32")

    def _carried(self, steady: Steady) -> np.ndarray:
        """What earlier hints change in this frame; after a cut nothing."""
        if self._change is None or steady.places is None:
            self._change = None
            return np.zeros(1, "float32")
        across, down, sure = (
            np.ascontiguousarray(each) for each in np.moveaxis(steady.places, 2, 0)
        )
        change = cv2.remap(self._change, across, down, cv2.INTER_LINEAR)
        return change * sure[..., None]
