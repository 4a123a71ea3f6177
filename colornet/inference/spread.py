"""Hints of colour -> the colours of a whole picture, spread along the edges of its lightness.

What a hint changes is carried to the pixels that belong together: neighbours of nearly the same
lightness get nearly the same change, as in Levin, Lischinski, Weiss, "Colorization using
Optimization" (SIGGRAPH 2004). Far from all hints, or behind an edge, the change fades to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy import sparse
from scipy.sparse import linalg

from colornet.colour import lab
from colornet.inference.fullsize import guided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from colornet.hints import Hint

SHARPNESS = 0.02  # difference of grey in [0, 1] over which an affinity falls to exp(-1/2)
FADE = 1e-4  # how strongly a change is pulled to 0, beside affinities of 1
NEAR = 0.75  # pixels: of places that are nearer to each other the later counts
RING = 8  # places around the edge of a hint's disc
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))  # rows and columns to the right and below


class Spread:
    """One picture, ready for any hints; threads may share it.

    grey: (h, w) float32 in [0, 1], as `fullsize.small_grey` makes it; at a longer side of 128
    this takes 0.1 s, and each new place of a hint 5 ms. full: the same picture at its full size,
    mode L, in whose pixels hints are then met; without it they are met in those of `grey`.
    """

    def __init__(self, grey: np.ndarray, full: Image.Image | None = None):
        self._grey = np.asarray(grey, "float32")
        self._full = full or Image.fromarray(np.rint(255 * self._grey).astype("uint8"))
        settings = {"SymmetricMode": True}
        self._system = linalg.splu(
            _matrix(self._grey), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options=settings
        )
        self._known: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, ab: np.ndarray, hints: Iterable[Hint]) -> np.ndarray:
        """The colours with hints: (h, w, 2) float32, ab/128.

        ab: (h, w, 2) float32, ab/128, what is shown without hints, at saturation 1 in `finish`.
        A hint's colour is met at its place, as far as sRGB can show it there, and in its disc.
        Of two hints at one place the later counts. Without hints `ab` comes back.
        """
        places, colours = self._places(list(hints))
        if not places:
            return ab
        shown = self._seen(_lines(self._grey, ab), places)
        wanted = np.array(
            [was if colour is None else colour for was, colour in zip(shown, colours, strict=True)]
        )
        columns = [self._column(place) for place in places]
        met = np.stack([self._seen(_lines(self._grey, each), places)[:, 0] for each in columns], 1)
        amounts = np.linalg.lstsq(met, wanted - shown, rcond=1e-6)[0]
        change = np.tensordot(np.stack([each[..., 0] for each in columns]), amounts, (0, 0))
        return np.clip(ab + change, -1, 1).astype("float32")

    def _places(self, hints: list[Hint]) -> tuple[list[tuple[int, int]], list]:
        """The places of all hints, (column, row) of the full picture, and their ab or None."""
        found: dict[tuple[int, int], np.ndarray | None] = {}
        scale = max(self._grey.shape) / max(self._full.size)  # small pixels for a pixel
        for hint in hints:
            radius = hint.radius * max(self._full.size)
            centre = self._pixel(hint.x, hint.y)
            covered = max(radius, NEAR / scale)
            found = {place: ab for place, ab in found.items() if _distance(place, centre) > covered}
            ab = None if hint.colour is None else lab.ab(np.array(hint.colour, "uint8"))
            found |= dict.fromkeys([*self._ring(hint, radius, scale), centre], ab)
        return list(found), list(found.values())

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        width, height = self._full.size
        return (
            min(max(int(x * width), 0), width - 1),
            min(max(int(y * height), 0), height - 1),
        )

    def _ring(self, hint: Hint, radius: float, scale: float) -> list[tuple[int, int]]:
        """Places around the edge of a hint's disc, within the picture."""
        if radius * scale < 1:
            return []
        width, height = self._full.size
        angles = np.arange(RING) * (2 * np.pi / RING)
        across, down = (
            hint.x * width + radius * np.cos(angles),
            hint.y * height + radius * np.sin(angles),
        )
        inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
        return [(int(x), int(y)) for x, y in zip(across[inside], down[inside], strict=True)]

    def _column(self, place: tuple[int, int]) -> np.ndarray:
        """How a change at a place spreads: (h, w, 2) float32, twice the same, 1 at its highest."""
        if place not in self._known:
            source = np.zeros(self._grey.size)
            row, column = self._small(place)
            source[round(row) * self._grey.shape[1] + round(column)] = 1
            spread = self._system.solve(source).reshape(self._grey.shape)
            self._known[place] = np.repeat((spread / spread.max())[..., None], 2, axis=2)
        return self._known[place]

    def _small(self, place: tuple[int, int]) -> tuple[float, float]:
        """Where a pixel of the full picture lies among the small ones: row, column."""
        sizes = zip(reversed(place), reversed(self._full.size), self._grey.shape, strict=True)
        row, column = (
            min(max((at + 0.5) * (small / size) - 0.5, 0), small - 1) for at, size, small in sizes
        )
        return row, column

    def _seen(
        self, lines: tuple[np.ndarray, np.ndarray], places: list[tuple[int, int]]
    ) -> np.ndarray:
        """What `finish` shows at places, before it fits sRGB: (N, 2) float64, ab/128."""
        found = []
        for place in places:
            slope, offset = (_between(each, *self._small(place)) for each in lines)
            grey = self._full.getpixel(place)
            found.append(slope * grey / 255 + offset)
        return np.array(found)


def _matrix(grey: np.ndarray) -> sparse.csc_matrix:
    """L + FADE: L is the Laplacian of the affinities of neighbours."""
    number = np.arange(grey.size).reshape(grey.shape)
    pairs = [_pairs(number, *step) for step in NEIGHBOURS]
    one, other = (np.concatenate(each) for each in zip(*pairs, strict=True))
    values = grey.astype("float64").ravel()
    affinity = np.exp(-((values[one] - values[other]) ** 2) / (2 * SHARPNESS**2))
    both = np.concatenate([one, other]), np.concatenate([other, one])
    weights = sparse.coo_matrix((np.tile(affinity, 2), both), shape=[grey.size] * 2).tocsc()
    total = np.asarray(weights.sum(axis=0)).ravel()
    return (sparse.diags(total + FADE) - weights).tocsc()


def _pairs(number: np.ndarray, down: int, across: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of pixels and of their neighbours."""
    height, width = number.shape
    left, right = max(0, -across), width - max(0, across)
    one = number[: height - down, left:right]
    return one.ravel(), number[down:, left + across : right + across].ravel()


def _lines(grey: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return guided(grey, np.asarray(ab, "float32"))


def _between(values: np.ndarray, row: float, column: float) -> np.ndarray:
    """A value between four pixels of (h, w, 2), linearly interpolated."""
    top, left = int(row), int(column)
    bottom, right = min(top + 1, len(values) - 1), min(left + 1, values.shape[1] - 1)
    above = values[top, left] + (column - left) * (values[top, right] - values[top, left])
    below = values[bottom, left] + (column - left) * (values[bottom, right] - values[bottom, left])
    return above + (row - top) * (below - above)


def _distance(one: tuple[int, int], other: tuple[int, int]) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
