"""Jobs run on all cores; a reason is given once; no incomplete file is left."""

import errno
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from colornet.cli import batch, jobs, original
from colornet.cli.batch import Batch
from colornet.cli.outcome import Outcome
from colornet.images import photo
from colornet.system import machine, stop
from support.command import files
from support.pictures import colourful, opened

READ = functools.partial(original.read, max_pixels=10**6, max_bytes=10**6)
SAVE = functools.partial(original.save, mark=None)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """photos/0.png to 5.png in the working directory, and the jobs that colour them into out/."""
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    todo = [jobs.Job(Path(f"photos/{n}.png"), Path(f"out/{n}.png")) for n in range(6)]
    for number, job in enumerate(todo):
        colourful(number).save(job.source)
    return todo


def red(picture: Image.Image) -> Image.Image:
    return Image.new("RGB", picture.size, "red")


def done(todo, colorizer=red, *, read=READ, save=SAVE, **options) -> list[Outcome]:
    work = Batch(colorizer, read=read, save=save, **options)
    return [outcome for found in work.outcomes(todo) for outcome in found]


def fails(number: int):
    def save(*_):
        raise OSError(number, os.strerror(number))

    return save


def test_outcomes_come_in_the_order_of_the_jobs(photos):
    outcomes = done(photos)
    assert [outcome.source for outcome in outcomes] == [job.source for job in photos]
    assert {(outcome.state, outcome.made_grey) for outcome in outcomes} == {("coloured", True)}
    assert all(opened(job.target).getpixel((0, 0)) == (255, 0, 0) for job in photos)


def test_a_picture_without_colour_is_not_made_grey(photos):
    colourful(0).convert("L").save(photos[0].source)
    assert not done(photos[:1])[0].made_grey


@pytest.mark.skipif(machine.cores() < 2, reason="needs two cores")
def test_pictures_are_coloured_in_parallel(photos):
    both = threading.Barrier(2, timeout=600)

    def wait_for_another(picture):
        both.wait()
        return picture

    assert [outcome.state for outcome in done(photos, wait_for_another)] == ["coloured"] * 6


def test_large_pictures_are_coloured_one_by_one(photos, monkeypatch):
    monkeypatch.setattr(batch, "PIXELS", 1)
    alone = threading.Lock()

    def only(picture):
        assert alone.acquire(blocking=False)
        time.sleep(0.02)
        alone.release()
        return picture

    assert [outcome.state for outcome in done(photos, only)] == ["coloured"] * 6


def test_a_file_that_was_removed_is_named_and_the_others_are_coloured(photos):
    photos[2].source.unlink()
    outcomes = done(photos)
    assert outcomes[2][2:4] == ("skipped", "does not exist any more")
    assert [outcome.state for outcome in outcomes].count("coloured") == 5


def test_a_file_that_cannot_be_read_is_named(photos):
    def refused(file, **_):
        raise PermissionError(13, "Permission denied", str(file))

    assert done(photos[:1], read=refused)[0].reason == "cannot be read: Permission denied"


def test_a_picture_above_a_limit_is_named(photos):
    for limit, unit in (("max_pixels", "pixels"), ("max_bytes", "bytes")):
        (outcome,) = done(photos[:1], read=functools.partial(READ, **{limit: 100}))
        assert f"{unit}, more than the limit of 100" in outcome.reason


def test_a_full_disk_is_reported_once_and_the_rest_is_not_tried(photos):
    outcomes = done(photos, save=fails(errno.ENOSPC))
    assert {outcome.state for outcome in outcomes} == {"skipped"}
    (said,) = [outcome.reason for outcome in outcomes if not outcome.untried]
    assert said == "could not be written: the disk is full; free some space and repeat this"
    assert outcomes[-1].reason == "was not tried: the disk is full"


