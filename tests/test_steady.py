"""Colours of films without flicker, on small made-up scenes."""

import cv2
import numpy as np
import pytest

from colornet.film import steady
from colornet.film.steady import Steady

HEIGHT, WIDTH = 48, 64  # of the colours; the greys have twice the size
NOISE = 0.05


def scene(seed: int, extra: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture of soft shapes, and its colours at half the size: (48, 64 + extra, 2)."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(3, 2 * HEIGHT, 2 * (WIDTH + extra)))
    grey, a, b = (cv2.GaussianBlur(each, (0, 0), 4) for each in values)
    grey = np.clip(128 + 50 * grey / grey.std(), 0, 255).astype("uint8")
    ab = 0.2 * np.stack([a / a.std(), b / b.std()], axis=2).astype("float32")
    return grey, np.ascontiguousarray(ab[::2, ::2])


def noisy(ab: np.ndarray, seed: int) -> np.ndarray:
    """What a network might say of one frame: the colours with an error of its own."""
    error = np.random.default_rng(seed).normal(size=ab.shape).astype("float32")
    return ab + NOISE * error


def shown(frames: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    film = Steady()
    return [film(grey, ab) for grey, ab in frames]


def brighter(grey: np.ndarray, gain: float, offset: float = 0) -> np.ndarray:
    return np.clip(gain * grey.astype("float32") + offset, 0, 255).astype("uint8")


@pytest.fixture
def varied() -> list[tuple[np.ndarray, np.ndarray]]:
    """A pan, a flash in it, a cut, and a fade."""
    grey, ab = scene(0, extra=12)
    film = [
        (grey[:, 2 * n : 2 * (n + WIDTH)], noisy(ab[:, n : n + WIDTH], seed=n)) for n in range(8)
    ]
    film[4] = brighter(film[4][0], 2, 90), film[4][1] * 0
    grey, ab = scene(1)
    return film + [(brighter(grey, 0.8**n), noisy(ab, seed=n)) for n in range(5)]


def test_a_single_frame_keeps_the_colours_of_the_network():
    grey, ab = scene(0)
    assert np.array_equal(Steady()(grey, ab), ab)


def test_the_same_frames_give_the_same_bytes(varied):
    first, second = shown(varied), shown(varied)
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert {each.dtype for each in first} == {np.dtype("float32")}


def test_another_object_goes_on_exactly_from_the_state(varied, tmp_path):
    expected, film = shown(varied), Steady()
    for (grey, ab), one in zip(varied, expected, strict=True):
        np.savez(tmp_path / "state.npz", **film.state())
        with np.load(tmp_path / "state.npz") as state:
            film = Steady(dict(state))
        assert np.array_equal(film(grey, ab), one)


def test_before_the_first_frame_the_state_is_empty():
    assert Steady().state() == Steady({}).state() == {}


def test_how_long_a_flash_is_remembered_is_in_the_state():
    (grey, ab), (other, other_ab) = scene(0), scene(1)
    film = Steady()
    for picture in [(grey, ab)] + [(other, other_ab)] * (steady.PATIENCE + 2) + [(grey, -ab)]:
        film = Steady(film.state())
        last = film(*picture)
    assert np.array_equal(last, -ab)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (0.2, 0.2), (1, 0.2), (0.2, 1)])
def test_a_cut_carries_nothing_in_bright_films_and_in_dark_ones(before, after):
    for seed in range(10):
        (old, old_ab), (new, new_ab) = scene(seed), scene(100 + seed)
        frames = [(brighter(old, before), old_ab)] * 3 + [(brighter(new, after), new_ab)]
        assert np.array_equal(shown(frames)[-1], new_ab)


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize(("gain", "offset"), [(1.5, 40), (2, 120)])
def test_the_colours_from_before_a_flash_come_back_after_it(length, gain, offset):
    grey, ab = scene(0)
    flash = brighter(grey, gain, offset), 0 * ab
    after = shown([(grey, ab)] * 2 + [flash] * length + [(grey, -ab)])[-1]
    assert np.abs(after - (steady.KEEP * ab - (1 - steady.KEEP) * ab)).max() < 0.02


def test_a_weak_flash_keeps_the_colours_itself():
    grey, ab = scene(0)
    assert distance(shown([(grey, ab), (brighter(grey, 1.3, 20), 0 * ab)])[-1], 0.85 * ab) < 0.01


