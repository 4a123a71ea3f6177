"""The command line: what goes in comes out coloured, and the rest is named."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import colourful, opened
from PIL import Image

from colornet import colorize


@pytest.fixture
def photos(run):
    """photos/ in the working directory: a JPEG, a PNG in a folder below, and a text file."""
    folder = Path("photos")
    (folder / "album").mkdir(parents=True)
    colourful(0).resize((90, 60)).save(folder / "a.jpg", quality=95)
    colourful(1).save(folder / "album" / "b.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def call(*arguments) -> int:
    return colorize.main([str(argument) for argument in ("--run", "runs/tiny", *arguments)])


def said(capsys) -> str:
    return capsys.readouterr().err


def test_a_folder_comes_out_with_its_tree_and_sizes(photos, capsys):
    assert call(photos, "--output", "out") == 0
    files = sorted(str(file) for file in Path("out").rglob("*") if file.is_file())
    assert files == ["out/a.jpg", "out/album/b.png"]
    assert opened("out/a.jpg").size == (90, 60)
    assert "2 coloured" in said(capsys)


def test_jpegs_are_written_without_losing_colour_resolution(photos):
    call(photos / "a.jpg", "--output", "out")
    written = opened("out/a.jpg")
    assert written.layer[0][1:3] == written.layer[1][1:3] == (1, 1)  # 4:4:4
    best = Image.new("RGB", (8, 8))
    best.save("best.jpg", quality=95)
    assert written.quantization == opened("best.jpg").quantization


def test_only_colour_comes_from_the_network(photos):
    call(photos / "album" / "b.png", "--output", "out")
    before = np.asarray(opened(photos / "album" / "b.png").convert("L")).astype(int)
    after = np.asarray(opened("out/b.png"))
    assert np.ptp(after, axis=-1).max() > 20
    from skimage.color import rgb2lab

    grey = rgb2lab(np.repeat(before[..., None], 3, axis=-1).astype("uint8"))[..., 0]
    assert np.quantile(abs(rgb2lab(after)[..., 0] - grey), 0.999) <= 1


def test_a_bad_file_is_named_and_the_others_are_done(photos, capsys):
    (photos / "bad.jpg").write_bytes(b"no picture at all")
    assert call(photos, "missing.jpg", "--output", "out") == 1
    text = said(capsys)
    assert "photos/bad.jpg is no picture" in text and "missing.jpg does not exist" in text
    assert "2 coloured" in text and Path("out/a.jpg").is_file()
    assert not Path("out/bad.jpg").exists()


def test_nothing_is_overwritten_unless_asked_for(photos, capsys):
    Path("out").mkdir()
    Path("out/a.jpg").write_text("mine")
    assert call(photos / "a.jpg", "--output", "out") == 0
    assert Path("out/a.jpg").read_text() == "mine"
    assert "--overwrite" in said(capsys)
    assert call(photos / "a.jpg", "--output", "out", "--overwrite") == 0
    assert opened("out/a.jpg").size == (90, 60)


def test_two_inputs_of_one_name_do_not_meet(photos, capsys):
    (photos / "album" / "a.jpg").write_bytes((photos / "a.jpg").read_bytes())
    assert call(photos / "a.jpg", photos / "album" / "a.jpg", "--output", "out") == 1
    assert "would be written over photos/a.jpg's result" in said(capsys)


def test_the_output_folder_in_the_input_folder_is_not_coloured_again(photos, capsys):
    assert call(photos, "--output", photos / "coloured") == 0
    said(capsys)
    assert call(photos, "--output", photos / "coloured") == 0
    assert "0 coloured, 2 left" in said(capsys)


def test_a_turned_photograph_comes_out_upright(photos):
    exif = Image.Exif()
    exif[0x0112] = 6
    colourful(0).resize((90, 60)).save(photos / "turned.jpg", exif=exif)
    call(photos / "turned.jpg", "--output", "out")
    written = opened("out/turned.jpg")
    assert written.size == (60, 90) and 0x0112 not in written.getexif()


def test_an_original_is_never_written_over(photos, capsys):
    before = (photos / "a.jpg").read_bytes()
    assert call(photos / "a.jpg", "--output", photos, "--overwrite") == 1
    assert call(photos, "--output", photos, "--overwrite") == 1
    assert (photos / "a.jpg").read_bytes() == before
    assert "photos/a.jpg would be written over photos/a.jpg" in said(capsys)


def test_a_file_given_twice_is_coloured_once(photos, capsys):
    assert call(photos, photos / "a.jpg", photos / "a.jpg", "--output", "out") == 0
    assert "2 coloured" in said(capsys)


def test_folders_and_documents_beside_the_pictures_are_no_bad_pictures(photos, capsys):
    (photos / "x.jpg").mkdir()
    (photos / "letter.pdf").write_text("%PDF")
    (photos / "._a.jpg").write_bytes(b"what a Mac leaves")
    assert call(photos, "--output", "out") == 0


def test_a_write_that_fails_leaves_nothing_half_done(photos, capsys, monkeypatch):
    def full(self, file, **options):
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert call(photos / "a.jpg", "--output", "out") == 1
    assert "No space left on device" in said(capsys) and not list(Path("out").iterdir())


def test_an_empty_folder_is_named(photos, capsys):
    Path("empty").mkdir()
    assert call("empty", "--output", "out") == 1
    assert "empty holds no pictures" in said(capsys)


def test_a_missing_run_gets_a_sentence(photos, capsys):
    status = colorize.main(["--run", "runs/none", "photos", "--output", "out"])
    assert status == 1
    assert "runs/none holds no trained run" in said(capsys) and not Path("out").exists()


def test_an_output_that_is_a_file_gets_a_sentence(photos, capsys):
    Path("out").write_text("a file")
    assert call(photos, "--output", "out") == 1
    assert "out is a file: --output must name a folder" in said(capsys)


def test_wrong_usage_ends_with_status_2():
    command = [sys.executable, "-m", "colornet.colorize", "photos"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "--run" in done.stderr