@pytest.mark.usefixtures("photos")
def test_an_incomplete_write_leaves_no_file():
    # As if the disk became full: another process, which may write at most 60 bytes into a file
    code = (
        "import resource; from test_batch import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))\n"
        "todo = [jobs.Job(Path('photos/0.png'), Path(f'out/0{e}')) for e in ('.jpg', '.png')]\n"
        "for outcome in done(todo): print(outcome.reason)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    end = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert end.stdout.splitlines() == ["cannot be written to out: File too large"] * 2
    assert os.listdir("out") == []


def test_a_folder_that_cannot_be_written_to_is_reported_once_and_others_are_tried(photos):
    todo = [*photos, jobs.Job(photos[0].source, Path("other/0.png"))]

    def save(picture, target, before):
        if target.parent.name == "out":
            raise PermissionError(errno.EACCES, "Permission denied", str(target))
        SAVE(picture, target, before)

    outcomes = done(todo, save=save)
    (said,) = [o.reason for o in outcomes[:-1] if not o.untried]
    assert said == "cannot be written to out: Permission denied"
    assert outcomes[-1].state == "coloured"


def test_a_name_of_255_bytes_is_written_and_a_longer_one_named(photos):
    long = Path("out") / f"{'é' * 125}a.png"
    assert len(os.fsencode(long.name)) == 255
    longer = long.with_name(f"b{long.name}")
    outcomes = done([jobs.Job(photos[0].source, long), jobs.Job(photos[1].source, longer)])
    assert [outcome.state for outcome in outcomes] == ["coloured", "skipped"]
    assert "too long a name: name a shorter --suffix" in outcomes[1].reason
    assert os.listdir("out") == [long.name]


def test_an_unexpected_error_stops_no_other_picture(photos):
    def faulty(picture):
        if picture.size == colourful(0).size:
            raise KeyError("x")
        return picture

    outcomes = done(photos, faulty)
    assert outcomes[0].reason == "caused an unexpected KeyError: 'x'"
    assert outcomes[1].state == "coloured"


def test_a_picture_that_needs_too_much_memory_is_named(photos):
    def short(_):
        raise MemoryError

    assert done(photos[:1], short)[0].reason == "needs more memory than is free"


def test_compare_writes_grey_and_coloured_side_by_side(photos):
    done(photos[:1], compare=True)
    strip, before = opened(photos[0].target), colourful(0)
    assert strip.size == (2 * before.width, before.height)
    assert strip.getpixel((before.width, 0)) == (255, 0, 0)
    left = strip.crop((0, 0, *before.size))
    assert left.tobytes() == before.convert("L").convert("RGB").tobytes()


def test_compare_keeps_transparency_on_both_sides(photos):
    before = colourful(0)
    before.putalpha(Image.linear_gradient("L").resize(before.size))
    before.save(photos[0].source)
    done(photos[:1], compare=True)
    alpha = opened(photos[0].target).getchannel("A")
    halves = (alpha.crop((x, 0, x + before.width, before.height)) for x in (0, before.width))
    assert {half.tobytes() for half in halves} == {before.getchannel("A").tobytes()}


def test_closed_early_it_finishes_the_files_being_written_and_no_others(photos):
    writing = threading.Event()

    def slow(picture, target, before):
        if target == photos[1].target:
            writing.set()
            with work._changed:
                assert work._changed.wait_for(lambda: work._stopped, 20)
        SAVE(picture, target, before)

    work = Batch(red, read=READ, save=slow)
    with closing(work.outcomes(photos)) as outcomes:
        next(outcomes)
        assert writing.wait(20)
    names = set(os.listdir("out"))
    assert "1.png" in names and all(opened(Path("out", name)).size for name in names)
    assert not [name for name in names if name.startswith(".")]


def test_a_picture_that_fails_because_the_program_is_stopped_is_not_called_damaged(
    photos, monkeypatch
):
    def fails(*_, **__):
        # As if Ctrl-C had ended the child process that decodes HEIC
        monkeypatch.setattr(stop, "requested", lambda: signal.SIGINT)
        raise photo.PhotoError("is damaged")

    with pytest.raises(stop.Stopped):
        done(photos[:1], read=fails)


def test_after_a_signal_no_picture_is_begun_and_nothing_is_written(photos, monkeypatch):
    def colour(picture):
        monkeypatch.setattr(stop, "requested", lambda: signal.SIGTERM)
        return picture

    with pytest.raises(stop.Stopped) as caught:
        done(photos, colour)
    assert caught.value.status == 143 and files(".") == [f"photos/{n}.png" for n in range(6)]
