"""Assigns pictures to train, validation and test, by content and seed alone.

Pictures of the same scene are never in different splits. File names and their order do not matter.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import imagehash
import numpy as np
from PIL import Image, ImageOps
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

HASH_SIDE = 16
# Of 256 bits. In 5,529 photographs of pets and things, versions of one (re-encoded, made smaller,
# 4 % of the margin cut off) differed in at most 52 bits, pictures of two scenes in at least 78;
# 1,940 cats and dogs, turned and mirrored in all eight ways, in at least 82.
NEAR = 60


class Picture(NamedTuple):
    """A row of sources.csv and what preprocess found in its file."""

    file: str
    photo: str
    sha256: str
    reason: str = ""  # why it is rejected; empty if it is usable
    bits: np.ndarray | None = None  # (8, 256) bool, from `hashes`; None if it is rejected


def hashes(image: Image.Image) -> np.ndarray:
    """(8, 256) bool: the perceptual hashes of a picture as it is, turned and mirrored."""
    side = 4 * HASH_SIDE  # the size to which phash itself scales
    small = image.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    turned = [small.rotate(angle) for angle in (0, 90, 180, 270)]
    versions = [*turned, *map(ImageOps.mirror, turned)]
    return np.stack([imagehash.phash(each, HASH_SIDE).hash.ravel() for each in versions])


def groups(pictures: list[Picture]) -> list[list[Picture]]:
    """Groups usable pictures that show the same scene: same `photo`, copies and near copies."""
    if not pictures:
        return []
    first: dict[str, int] = {}
    pairs = [(first.setdefault(picture.photo, n), n) for n, picture in enumerate(pictures)]
    pairs += near(np.stack([picture.bits for picture in pictures]))
    one, other = np.transpose(pairs)
    shape = len(pictures), len(pictures)
    links = coo_array((np.ones(len(pairs), bool), (one, other)), shape)
    _, labels = connected_components(links, directed=False)
    found: dict[int, list[Picture]] = {}
    for label, picture in zip(labels, pictures, strict=True):
        found.setdefault(int(label), []).append(picture)
    return list(found.values())


def near(bits: np.ndarray) -> Iterable[tuple[int, int]]:
    """Pairs of indices of near copies; bits: (N, 8, 256) bool from `hashes`."""
    signs = bits.astype(np.float32) * 2 - 1  # the product of two hashes counts their equal bits
    for start in range(0, len(signs), 512):
        plain = signs[start : start + 512, 0]
        likeness = np.max([plain @ signs[start:, way].T for way in range(8)], axis=0)
        for n, other in np.argwhere(likeness >= HASH_SIDE**2 - 2 * NEAR):
            if n < other:
                yield start + int(n), start + int(other)


def assign(
    groups: list[list[Picture]], counts: dict[str, int], seed: int
) -> dict[str, list[Picture]]:
    """Chooses the pictures of each split; `counts` are the wanted numbers.

    Groups of several pictures come first, the largest at the start: each goes to the split that
    lacks most pictures, and what exceeds its count is left out. Single pictures then fill test,
    validation and train, in this order. A split has fewer pictures than wanted if they run out.
    """

    def order(picture: Picture) -> tuple[str, str]:
        return hashlib.sha256(f"{seed} {picture.photo}".encode()).hexdigest(), picture.sha256

    ordered = sorted(
        (sorted(group, key=order) for group in groups),
        key=lambda group: (-len(group), order(group[0])),
    )
    splits: dict[str, list[Picture]] = {name: [] for name in counts}

    def missing(name: str) -> int:
        return counts[name] - len(splits[name])

    for group in ordered:
        if len(group) > 1:
            name = max(counts, key=missing)
        else:
            name = next((name for name in reversed(counts) if missing(name)), "train")
        splits[name] += group[: missing(name)]
    return splits
