"""Content decides the split of a picture, and pictures of one scene share a split."""

import numpy as np
import pytest

from colornet import split
from colornet.split import Picture, assign

COUNTS = {"train": 4, "validation": 2, "test": 2}


def test_hashes_are_near_up_to_the_limit():
    bits = np.random.default_rng(0).random((3, 8, 256)) < 0.5
    bits[1, 0] = bits[0, 0]
    bits[1, 0, : split.NEAR] ^= True
    bits[2, 1] = bits[0, 0]  # picture 2, turned, is like picture 0
    bits[2, 1, -split.NEAR - 1 :] ^= True
    assert list(split.near(bits)) == [(0, 1)]
    bits[2, 1, -1] ^= True
    assert list(split.near(bits)) == [(0, 1), (0, 2)]


def pictures(*sizes):
    return [
        [Picture(f"{g}-{n}", f"photo {g}", f"{g}-{n}") for n in range(size)]
        for g, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ((5,) * 7, (24, 4, 4)),
        ((1,) * 12, (4, 2, 2)),
        ((3, 3, 1, 1, 1), (4, 2, 2)),
        ((4, 1, 1, 1, 1), (4, 2, 2)),
        ((9, 1, 1, 1), (4, 1, 2)),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_every_split_is_filled_and_no_group_is_in_two(sizes, counts, seed):
    wanted = dict(zip(COUNTS, counts, strict=True))
    splits = assign(pictures(*sizes), wanted, seed)
    assert {name: len(part) for name, part in splits.items()} == wanted
    pairs = {(picture.photo, name) for name, part in splits.items() for picture in part}
    assert len(pairs) == len({photo for photo, _ in pairs})


def test_the_order_of_files_changes_nothing():
    groups = pictures(3, 2, 2, 1, 1, 1, 1, 1)
    backwards = [group[::-1] for group in groups[::-1]]
    assert assign(groups, COUNTS, 0) == assign(backwards, COUNTS, 0)


def test_groups_join_the_same_photo_and_near_copies():
    bits = np.random.default_rng(0).random((5, 8, 256)) < 0.5
    bits[4] = bits[1]
    photos = ["a", "b", "c", "b", "d"]
    found = split.groups([Picture(str(n), photos[n], "", bits=bits[n]) for n in range(5)])
    assert [[picture.file for picture in group] for group in found] == [
        ["0"],
        ["1", "3", "4"],
        ["2"],
    ]
    assert split.groups([]) == []