def test_what_returns_much_later_is_coloured_anew():
    (grey, ab), (other, other_ab) = scene(0), scene(1)
    there = [(other, other_ab)] * (steady.PATIENCE + 2)
    assert np.array_equal(shown([(grey, ab), *there, (grey, -ab)])[-1], -ab)


def test_a_still_picture_settles_near_the_mean_of_what_the_network_says():
    grey, ab = scene(0)
    out = shown([(grey, noisy(ab, seed)) for seed in range(120)])
    assert distance(out[10], ab) < 0.45 * distance(noisy(ab, 0), ab)
    assert distance(out[119], ab) < 0.35 * distance(noisy(ab, 0), ab)
    assert distance(out[119], out[118]) < 0.2 * distance(noisy(ab, 0), noisy(ab, 1))


def test_colours_that_stay_the_same_are_not_changed_by_a_long_still_shot():
    grey, ab = scene(0)
    assert distance(shown([(grey, ab)] * 100)[-1], ab) < 1e-3


def test_grain_does_not_stop_the_colours():
    grey, ab = scene(0)
    random = np.random.default_rng(0)
    grainy = [
        np.clip(grey + random.normal(0, 16, grey.shape), 0, 255).astype("uint8") for _ in "12"
    ]
    assert distance(shown([(grainy[0], ab), (grainy[1], 0 * ab)])[-1], 0.85 * ab) < 0.05


@pytest.mark.parametrize("pixels", [1, 3])
def test_a_pan_leaves_the_colours_on_their_objects(pixels):
    grey, ab = scene(0, extra=12)
    frames, place = [], slice(8, WIDTH - 8)  # what enters and leaves at the sides is left out
    for left in range(0, 4 * pixels, pixels):
        part = ab[:, left : left + WIDTH]
        frames.append((grey[:, 2 * left : 2 * (left + WIDTH)], part if left == 0 else 0 * part))
    carried = shown(frames)[-1] / steady.KEEP**3
    assert distance(carried[:, place], part[:, place]) < 0.25 * distance(0 * ab, ab)
    assert distance(carried[:, place], ab[:, :WIDTH][:, place]) > distance(carried, part)


@pytest.mark.parametrize("gain", [0.7, 1.2])
def test_a_fade_keeps_the_colours(gain):
    grey, ab = scene(0)
    grey = brighter(grey, 0.5)
    frames = [(brighter(grey, gain**n), ab if n == 0 else 0 * ab) for n in range(4)]
    assert distance(shown(frames)[-1], steady.KEEP**3 * ab) < 0.05 * distance(0 * ab, ab)


def test_what_appears_has_the_colours_of_the_network():
    grey, ab = scene(0)
    new = grey.copy()
    new[40:72, 40:72] = 255 - new[40:72, 40:72] // 4
    out = shown([(grey, ab), (new, 0 * ab)])[-1]
    assert distance(out[24:32, 24:32], 0 * ab[24:32, 24:32]) < 0.03
    assert distance(out[:12], steady.KEEP * ab[:12]) < 0.02


def test_frames_of_another_size_start_anew():
    (grey, ab), (other, other_ab) = scene(0), scene(0, extra=8)
    assert np.array_equal(shown([(grey, ab), (other, other_ab)])[-1], other_ab)


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (5, 64), (64, 11), (16, 16)])
def test_frames_of_any_size_are_coloured(size):
    grey = np.random.default_rng(0).integers(0, 256, size, dtype="uint8")
    ab = np.full((*size, 2), 0.1, "float32")
    assert distance(shown([(grey, ab)] * 3)[-1], ab) < 1e-3


def test_black_and_white_frames_are_coloured():
    ab = np.full((HEIGHT, WIDTH, 2), 0.1, "float32")
    for grey in (0, 255):
        plain = np.full((2 * HEIGHT, 2 * WIDTH), grey, "uint8")
        assert distance(shown([(plain, ab), (plain, 0 * ab)])[-1], 0.85 * ab) < 1e-3


def test_the_brightness_of_one_grey_is_given_to_another():
    grey, _ = scene(0)
    assert np.array_equal(steady.as_bright(grey, grey), grey)
    darker = brighter(grey, 0.5, 10)
    assert np.abs(steady.as_bright(grey, darker).astype(int) - darker).max() <= 1


def distance(ab: np.ndarray, other: np.ndarray) -> float:
    """The mean over the pixels, in the unit of ab/128."""
    return float(np.linalg.norm(ab - other, axis=-1).mean())
