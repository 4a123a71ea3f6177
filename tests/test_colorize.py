"""The command line: pictures come out coloured; the others are named with a reason."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet import colorize
from support.command import COMMAND, ENV, call, files, printed
from support.pictures import colourful, opened

pytestmark = pytest.mark.slow


def test_the_output_has_the_tree_and_the_sizes_of_the_input(photos, capsys):
    assert call(photos, "--output", "out") == 0
    assert files("out") == ["out/a.jpg", "out/album/b.png"]
    assert opened("out/a.jpg").size == (90, 60)
    assert "2 coloured" in printed(capsys)


def test_without_an_output_results_lie_beside_their_sources(photos, capsys):
    assert call(photos / "a.jpg") == 0
    assert opened("photos/a-colour.jpg").size == (90, 60)
    assert "photos/a.jpg -> photos/a-colour.jpg (made grey first)" in printed(capsys)


def test_a_second_call_colours_what_the_first_did_not(photos, capsys):
    assert call(photos / "a.jpg") == 0
    before = os.stat("photos/a-colour.jpg").st_mtime_ns
    printed(capsys)
    assert call(photos) == 0
    text = printed(capsys)
    assert "1 coloured (1 of them from colour, made grey first), 1 kept" in text
    assert "results of earlier calls left out: 1" in text
    assert os.stat("photos/a-colour.jpg").st_mtime_ns == before
    assert call(photos) == 0
    assert "0 coloured, 2 kept" in printed(capsys)
    assert len(files(photos)) == 5


def test_jpegs_are_written_without_losing_colour_resolution(photos):
    call(photos / "a.jpg", "--output", "out")
    written = opened("out/a.jpg")
    assert written.layer[0][1:3] == written.layer[1][1:3] == (1, 1)  # 4:4:4
    best = Image.new("RGB", (8, 8))
    best.save("best.jpg", quality=95)
    assert written.quantization == opened("best.jpg").quantization


def test_quality_and_format_are_those_asked_for(photos):
    assert call(photos, "--output", "out", "--format", "jpeg", "--quality", 30) == 0
    assert files("out") == ["out/a.jpg", "out/album/b.jpg"]
    Image.new("RGB", (8, 8)).save("low.jpg", quality=30)
    assert opened("out/album/b.jpg").quantization == opened("low.jpg").quantization


def test_the_network_changes_colours_and_not_lightness(photos):
    call(photos / "album" / "b.png", "--output", "out")
    before = np.asarray(opened(photos / "album" / "b.png").convert("L")).astype(int)
    after = np.asarray(opened("out/b.png"))
    assert np.ptp(after, axis=-1).max() > 20
    from skimage.color import rgb2lab

    grey = rgb2lab(np.repeat(before[..., None], 3, axis=-1).astype("uint8"))[..., 0]
    assert np.quantile(abs(rgb2lab(after)[..., 0] - grey), 0.999) <= 1


def test_saturation_0_gives_grey(photos):
    assert call(photos / "album" / "b.png", "--saturation", 0) == 0
    assert np.ptp(np.asarray(opened("photos/album/b-colour.png")), axis=-1).max() <= 1


def test_a_comparison_has_both_pictures_and_its_own_name(photos):
    assert call(photos / "a.jpg", "--compare", "--output", "out") == 0
    assert call(photos / "a.jpg", "--output", "out") == 0
    assert opened("out/a-compare.jpg").size == (180, 60)
    assert files("out") == ["out/a-compare.jpg", "out/a.jpg"]


def test_the_mark_is_left_out_only_on_request(photos):
    call(photos / "album" / "b.png")
    assert b"colornet" in Path("photos/album/b-colour.png").read_bytes()
    call(photos / "album" / "b.png", "--no-mark", "--overwrite")
    assert b"colornet" not in Path("photos/album/b-colour.png").read_bytes()


def test_a_bad_file_is_named_and_the_others_are_coloured(photos, capsys):
    (photos / "bad.jpg").write_bytes(b"no picture at all")
    assert call(photos, "missing.jpg", "--output", "out") == 1
    text = printed(capsys)
    assert "photos/bad.jpg is no picture" in text and "missing.jpg does not exist" in text
    assert "2 coloured" in text and Path("out/a.jpg").is_file()
    assert not Path("out/bad.jpg").exists()


def test_limits_are_those_asked_for(photos, capsys):
    assert call(photos, "--output", "out", "--max-pixels", 2000, "--max-bytes", "1G") == 1
    text = printed(capsys)
    assert "photos/a.jpg has 5,400 pixels, more than the limit of 2,000" in text
    assert "photos/album/b.png has 2,160 pixels" in text
    assert call(photos, "--output", "out", "--max-bytes", 10) == 1
    assert "bytes, more than the limit of 10" in printed(capsys)


def test_nothing_is_overwritten_unless_asked_for(photos, capsys):
    Path("out").mkdir()
    Path("out/a.jpg").write_text("mine")
    assert call(photos / "a.jpg", "--output", "out") == 0
    assert Path("out/a.jpg").read_text() == "mine"
    assert "--overwrite" in printed(capsys)
    assert call(photos / "a.jpg", "--output", "out", "--overwrite") == 0
    assert opened("out/a.jpg").size == (90, 60)


def test_two_inputs_with_one_name_do_not_overwrite_each_other(photos, capsys):
    (photos / "album" / "a.jpg").write_bytes((photos / "a.jpg").read_bytes())
    assert call(photos / "a.jpg", photos / "album" / "a.jpg", "--output", "out") == 1
    assert "would overwrite the result of photos/a.jpg, out/a.jpg" in printed(capsys)


def test_a_rotated_photograph_comes_out_upright(photos):
    exif = Image.Exif()
    exif[0x0112] = 6
    colourful(0).resize((90, 60)).save(photos / "turned.jpg", exif=exif)
    call(photos / "turned.jpg", "--output", "out")
    written = opened("out/turned.jpg")
    assert written.size == (60, 90) and 0x0112 not in written.getexif()


def test_an_original_is_never_overwritten(photos, capsys):
    before = (photos / "a.jpg").read_bytes()
    assert call(photos / "a.jpg", "--output", photos, "--overwrite") == 1
    assert call(photos, "--output", photos, "--overwrite") == 1
    assert (photos / "a.jpg").read_bytes() == before
    assert "photos/a.jpg would overwrite the original photos/a.jpg" in printed(capsys)


@pytest.mark.usefixtures("photos")
def test_an_empty_folder_is_named(capsys):
    Path("empty").mkdir()
    assert call("empty", "--output", "out") == 1
    assert "empty holds no pictures or films" in printed(capsys)


def test_json_has_the_outcome_of_every_file(photos, capsys):
    (photos / "bad.jpg").write_bytes(b"no picture at all")
    Path("out").mkdir()
    Path("out/a.jpg").write_text("mine")
    assert call(photos, "--output", "out", "--json") == 1
    content = json.loads(capsys.readouterr().out)
    assert {file["source"]: file["state"] for file in content["files"]} == {
        "photos/a.jpg": "kept",
        "photos/bad.jpg": "skipped",
        "photos/album/b.png": "coloured",
    }
    assert [content[key] for key in ("run", "error", "coloured", "kept", "skipped")] == [
        "tiny", None, 1, 1, 1,
    ]  # fmt: skip
    reasons = {file["source"]: file["reason"] for file in content["files"]}
    assert reasons["photos/bad.jpg"] == "is no picture"


@pytest.mark.usefixtures("photos")
def test_a_missing_run_is_one_sentence(capsys):
    assert colorize.main(["--run", "runs/none", "photos", "--json"]) == 1
    captured = capsys.readouterr()
    assert "runs/none holds no trained run" in captured.err
    assert "runs/none holds no trained run" in json.loads(captured.out)["error"]


@pytest.mark.usefixtures("photos")
def test_an_installed_run_is_found_by_its_name(capsys):
    assert colorize.main(["--run", "lite-photos", "photos/a.jpg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == "lite-photos"


@pytest.mark.usefixtures("photos")
def test_libraries_print_nothing():
    command = [*COMMAND, "--run", "runs/tiny", "photos/a.jpg", "--json"]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["coloured"] == 1
    first, last = done.stderr.splitlines()
    assert first.startswith("photos/a.jpg -> ") and last.startswith("1 coloured")


@pytest.mark.usefixtures("photos")
def test_colouring_loads_no_tensorflow():
    code = (
        "import sys; from colornet import colorize; assert not colorize.main()\n"
        "print({'tensorflow', 'torch'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, "--run", "runs/tiny", "photos/a.jpg"]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_wrong_usage_ends_with_status_2():
    done = subprocess.run(COMMAND, env=ENV, capture_output=True, text=True)
    assert done.returncode == 2 and "INPUT" in done.stderr
