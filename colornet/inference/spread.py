"""Hints of colour -> the colours of a whole picture, spread along the edges of its lightness.

What a hint changes is carried to the pixels that belong together: neighbours of nearly the same
lightness get nearly the same change, as in Levin, Lischinski, Weiss, "Colorization using
Optimization" (SIGGRAPH 2004). Far from all hints, or behind an edge, the change fades to 0.
"""

from __future__ import annotations

import functools
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

# Chosen on the photographs that scikit-image carries, beside scenes whose edges must hold
SHARPNESS = 0.02  # height of an edge, of grey in [0, 1], at which an affinity is exp(-1/2)
FADE = 1e-5  # how strongly a change is pulled to 0, as a share of a pixel's affinities
TINY = 1e-9  # the same for a pixel that is like none of its neighbours
NEAR = 0.75  # pixels: of places that are nearer to each other the later counts
SEEN = 0.5  # a hint that shows less than this of its strength at its place also acts around it
KNOWN = 256  # places whose spread is kept
RING = 8  # places around the edge of a hint's disc
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))  # rows and columns to the right and below
Place = tuple[int, int]  # column and row of the full picture


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
        self._column = functools.lru_cache(KNOWN)(self._spread)

    def __call__(self, ab: np.ndarray, hints: Iterable[Hint]) -> np.ndarray:
        """The colours with hints: (h, w, 2) float32, ab/128.

        ab: (h, w, 2) float32, ab/128, what is shown without hints, at saturation 1 in `finish`.
        A hint's colour is met at its place, as far as sRGB can show it there, and in its disc.
        Of two hints at one place the later counts. Without hints `ab` comes back.
        """
        places, colours = self._places(list(hints))
        if not places:
            return ab
        shown = self._seen(ab, places)
        wanted = np.array(
            [was if colour is None else colour for was, colour in zip(shown, colours, strict=True)]
        )
        columns = [self._column(place) for place in places]
        met = np.stack([self._seen(_twice(each), places)[:, 0] for each in columns], axis=1)
        amounts = np.linalg.lstsq(met, wanted - shown, rcond=1e-6)[0]
        change = np.tensordot(np.stack(columns), amounts, (0, 0))
        return np.clip(ab + change, -1, 1).astype("float32")

    def _places(self, hints: list[Hint]) -> tuple[list[Place], list]:
        """The places of all hints, (column, row) of the full picture, and their ab or None."""
        found: dict[Place, np.ndarray | None] = {}
        scale = max(self._grey.shape) / max(self._full.size)  # small pixels for a pixel
        for hint in hints:
            radius = hint.radius * max(self._full.size)
            centre = self._pixel(hint.x, hint.y)
            covered = max(radius, NEAR / scale)
            found = {place: ab for place, ab in found.items() if _distance(place, centre) > covered}
            ab = None if hint.colour is None else lab.ab(np.array(hint.colour, "uint8"))
            found |= dict.fromkeys([*self._ring(hint, radius, scale), centre], ab)
        return list(found), list(found.values())

    def _pixel(self, x: float, y: float) -> Place:
        width, height = self._full.size
        return (
            min(max(int(x * width), 0), width - 1),
            min(max(int(y * height), 0), height - 1),
        )

    def _ring(self, hint: Hint, radius: float, scale: float) -> list[Place]:
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

    def _spread(self, place: Place) -> np.ndarray:
        """How a change at a place spreads: (h, w) float32, 1 at its highest."""
        (width, height), (rows, columns) = self._full.size, self._grey.shape
        row = int((place[1] + 0.5) * rows / height)
        column = int((place[0] + 0.5) * columns / width)
        source = np.zeros(self._grey.size)
        source[row * columns + column] = 1
        spread = self._system.solve(source).reshape(self._grey.shape)
        spread = (spread / spread.max()).astype("float32")
        if self._seen(_twice(spread), [place])[0, 0] < SEEN:
            spread = np.maximum(spread, self._around(place))
        return spread

    def _around(self, place: Place) -> np.ndarray:
        """A small hill of height 1 around a place: (h, w) float32."""
        down, across = (
            _shares(np.array([at]), size, small, 2 * max(1, small / size))[0]
            for at, size, small in zip(
                place[::-1], self._full.size[::-1], self._grey.shape, strict=True
            )
        )
        hill = np.outer(down, across)
        return (hill / hill.max()).astype("float32")

    def _seen(self, ab: np.ndarray, places: list[Place]) -> np.ndarray:
        """What `finish` shows at places before it fits sRGB: (N, 2) float64, ab/128."""
        slope, offset = guided(self._grey, np.asarray(ab, "float32"))
        (height, width), (columns, rows) = self._grey.shape, np.transpose(places)
        # finish widens with Pillow, whose filter is wider where a picture becomes smaller
        across = _shares(columns, self._full.width, width, max(1, width / self._full.width))
        down = _shares(rows, self._full.height, height, 1)
        light = np.array([self._full.getpixel(place) for place in places])[:, None] / 255
        slope, offset = (
            (np.tensordot(down, each, (1, 0)) * across[..., None]).sum(axis=1)
            for each in (slope, offset)
        )
        return slope * light + offset


def _shares(places: np.ndarray, size: int, small: int, reach: float) -> np.ndarray:
    """How much each of `small` pixels in a row counts at places among `size` pixels: (N, small).

    reach: distance in small pixels from which on a pixel does not count.
    """
    centres = (places[:, None] + 0.5) * (small / size) - 0.5
    shares = np.maximum(0, 1 - abs(np.arange(small) - centres) / reach)
    return shares / shares.sum(axis=1, keepdims=True)


def _twice(values: np.ndarray) -> np.ndarray:
    """(h, w) -> (h, w, 2), for both a and b."""
    return np.repeat(values[..., None], 2, axis=2)


def _matrix(grey: np.ndarray) -> sparse.csc_matrix:
    """The Laplacian of the affinities of neighbours, its diagonal enlarged by FADE."""
    links = [_links(grey, *step) for step in NEIGHBOURS]
    one, other, height = (np.concatenate(each) for each in zip(*links, strict=True))
    affinity = np.exp(-((height / SHARPNESS) ** 2) / 2)
    both = np.concatenate([one, other]), np.concatenate([other, one])
    weights = sparse.coo_matrix((np.tile(affinity, 2), both), shape=[grey.size] * 2).tocsc()
    total = np.asarray(weights.sum(axis=0)).ravel()
    return (sparse.diags((1 + FADE) * total + TINY) - weights).tocsc()


def _links(grey: np.ndarray, down: int, across: int) -> tuple[np.ndarray, ...]:
    """Pixels' numbers, those of their neighbours, and the height of the edge between both.

    The height is the geometric mean of what both differ by and of the range of four pixels in a
    row, of which both are in the middle. So an edge that is blurred over several pixels counts
    almost as much as a sharp one, and pixels beside it still belong to their own side.
    """
    height, width = grey.shape
    rows, columns = np.arange(height - down), np.arange(max(0, -across), width - max(0, across))
    row, column = (each.ravel() for each in np.meshgrid(rows, columns, indexing="ij"))
    line = [
        grey[
            (row + step * down).clip(0, height - 1),
            (column + step * across).clip(0, width - 1),
        ]
        for step in range(-1, 3)
    ]
    number = row * width + column
    step = abs(line[2] - line[1]).astype("float64")
    return number, number + down * width + across, np.sqrt(step * np.ptp(line, axis=0))


def _distance(one: Place, other: Place) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
