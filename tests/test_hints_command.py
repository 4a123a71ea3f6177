"""Hints on the command line and from Python: found, used, said, and refused with a sentence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet import hints
from colornet.cli import call
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.hints import Hint
from support.command import call as colour
from support.command import files, printed
from support.pictures import colourful, opened

GREEN = [Hint(0.5, 0.5, (60, 140, 70))]


class Stub:
    """A colorizer without a network, whose red is as strong as there are hints."""

    classifier = film = None
    name = "tiny"

    def __call__(self, picture: Image.Image, *, hints=()) -> Image.Image:
        return Image.new("RGB", picture.size, (10 * len(hints), 0, 0))


@pytest.fixture
def photo(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    colourful(0).save("photo.png")
    return Path("photo.png")


def write(file, given=GREEN) -> None:
    Path(file).write_text(hints.dump(given))


def colornet(*arguments) -> int:
    return call.run([str(argument) for argument in arguments], lambda _: Stub())


def red(file="photo-colour.png") -> int:
    return opened(file).getpixel((0, 0))[0] // 10


def test_hints_beside_a_photograph_are_found_and_said(photo, capsys):
    write("photo.hints.json", GREEN * 3)
    assert colornet(photo, "--json") == 0
    output = capsys.readouterr()
    assert "photo.png -> photo-colour.png (made grey first; 3 hints)" in output.err
    assert json.loads(output.out)["files"][0]["hints"] == red() == 3


def test_without_hints_the_report_counts_none(photo, capsys):
    assert colornet(photo, "--json") == 0
    output = capsys.readouterr()
    assert "hint" not in output.err
    assert json.loads(output.out)["files"][0]["hints"] == red() == 0


def test_a_named_file_counts_instead_of_the_one_beside(photo, capsys):
    write("photo.hints.json", GREEN * 3)
    write("others.json", GREEN)
    assert colornet(photo, "--hints", "others.json") == 0
    assert "(made grey first; 1 hint)" in printed(capsys) and red() == 1


def test_each_photograph_of_a_folder_has_its_own_hints(photo, capsys):
    shutil.copy(photo, "other.png")
    write("other.hints.json", GREEN * 2)
    assert colornet(".", "--output", "out") == 0
    assert (red("out/photo.png"), red("out/other.png")) == (0, 2)
    assert files("out") == ["out/other.png", "out/photo.png"]


def test_a_broken_file_is_one_sentence_and_the_others_go_on(photo, capsys):
    shutil.copy(photo, "other.png")
    Path("other.hints.json").write_text('{"colornet-hints": 1, "hints": [{"x": 3}]}')
    assert colornet(".") == 1
    text = printed(capsys)
    assert "other.png has hints that cannot be used: other.hints.json: hint 1 has no y;" in text
    assert "1 coloured" in text and not Path("other-colour.png").exists()


def test_a_named_file_that_is_missing_is_said(photo, capsys):
    assert colornet(photo, "--hints", "nowhere.json") == 1
    assert "photo.png has hints that cannot be used: nowhere.json: does not exist" in printed(
        capsys
    )


def test_one_file_is_not_for_several_photographs(photo, capsys):
    shutil.copy(photo, "other.png")
    write("hints.json")
    assert colornet(".", "--hints", "hints.json") == 1
    assert "error: --hints is for one picture or film: name one, or leave" in printed(capsys)
    assert files(".") == ["hints.json", "other.png", "photo.png"]


@pytest.mark.parametrize("target", ["png", "tiff"])
def test_hints_are_for_the_first_of_several_pages(photo, capsys, target):
    pages = [colourful(0).resize((64, 48))] * 3
    pages[0].save("scan.tif", save_all=True, append_images=pages[1:])
    write("scan.hints.json", GREEN * 2)
    assert colornet("scan.tif", "--pages", "all", "--format", target) == 0
    assert "2 hints" in printed(capsys)
    names = ["scan-colour.tif"] if target == "tiff" else ["scan-colour-1.png", "scan-colour-2.png"]
    assert red(names[0]) == 2
    if target == "png":
        assert red(names[1]) == 0


@pytest.mark.slow
def test_a_hint_is_met_by_a_run_and_saturation_does_not_change_it(photos):
    write("photos/a.hints.json")
    for amount in (0, 1, 3):
        assert (
            colour(photos / "a.jpg", "--format", "png", "--overwrite", "--saturation", amount) == 0
        )
        output = opened("photos/a-colour.png")
        place = output.width // 2, output.height // 2
        light = lab.lightness(np.array([[opened(photos / "a.jpg").convert("L").getpixel(place)]]))
        wanted = lab.fit(light, lab.ab(np.array([GREEN[0].colour], "uint8")))
        assert lab.distance(lab.ab(np.array(output.getpixel(place), "uint8")), wanted[0]) < 2


@pytest.mark.slow
def test_from_python_hints_change_the_colours_and_without_them_nothing_does(run):
    colorizer, picture = Colorizer(run), colourful(1)
    plain, hinted = colorizer(picture), colorizer(picture, hints=GREEN)
    assert hinted.size == plain.size and hinted.tobytes() != plain.tobytes()
    assert colorizer(picture, hints=[]).tobytes() == plain.tobytes()
    with pytest.raises(ValueError, match="hints belong to one picture"):
        colorizer([picture, picture], hints=GREEN)


@pytest.mark.slow
def test_pictures_of_dots_take_hints_too(run):
    random = np.random.default_rng(0)
    dots = Image.fromarray((random.random((200, 300)) < 0.5).astype("uint8") * 255)
    output = np.asarray(Colorizer(run)(dots, hints=GREEN)).astype(int)
    assert (output[90:110, 140:160, 1] > output[90:110, 140:160, 0]).all()
