"""The command colours films as it colours pictures: names, options, reports, exit statuses."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet.cli import call
from colornet.colorizer import NO_FILMS, Colorizer
from colornet.images import photo
from colornet.system import stop
from colornet.system.whole import WriteError
from support.command import COMMAND, ENV, files, printed
from support.films import PAINTER, coloured, contents, make
from support.pictures import colourful

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """mixed/ in the working directory, with a picture and two films."""
    monkeypatch.chdir(tmp_path)
    Path("mixed/old").mkdir(parents=True)
    colourful(0).save("mixed/a.png")
    make(Path("mixed/b.mp4"), sound="aac", metadata={"title": "Sunday"})
    make(Path("mixed/old/c.avi"), size=(96, 64))
    return Path("mixed")


class Red:
    """A colorizer without a network."""

    classifier, name = None, "tiny"

    def __call__(self, picture: Image.Image) -> Image.Image:
        return Image.new("RGB", picture.size, "red")

    def film(self, source, target, *, mark, **options):
        return coloured(source, target, PAINTER, run=mark, **options)


class Failing(Red):
    def __init__(self, *errors: Exception):
        self.errors = list(errors)

    def film(self, *_, **__):
        raise self.errors.pop(0)


def colornet(*arguments, colorizer=None) -> int:
    return call.run([str(argument) for argument in arguments], lambda _: colorizer or Red())


def test_pictures_and_films_of_a_folder_are_coloured(folder, capsys):
    assert colornet(folder) == 0
    assert files(folder) == [
        "mixed/a-colour.png",
        "mixed/a.png",
        "mixed/b-colour.mp4",
        "mixed/b.mp4",
        "mixed/old/c-colour.mkv",
        "mixed/old/c.avi",
    ]
    assert "3 coloured (1 of them from colour, made grey first), 0 kept" in printed(capsys)
    assert colornet(folder) == 0
    assert "0 coloured, 3 kept, 0 skipped, results of earlier calls left out: 3" in printed(capsys)


def test_options_of_pictures_hold_for_films_and_formats_do_not(folder):
    options = ("--output", "out", "--suffix", "-new", "--format", "jpeg", "--quality", 1)
    assert colornet(folder, *options) == 0
    assert files("out") == ["out/a-new.jpg", "out/b-new.mp4", "out/old/c-new.mkv"]
    low = os.path.getsize("out/b-new.mp4")
    assert colornet(folder, *options[:-1], 100, "--overwrite") == 0
    assert os.path.getsize("out/b-new.mp4") > low


def test_a_comparison_of_a_film_is_twice_as_wide(folder):
    assert colornet(folder / "b.mp4", "--compare") == 0
    after = contents(folder / "b-compare.mp4")
    assert (after.width, after.height) == (128, 48)


def test_json_lists_films_with_their_frames(folder, capsys):
    assert colornet(folder, "--json") == 0
    found = {entry["source"]: entry for entry in json.loads(capsys.readouterr().out)["files"]}
    assert found["mixed/b.mp4"]["frames"] == 12 and found["mixed/b.mp4"]["state"] == "coloured"
    assert "frames" not in found["mixed/a.png"]


def test_the_mark_names_the_run_unless_it_is_left_out(folder):
    assert colornet(folder) == 0
    xmp = contents(folder / "b-colour.mp4").metadata["xmp"]
    assert "compositeWithTrainedAlgorithmicMedia" in xmp and 'AISystemVersionUsed="tiny"' in xmp
    assert contents(folder / "old/c-colour.mkv").metadata["AISYSTEMVERSIONUSED"] == "tiny"
    assert colornet(folder, "--no-mark", "--output", "out") == 0
    assert "xmp" not in contents(Path("out/b.mp4")).metadata
    assert "AISYSTEMUSED" not in contents(Path("out/old/c.mkv")).metadata


def test_limits_skip_films_with_a_reason(folder, capsys):
    assert colornet(folder / "b.mp4", "--max-pixels", 3000) == 1
    assert "mixed/b.mp4 has 3,072 pixels, more than the limit of 3,000" in printed(capsys)
    make(folder / "b.mp4", count=60)
    assert colornet(folder / "b.mp4", "--max-seconds", 2) == 1
    assert "mixed/b.mp4 lasts 0:03, longer than the limit of 0:02" in printed(capsys)
    assert colornet(folder / "b.mp4", "--max-bytes", 100) == 0


def test_a_broken_film_is_skipped_and_the_rest_is_coloured(folder, capsys):
    (folder / "broken.mp4").write_text("no film")
    assert colornet(folder) == 1
    text = printed(capsys)
    assert "skipped: mixed/broken.mp4 is no film that can be read" in text
    assert "3 coloured" in text and "1 skipped" in text


def test_without_pyav_pictures_are_coloured_and_films_say_what_is_missing(folder, capsys):
    missing = photo.PhotoError(NO_FILMS)
    missing.__cause__ = ModuleNotFoundError("av")
    assert colornet(folder, colorizer=Failing(missing)) == 1
    text = printed(capsys)
    assert text.count("needs PyAV and OpenCV: `pip install av opencv-python-headless`") == 1
    assert "1 coloured" in text and "2 skipped (1 of them not tried)" in text


def test_where_pyav_is_missing_a_film_has_a_sentence(run, tmp_path, monkeypatch):
    monkeypatch.delattr("colornet.film.film")
    monkeypatch.setitem(sys.modules, "colornet.film.film", None)
    with pytest.raises(photo.PhotoError, match="^is a film, which needs PyAV and OpenCV") as raised:
        Colorizer(run).film(tmp_path / "a.mp4", tmp_path / "out.mp4")
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)


def test_a_full_disk_is_said_once(folder, capsys):
    full = WriteError(errno.ENOSPC, "No space left on device")
    assert colornet(folder, colorizer=Failing(full)) == 1
    text = printed(capsys)
    assert text.count("could not be written: the disk is full; free some space") == 1
    assert "2 skipped (1 of them not tried)" in text


def test_a_stop_ends_the_call_with_its_status(folder, capsys):
    assert colornet(folder, colorizer=Failing(stop.Stopped(signal.SIGTERM))) == 143
    assert "the same command continues" in printed(capsys)


def test_a_folder_for_results_is_not_named_like_a_film(folder, capsys):
    with pytest.raises(SystemExit):
        colornet(folder, "--output", "out.mp4")
    assert "out.mp4 is named like a film; name a folder" in printed(capsys)


def test_a_run_colours_a_film_from_python(run, tmp_path):
    film, seen = make(tmp_path / "a.mp4"), []
    result = Colorizer(run, saturation=3).film(
        str(film), tmp_path / "out.mp4", progress=lambda *given: seen.append(given)
    )
    assert result.frames == 12 and seen[-1] == (12, 12)
    rgb = np.array(contents(tmp_path / "out.mp4").frames, int)
    assert np.ptp(rgb, axis=-1).mean() > 5


def test_ctrl_c_leaves_no_half_film_and_the_same_command_continues(run):
    make(Path("a.mp4"), count=700)
    command = [*COMMAND, "--run", str(run), "a.mp4"]
    # Nice: on a busy machine the film would be complete before this process sees a segment
    process = subprocess.Popen(["nice", *command], stderr=subprocess.PIPE, text=True, env=ENV)
    while process.poll() is None and not list(Path().glob(".colornet-*/*.npz")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert "the same command continues" in process.communicate()[1]
    assert process.returncode == 130
    assert not Path("a-colour.mp4").exists()
    done = subprocess.run(command, capture_output=True, text=True, env=ENV)
    assert done.returncode == 0 and "1 coloured" in done.stderr
    assert len(contents(Path("a-colour.mp4")).frames) == 700
    assert [each for each in os.listdir() if each.startswith(".")] == []
