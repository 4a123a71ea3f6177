"""A film that was stopped is continued, and gets the same bytes as one that never was."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.film import frames, segments, source
from colornet.film.frames import Place
from colornet.film.work import Painter
from colornet.images.limits import PhotoError
from colornet.system import stop, whole
from colornet.system.whole import WriteError
from support.films import coloured, make, red

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
COUNT, LENGTH = 23, 5  # frames of a film and of a segment


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "length", lambda width, height: LENGTH)
    (tmp_path / "out").mkdir()
    return make(tmp_path / "a.mp4", count=COUNT, sound="aac", subtitles="mov_text")


class Counting:
    """A painter whose colours depend on the frame; it counts the frames, and may wait."""

    def __init__(self, pause: float = 0.0):
        self.count, self.pause = 0, pause
        self.painter = Painter(self.colours, red, {"test": 2})

    def colours(self, grey: Image.Image) -> tuple[np.ndarray, np.ndarray]:
        self.count += 1
        time.sleep(self.pause)
        small = np.asarray(grey.resize((32, 32)))
        return small, np.repeat(small[..., None] / 255, 2, axis=2).astype("float32")


def stop_after(number: int):
    def progress(done: int, total: int | None) -> None:
        if done == number:
            raise stop.Stopped

    return progress


def whole_film(film: Path) -> bytes:
    target = film.parent / "never-stopped.mp4"
    coloured(film, target, Counting().painter)
    return target.read_bytes()


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_stopped_film_is_continued_with_the_same_bytes(film):
    target = film.parent / "out" / "a.mp4"
    with pytest.raises(stop.Stopped):
        coloured(film, target, Counting().painter, progress=stop_after(13))
    assert not target.exists()
    second, seen = Counting(), []
    coloured(film, target, second.painter, progress=lambda *given: seen.append(given))
    assert second.count == COUNT - 10  # two segments were done
    assert seen[0] == (11, COUNT) and seen[-1] == (COUNT, COUNT)
    assert target.read_bytes() == whole_film(film)
    assert left(target.parent) == ["a.mp4"]


def test_the_same_film_gets_the_same_bytes_at_every_stop(film):
    target, expected = film.parent / "out" / "a.mp4", whole_film(film)
    for number in (1, 5, 6, COUNT):
        with pytest.raises(stop.Stopped):
            coloured(film, target, Counting().painter, progress=stop_after(number))
        coloured(film, target, Counting().painter)
        assert target.read_bytes() == expected
        target.unlink()


def test_killed_it_leaves_no_half_film_and_is_continued(film):
    target = film.parent / "out" / "a.mp4"
    code = (
        "import sys; from pathlib import Path; from colornet.film import segments;"
        f"segments.length = lambda *_: {LENGTH};"
        "from test_film_stopped import Counting, coloured;"
        "coloured(Path(sys.argv[1]), Path(sys.argv[2]), Counting(0.2).painter)"
    )
    places = [str(ROOT), str(ROOT / "tests"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    process = subprocess.Popen([sys.executable, "-c", code, film, target], env=environment)
    while process.poll() is None and len(list(target.parent.glob(".colornet-*/*.npz"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not target.exists()
    second = Counting()
    coloured(film, target, second.painter)
    assert second.count <= COUNT - 2 * LENGTH
    assert target.read_bytes() == whole_film(film)


def test_what_was_made_from_anything_else_is_not_used(film):
    target = film.parent / "out" / "a.mp4"
    changes = ({"quality": 50}, {"compare": True}, {})
    for options in changes:
        with pytest.raises(stop.Stopped):
            coloured(film, target, Counting().painter, progress=stop_after(13))
        if not options:
            os.utime(film, (1, 1))
        second = Counting()
        coloured(film, target, second.painter, **options)
        assert second.count == COUNT


def test_a_broken_segment_is_made_again(film):
    target = film.parent / "out" / "a.mp4"
    with pytest.raises(stop.Stopped):
        coloured(film, target, Counting().painter, progress=stop_after(13))
    (first, second) = sorted(target.parent.glob(".colornet-*/*.npz"))
    second.write_bytes(second.read_bytes()[:-100])
    again = Counting()
    coloured(film, target, again.painter)
    assert again.count == COUNT - LENGTH
    assert target.read_bytes() == whole_film(film)


def test_a_full_disk_loses_nothing_that_is_done(film, monkeypatch):
    target, real, calls = film.parent / "out" / "a.mp4", whole.file, []

    @contextmanager
    def full(file: Path):
        calls.append(file)
        if len(calls) == 4:  # what it is made from, two segments, and the third
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with real(file) as stream:
            yield stream

    monkeypatch.setattr(whole, "file", full)
    with pytest.raises(WriteError) as raised:
        coloured(film, target, Counting().painter)
    assert raised.value.errno == errno.ENOSPC
    second = Counting()
    coloured(film, target, second.painter)
    assert second.count == COUNT - 2 * LENGTH
    assert target.read_bytes() == whole_film(film)


def test_a_disk_that_is_full_at_the_end_leaves_no_half_film(film):
    film = make(film.parent / "loud.mov", count=50, sound="pcm_s16le")
    target = film.parent / "out" / "loud.mov"
    code = (
        "import resource, sys; from pathlib import Path; from support.films import coloured;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "coloured(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    places = [str(ROOT), str(ROOT / "tests"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    done = subprocess.run(
        [sys.executable, "-c", code, film, target], env=environment, capture_output=True, text=True
    )
    assert "WriteError" in done.stderr.splitlines()[-1] and "large" in done.stderr
    assert not target.exists()
    coloured(film, target)
    assert target.stat().st_size > 100_000


def test_two_calls_do_not_colour_into_one_file(film):
    target = film.parent / "out" / "a.mp4"
    started, over = threading.Event(), threading.Event()

    def progress(done: int, total: int | None) -> None:
        started.set()
        over.wait()

    options = {"progress": progress}
    first = threading.Thread(target=coloured, args=(film, target), kwargs=options)
    first.start()
    started.wait()
    try:
        with pytest.raises(PhotoError, match="^is being coloured by another call$"):
            coloured(film, target)
    finally:
        over.set()
        first.join()
    assert target.exists()


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".avi", ".mpg", ".webm"])
def test_frames_after_a_place_are_those_of_the_whole_film(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(frames, "BACK", 0.2)
    options = {} if ending == ".webm" else {"g": "8", "bf": "2"}
    file = make(tmp_path / f"a{ending}", count=40, size=(96, 64), options=options)
    film = source.read(file, max_pixels=10**6, max_seconds=60)
    every = list(frames.after(film, Place()))
    assert len(every) == 40
    for count in (1, 13, 39, 40):
        last = every[count - 1]
        place = Place(count, last.pts, frames.checksum(last.grey))
        rest = list(frames.after(film, place))
        assert [each.pts for each in rest] == [each.pts for each in every[count:]]
        assert [each.grey.tobytes() for each in rest] == [e.grey.tobytes() for e in every[count:]]


def test_the_place_is_found_without_decoding_all_that_was_done(tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "BACK", 0.2)
    film = make(tmp_path / "a.mp4", count=40, options={"g": "8"})
    film = source.read(film, max_pixels=10**6, max_seconds=60)
    last = list(frames.after(film, Place()))[29]
    monkeypatch.setattr(frames, "_from_start", lambda *_: iter(()))
    assert len(list(frames.after(film, Place(30, last.pts, frames.checksum(last.grey))))) == 10
