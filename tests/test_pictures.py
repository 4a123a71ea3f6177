"""The pictures of evaluations, and several side by side."""

import shutil

import pytest
from PIL import Image

from dashboard import pictures
from dashboard.readers import Evaluation
from support.pictures import opened
from support.project import make_evaluation, picture


def evaluation(root, name: str = "one", *, dataset="sample", bare: bool = False) -> Evaluation:
    folder = make_evaluation(root, name, n=1)
    if bare:
        shutil.rmtree(folder / "pictures")
    return Evaluation(name, folder, {"dataset": dataset})


def test_datasets_and_evaluations_with_pictures_come_first(tmp_path):
    pets = evaluation(tmp_path, "pets", dataset="pets", bare=True)
    a, b = evaluation(tmp_path, "a", bare=True), evaluation(tmp_path, "b")
    odd = evaluation(tmp_path, "odd", dataset=["x"], bare=True)
    groups = pictures.by_dataset([pets, a, b, odd])
    assert groups == {"sample": [b, a], "not named": [odd], "pets": [pets]}
    assert list(groups) == ["sample", "not named", "pets"]


def test_a_pair_is_the_photograph_and_the_output_at_one_size(tmp_path):
    one = evaluation(tmp_path)
    truth, output = pictures.pair(one, "test/000.png")
    for image, kind in ((truth, "truth"), (output, "output")):
        assert image.tobytes() == opened(one.folder / f"pictures/000_{kind}.jpg").tobytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "the output is missing or cannot be read"),
        (b"", "the output is empty"),
        (b"junk", "the output is no picture"),
        ("half", "the output is truncated"),
        ((60, 36), "differ in size"),
    ],
)
def test_a_pair_that_cannot_be_shown_says_why(tmp_path, content, said):
    one = evaluation(tmp_path)
    file = one.folder / "pictures/000_output.jpg"
    if content is None:
        file.unlink()
    elif content == "half":
        file.write_bytes(file.read_bytes()[:-50])
    elif isinstance(content, tuple):
        picture(file, size=content)
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        pictures.pair(one, "test/000.png")


def test_a_name_that_no_file_can_have_is_a_missing_picture(tmp_path):
    with pytest.raises(ValueError, match="missing"):
        pictures.pair(evaluation(tmp_path), "test/a\0b.png")


def test_side_by_side_there_is_nothing_between_the_pictures():
    left, right = Image.new("RGB", (48, 36), "teal"), Image.new("RGB", (48, 36), "peru")
    both = pictures.side_by_side(left, right, gap=3)
    assert both.height == 36
    assert both.crop((0, 0, 48, 36)).convert("RGB") == left
    assert both.crop((both.width - 48, 0, both.width, 36)).convert("RGB") == right
    assert both.getpixel((49, 10))[3] == 0
