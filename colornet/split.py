"""Pictures -> train, validation and test by content and seed alone, with twins in one of them.

Knows no files: neither their names nor their order decide anything.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import imagehash
import numpy as np
from PIL import Image, ImageOps

HASH_SIDE = 16
# Of 256 bits. In 5,529 photographs of pets and things, versions of one (re-encoded, made smaller,
# 4 % of the margin off) lay at most 52 apart, pictures of two scenes at least 78; turned and
# mirrored in all eight ways, 1,940 cats and dogs at least 82.
NEAR = 60


class Picture(NamedTuple):
    """A row of sources.csv after a look at its file."""

    file: str
    photo: str
    sha256: str
    reason: str = ""  # why it is not taken
    bits: np.ndarray | None = None  # (8, 256) bool, what `look` saw


def look(image: Image.Image) -> np.ndarray:
    """(8, 256) bool: the perceptual hashes of a picture as it is, turned and mirrored."""
    side = 4 * HASH_SIDE  # to which the hash goes down anyway
    small = image.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    turned = [small.rotate(angle) for angle in (0, 90, 180, 270)]
    seen = [*turned, *map(ImageOps.mirror, turned)]
    return np.stack([imagehash.phash(each, HASH_SIDE).hash.ravel() for each in seen])


def groups(pictures: list[Picture]) -> list[list[Picture]]:
    """The pictures, those together that show the same: one `photo`, copies, near copies."""
    parent = list(range(len(pictures)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    first: dict[str, int] = {}
    for n, picture in enumerate(pictures):
        parent[root(n)] = root(first.setdefault(picture.photo, n))
    for n, other in near([picture.bits for picture in pictures]):
        parent[root(n)] = root(other)
    together: dict[int, list[Picture]] = {}
    for n, picture in enumerate(pictures):
        together.setdefault(root(n), []).append(picture)
    return list(together.values())


def near(bits: list[np.ndarray]) -> Iterable[tuple[int, int]]:
    """Pairs of places in a list of (8, 256) bool hashes whose pictures are near copies."""
    if not bits:
        return
    signs = np.stack(bits).astype(np.float32) * 2 - 1  # (N, 8, 256); a product counts equal bits
    for start in range(0, len(signs), 512):
        plain = signs[start : start + 512, 0]
        likeness = np.max([plain @ signs[start:, way].T for way in range(8)], axis=0)
        for n, other in np.argwhere(likeness >= HASH_SIDE**2 - 2 * NEAR):
            if n < other:
                yield start + int(n), start + int(other)


def deal(groups: list[list[Picture]], rooms: dict[str, int], seed: int) -> dict[str, list[Picture]]:
    """Which pictures go into which split: full ones, if the pictures suffice.

    Groups, the largest first, go where most room is left, and what finds no room there is left
    out; single pictures then fill test, validation and train, in this order.
    """

    def order(picture: Picture) -> tuple[str, str]:
        return hashlib.sha256(f"{seed} {picture.photo}".encode()).hexdigest(), picture.sha256

    ordered = sorted(
        (sorted(group, key=order) for group in groups),
        key=lambda group: (-len(group), order(group[0])),
    )
    taken: dict[str, list[Picture]] = {split: [] for split in rooms}

    def room(split: str) -> int:
        return rooms[split] - len(taken[split])

    for group in ordered:
        if len(group) > 1:
            split = max(rooms, key=room)
        else:
            split = next((split for split in reversed(rooms) if room(split)), "train")
        taken[split] += group[: room(split)]
    return taken
