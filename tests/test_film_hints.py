"""Hints of films: carried along the motion up to the next cut, with the same bytes after a stop."""

import cv2
import numpy as np
import pytest
from PIL import Image

from colornet.film import hinted, segments
from colornet.film.frames import Place
from colornet.film.hinted import Hinted
from colornet.film.steady import Steady
from colornet.film.work import Painter
from colornet.hints import Hint
from colornet.system import stop
from support.films import coloured, constant, contents, make, red

HEIGHT, WIDTH, SPEED = 48, 64, 2  # SPEED: pixels by which a scene moves to the left in a frame


class Clock:
    """What `hinted` asks of a film."""

    time_base, rate, start = 1 / 25, 25, 0.0


def scene(seed: int, count: int) -> list[np.ndarray]:
    """The greys of a pan over soft shapes."""
    wide = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH + SPEED * count))
    wide = cv2.GaussianBlur(wide, (0, 0), 3)
    wide = np.clip(128 + 50 * wide / wide.std(), 0, 255).astype("uint8")
    return [np.ascontiguousarray(wide[:, SPEED * n : SPEED * n + WIDTH]) for n in range(count)]


def patch(upright: Image.Image, ab: np.ndarray, hints: list[Hint]) -> np.ndarray:
    """Hints that change a square of 16 pixels each, with its middle at the hint."""
    ab = ab.copy()
    for hint in hints:
        row, column = int(hint.y * HEIGHT), int(hint.x * WIDTH)
        ab[row - 8 : row + 8, column - 8 : column + 8] += 0.4
    return ab


def change(greys: list[np.ndarray], hints: list[Hint], *, stop_at: int | None = None) -> list:
    """What hints change in each frame: (48, 64), of a network that sees grey everywhere."""
    steady, work, found = Steady(), None, []
    for number, grey in enumerate(greys):
        if work is None or number == stop_at:
            state = {} if work is None else steady.state() | work.state()
            steady = Steady(state)
            work = Hinted(Clock, hints, patch, Place(number, number - 1), state)
        ab = steady(grey, np.zeros((HEIGHT, WIDTH, 2), "float32"))
        found.append(work(Image.fromarray(grey), number, ab, steady)[..., 0])
    return found


def test_a_hint_moves_with_what_it_colours():
    found = change(scene(0, 12), [Hint(0.6, 0.5, (200, 0, 0))])
    columns = np.arange(WIDTH)
    middles = [(each.sum(axis=0) * columns).sum() / each.sum() for each in found]
    steps = np.diff(middles)
    assert abs(steps + SPEED).max() < 0.3
    last = found[-1][18:30, int(middles[-1]) - 5 : int(middles[-1]) + 5]
    assert last.min() > 0.37  # of 0.4


def test_a_still_scene_keeps_a_hint_for_hundreds_of_frames():
    random = np.random.default_rng(0)
    still = scene(0, 1)[0].astype(int)
    grain = [np.clip(still + random.normal(0, 3, still.shape), 0, 255) for _ in range(200)]
    found = change([each.astype("uint8") for each in grain], [Hint(0.5, 0.5, None)])
    assert found[-1][18:30, 26:38].min() > 0.37
    assert abs(found[-1][:, :20]).max() < 0.02 and abs(found[-1][:, 44:]).max() < 0.02


def test_a_cut_ends_a_hint_and_a_later_one_begins_at_its_time():
    greys = scene(0, 6) + scene(1, 6)
    found = change(greys, [Hint(0.5, 0.5, None), Hint(0.25, 0.5, None, time=8 / 25)])
    strengths = [float(each.max()) > 0.3 for each in found]
    assert strengths == [True] * 6 + [False] * 2 + [True] * 4


def test_two_hints_of_one_shot_act_together():
    found = change(scene(0, 8), [Hint(0.7, 0.5, None), Hint(0.4, 0.5, None, time=4 / 25)])
    assert (found[3] > 0.3).sum() == pytest.approx(256, abs=60)
    assert (found[7] > 0.3).sum() == pytest.approx(512, abs=100)


@pytest.mark.parametrize("stop_at", [1, 4, 7])
def test_after_a_stop_the_changes_are_the_same_to_the_bit(stop_at):
    greys = scene(0, 6) + scene(1, 4)
    given = [Hint(0.5, 0.5, None), Hint(0.3, 0.5, None, time=0.12), Hint(0.5, 0.5, None, time=0.3)]
    whole, parts = change(greys, given), change(greys, given, stop_at=stop_at)
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))


def spread(upright: Image.Image, ab: np.ndarray, hints: list[Hint]) -> np.ndarray:
    return ab + np.float32(0.3) * len(hints)


def painter(*given: Hint) -> Painter:
    return Painter(constant, red, {"test": 1, "hints": given}, hints=given, spread=spread)


@pytest.mark.slow
def test_a_stopped_film_with_hints_is_continued_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "length", lambda width, height: 5)
    film, work = make(tmp_path / "a.mp4", count=13), painter(Hint(0.5, 0.5, None, time=0.2))

    def progress(done: int, total: int | None) -> None:
        if done == 8:
            raise stop.Stopped

    with pytest.raises(stop.Stopped):
        coloured(film, tmp_path / "out.mp4", work, progress=progress)
    assert coloured(film, tmp_path / "out.mp4", work).hints == 1
    coloured(film, tmp_path / "whole.mp4", work)
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    reds = [
        float(each[..., 0].mean() - each[..., 1].mean())
        for each in contents(film.with_name("out.mp4")).frames
    ]
    assert max(reds[:5]) + 5 < min(reds[5:])  # the hint's frame is the sixth


@pytest.mark.slow
def test_hints_after_the_end_are_said(tmp_path):
    film = make(tmp_path / "a.mp4")
    late = Hint(0.5, 0.5, None, time=9)
    done = coloured(film, tmp_path / "out.mp4", painter(late))
    assert done.hints == 0 and "its hints lie after its end" in done.notes
    done = coloured(film, tmp_path / "out.mp4", painter(late, Hint(0.5, 0.5, None)))
    assert done.hints == 1 and "1 more lie after its end" in done.notes
    assert hinted.due(Clock, Hint(0, 0, None, time=1), 25)
