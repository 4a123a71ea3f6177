"""Hints spread along the edges of lightness, and are met in the whole photograph."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data
from skimage.color import rgb2lab

from colornet.colour import lab
from colornet.hints import Hint
from colornet.inference.fullsize import finish, small_grey
from colornet.inference.spread import Spread
from colornet.square import box_of

RED, GREEN, GREY = (190, 60, 50), (40, 150, 60), (128, 128, 128)


def base(picture: Image.Image, a: float = 0.05, b: float = 0.1) -> np.ndarray:
    """The colours of a network that sees the same colour everywhere."""
    width, height = box_of(*picture.size, 128)[2:]
    return np.tile(np.array([a, b], "float32"), (height, width, 1))


def spread(picture: Image.Image, hints: list[Hint], ab: np.ndarray | None = None) -> np.ndarray:
    ab = base(picture) if ab is None else ab
    grey = picture.convert("L")
    return Spread(small_grey(grey, ab), grey)(ab, hints)


def painted(picture: Image.Image, hints: list[Hint]) -> Image.Image:
    return finish(picture, spread(picture, hints), saturation=1)


def off(picture: Image.Image, output: Image.Image, hint: Hint) -> float:
    """Units of ab between the output at a hint and what sRGB can show of its colour there."""
    width, height = picture.size
    place = min(int(hint.x * width), width - 1), min(int(hint.y * height), height - 1)
    light = lab.lightness(np.array([[picture.convert("L").getpixel(place)]]))
    fitted = lab.fit(light, lab.ab(np.array([hint.colour], "uint8")))
    return float(lab.distance(lab.ab(np.array(output.getpixel(place), "uint8")), fitted[0]))


def lines(width: int, height: int) -> Image.Image:
    """A bright picture with lines of 1 to 5 pixels, of any grey."""
    picture, random = Image.new("L", (width, height), 180), np.random.default_rng(0)
    for _ in range(40):
        ends = random.integers(0, (width, height, width, height)).tolist()
        fill, thick = int(random.integers(20, 236)), int(random.integers(1, 6))
        ImageDraw.Draw(picture).line(ends, fill=fill, width=thick)
    return picture


def halves(height: float = 0.2) -> Image.Image:
    """Two halves whose lightness differs, of a picture of 640 x 480 with grain."""
    grey = np.full((480, 640), 0.4) + 0.005 * np.random.default_rng(0).normal(size=(480, 640))
    grey[:, 333:] += height
    return Image.fromarray(np.rint(255 * grey).astype("uint8"))


PICTURES = {
    "photograph": Image.fromarray(data.astronaut()),
    "lines": lines(1000, 750),
    "grain": Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400), "uint8")),
    "smaller than its colours": Image.fromarray(data.astronaut()).resize((40, 60)),
    "the smallest": lines(32, 32),
    "wide": lines(10_000, 32),
    "tall": lines(32, 3_000),
    "black": Image.new("L", (64, 48)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_at_its_place_a_hint_is_met_as_far_as_srgb_can_show_it(name):
    picture, random = PICTURES[name], np.random.default_rng(1)
    corners = [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.5)]
    ab, grey = base(picture), picture.convert("L")
    ready = Spread(small_grey(grey, ab), grey)
    pure = [(0, 0, 255), (0, 255, 0), (255, 255, 0), (255, 0, 255), (0, 255, 255), (255, 0, 0)]
    colours = pure + random.integers(0, 256, (4, 3)).tolist()
    places = corners + random.random((6, 2)).tolist()
    for place, colour in zip(places, colours, strict=True):
        hint = Hint(*place, tuple(colour))
        output = finish(picture, ready(ab, [hint]), saturation=1)
        assert off(picture, output, hint) < 2, (name, hint)


def test_several_hints_are_met_together():
    picture = PICTURES["photograph"]
    places = [(0.1, 0.1), (0.3, 0.8), (0.43, 0.28), (0.5, 0.52), (0.9, 0.75), (0.84, 0.2)]
    hints = [
        Hint(*place, colour) for place, colour in zip(places, [RED, GREEN, GREY] * 2, strict=True)
    ]
    output = painted(picture, hints)
    assert max(off(picture, output, hint) for hint in hints) < 2


def test_beyond_an_edge_colours_stay():
    picture = halves()
    change = 128 * abs(spread(picture, [Hint(0.25, 0.5, (255, 40, 20))]) - base(picture))
    assert change[:, :60].max(axis=2).min() > 40  # the whole half
    assert change[:, 68:].max() < 2  # the edge is at 66.6
    before, after = (
        lab.ab(np.asarray(painted(picture, hints)))
        for hints in ([], [Hint(0.25, 0.5, (255, 40, 20))])
    )
    assert lab.distance(before, after)[:, 345:].max() < 2


def test_an_object_changes_as_a_whole_and_its_surroundings_stay():
    picture = Image.new("L", (640, 480), 110)
    ImageDraw.Draw(picture).ellipse((200, 120, 440, 360), fill=165)
    change = lab.distance(spread(picture, [Hint(0.5, 0.5, RED)]), base(picture))
    inside = np.asarray(picture.resize((128, 96), Image.Resampling.BOX))
    assert change[inside == 165].min() > 0.8 * change.max()
    assert change[inside == 110].max() < 2


def test_two_hints_on_one_object_meet_softly():
    picture = Image.new("L", (640, 480), 128)
    ab = spread(picture, [Hint(0.2, 0.5, RED), Hint(0.8, 0.5, GREEN)])
    between = ab[48, 26:102]
    assert np.diff(between[:, 0]).max() < 0  # from red to green
    assert abs(np.diff(between, axis=0)).max() < 0.4 * np.ptp(between[:, 0])


def test_keep_holds_the_rest():
    picture = Image.new("L", (640, 480), 128)
    free, held = (
        lab.distance(spread(picture, [Hint(0.2, 0.5, RED), *more]), base(picture))
        for more in ([], [Hint(0.8, 0.5, None)])
    )
    assert held[48, 102] < 0.1 * free[48, 102]
    assert held[:, 110:].mean() < 0.5 * free[:, 110:].mean()


def test_a_grey_hint_takes_the_colour_away():
    output = np.asarray(painted(halves(), [Hint(0.25, 0.5, GREY)])).astype(int)
    assert np.ptp(output, axis=2)[200:280, 120:200].max() <= 4
    assert np.ptp(output, axis=2)[:, 400:].min() > 10


def test_a_disc_has_its_colour():
    picture = Image.new("L", (640, 480), 128)
    ab, hint = base(picture), Hint(0.5, 0.5, RED, radius=0.1)
    rows, columns = np.mgrid[:96, :128] + 0.5
    inside = np.hypot(rows - 48, columns - 64) < 12
    left = lab.distance(spread(picture, [hint], ab), lab.ab(np.array(RED, "uint8")))
    assert left[inside].max() < 0.15 * lab.distance(ab[0, 0], lab.ab(np.array(RED, "uint8")))


def test_of_two_hints_at_one_place_the_later_counts():
    picture = PICTURES["photograph"]
    first, second = Hint(0.3, 0.8, RED), Hint(0.3, 0.8, GREEN)
    np.testing.assert_array_equal(spread(picture, [first, second]), spread(picture, [second]))
    near = second._replace(x=0.3005)
    assert off(picture, painted(picture, [first, near]), near) < 2


def test_lightness_stays_whatever_the_hints():
    picture, random = PICTURES["photograph"], np.random.default_rng(3)
    hints = [Hint(*random.random(2), tuple(random.integers(0, 256, 3).tolist())) for _ in range(10)]
    before, after = (
        rgb2lab(np.asarray(each.convert("RGB")))[..., 0]
        for each in (picture.convert("L"), painted(picture, hints))
    )
    assert np.quantile(abs(after - before), 0.999) < 1


def test_the_same_hints_give_the_same_bytes_in_any_call():
    picture, ab = PICTURES["photograph"], base(PICTURES["photograph"])
    grey = picture.convert("L")
    hints = [Hint(0.3, 0.8, RED), Hint(0.6, 0.2, None, 0.05), Hint(0.1, 0.4, GREEN)]
    kept = Spread(small_grey(grey, ab), grey)
    kept(ab, hints[:1]), kept(ab, hints[::-1])
    assert kept(ab, hints).tobytes() == spread(picture, hints).tobytes()


def test_without_hints_or_with_what_is_there_already_nothing_changes():
    picture = PICTURES["photograph"]
    assert spread(picture, []).tobytes() == base(picture).tobytes()
    assert abs(spread(picture, [Hint(0.5, 0.5, None)]) - base(picture)).max() < 1e-6


def test_colours_stay_in_their_range():
    random = np.random.default_rng(4)
    picture = PICTURES["grain"]
    hints = [Hint(*random.random(2), tuple(random.integers(0, 256, 3).tolist())) for _ in range(50)]
    ab = spread(picture, hints)
    assert np.isfinite(ab).all() and abs(ab).max() <= 1 and ab.dtype == np.float32
