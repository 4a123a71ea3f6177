"""Colours to choose from: those of the picture, at the lightness of the place."""

import numpy as np
import pytest

from colornet.colour import lab
from dashboard import suggestions


def patches(*colours: tuple[float, float]) -> np.ndarray:
    """(30, 10 n, 2) float32: patches of colours in units of ab, each a little uneven."""
    rng = np.random.default_rng(0)
    parts = [rng.normal(colour, 0.5, (30, 10, 2)) for colour in colours]
    return np.concatenate(parts, axis=1).astype("float32") / 128


def ab_of(colour: str) -> np.ndarray:
    return 128 * lab.ab(np.frombuffer(bytes.fromhex(colour[1:]), "uint8"))


def test_the_colours_of_a_picture_are_offered_and_grey_is_not():
    rows = suggestions.likely(patches((20, 30), (20, 30), (-20, 10), (0, 0)), saturation=1)
    middle = rows[suggestions.ROWS // 2]
    assert len(middle) == 2
    assert ab_of(middle[0]) == pytest.approx([20, 30], abs=1.5)
    assert ab_of(middle[1]) == pytest.approx([-20, 10], abs=1.5)


def test_each_row_has_the_lightness_of_its_places():
    rows = suggestions.likely(patches((20, 30)), saturation=1)
    greys = [lab.grey(np.frombuffer(bytes.fromhex(row[0][1:]), "uint8"))[0] for row in rows]
    expected = ((np.arange(suggestions.ROWS) + 0.5) / suggestions.ROWS).clip(0.3, 0.85)
    assert lab.lightness(np.array(greys)) == pytest.approx(expected, abs=0.04)


def test_a_dark_place_is_offered_colours_that_can_be_told_apart():
    darkest = suggestions.likely(patches((20, 30), (-20, 10)), saturation=1)[0]
    assert lab.distance(*(ab_of(colour) / 128 for colour in darkest)) > 40


def test_at_most_six_colours_are_offered_and_always_the_same():
    colours = [(50 * np.cos(angle), 50 * np.sin(angle)) for angle in range(9)]
    rows = suggestions.likely(patches(*colours), saturation=1)
    assert len(rows[5]) == len(set(rows[5])) == 6
    assert suggestions.likely(patches(*colours), saturation=1) == rows


@pytest.mark.parametrize("saturation", [0, 1])
def test_a_picture_without_colours_offers_none(saturation):
    rows = suggestions.likely(patches((0, 0) if saturation else (20, 30)), saturation=saturation)
    assert rows == [[]] * suggestions.ROWS
