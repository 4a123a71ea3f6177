"""Who falls into which split follows from content, and twins stay together."""

import numpy as np
import pytest

from colornet import split
from colornet.split import Picture, deal

ROOMS = {"train": 4, "validation": 2, "test": 2}


def test_only_near_hashes_are_near():
    bits = np.random.default_rng(0).random((3, 8, 256)) < 0.5
    bits[1, 0] = bits[0, 0]
    bits[1, 0, : split.NEAR] ^= True
    bits[2, 1] = bits[0, 0]  # the mirror image of 2 is like 0
    bits[2, 1, -split.NEAR - 1 :] ^= True
    assert list(split.near(list(bits))) == [(0, 1)]
    bits[2, 1, -1] ^= True
    assert list(split.near(list(bits))) == [(0, 1), (0, 2)]


def pictures(*sizes):
    return [
        [Picture(f"{g}-{n}", f"photo {g}", f"{g}-{n}") for n in range(size)]
        for g, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "rooms"),
    [
        ((5,) * 7, (24, 4, 4)),
        ((1,) * 12, (4, 2, 2)),
        ((3, 3, 1, 1, 1), (4, 2, 2)),
        ((4, 1, 1, 1, 1), (4, 2, 2)),
        ((9, 1, 1, 1), (4, 1, 2)),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_every_split_is_filled_and_no_group_is_in_two(sizes, rooms, seed):
    wanted = dict(zip(ROOMS, rooms, strict=True))
    taken = deal(pictures(*sizes), wanted, seed)
    assert {name: len(part) for name, part in taken.items()} == wanted
    where = {(picture.photo, name) for name, part in taken.items() for picture in part}
    assert len(where) == len({photo for photo, _ in where})


def test_dealing_does_not_follow_the_order_of_files():
    groups = pictures(3, 2, 2, 1, 1, 1, 1, 1)
    backwards = [group[::-1] for group in groups[::-1]]
    assert deal(groups, ROOMS, 0) == deal(backwards, ROOMS, 0)
