"""Photographs -> squares in three splits, an index, and reasons for what is left out."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from colornet import fetch, params, preprocess
from colornet.params import UserError
from colornet.square import Box

COUNTS = {"train": 4, "validation": 2, "test": 2}


def scene(number, width=96, height=72):
    """A colour picture that differs from those of all other numbers."""
    cells = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    return Path("mine")


def run(mine, dataset="x", *, size=32, seed=0, **counts):
    fetch.run(dataset, source="folder", path=str(mine))
    preprocess.run(dataset, size=size, seed=seed, **(counts or COUNTS))


def table(name, dataset="x"):
    with open(f"data/prepared/{dataset}/{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def files(root):
    return {f.relative_to(root): f.read_bytes() for f in Path(root).rglob("*") if f.is_file()}


def splits(dataset="x"):
    return {row["raw_file"]: row["split"] for row in table("index", dataset)}


def test_it_writes_squares_an_index_and_its_section(mine):
    for number in range(8):
        scene(number, 96, 72 if number else 144).save(mine / f"{number}.png")
    run(mine)
    rows = table("index")
    assert list(rows[0]) == (
        ["file", "split", "raw_file", "photo", "original_width", "original_height"]
        + ["left", "top", "width", "height"]
    )
    assert [row["file"] for row in rows] == sorted(row["file"] for row in rows)
    squares = {str(f) for f in files("data/prepared/x") if f.suffix == ".png"}
    assert {row["file"] for row in rows} == squares
    for row in rows:
        pixels = np.asarray(Image.open(Path("data/prepared/x", row["file"])))
        assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)
        assert row["file"].startswith(row["split"] + "/")
        box = Box(*(int(row[side]) for side in Box._fields))
        padding = pixels.copy()
        padding[box.top : box.top + box.height, box.left : box.left + box.width] = 0
        assert padding.max() == 0 and pixels.max() > 0
    sizes = {row["raw_file"]: (row["original_width"], row["original_height"]) for row in rows}
    assert (sizes["0.png"], sizes["1.png"]) == (("96", "144"), ("96", "72"))
    assert params.load(Path("data/prepared/x/params.yaml")) == {"size": 32, **COUNTS, "seed": 0}
    assert table("rejected") == []
    assert not Path("data/prepared/x.part").exists()


def test_rejected_files_are_named_with_their_reason(mine):
    for number in range(8):
        scene(number).save(mine / f"{number}.png")
    (mine / "text.jpg").write_text("no picture")
    (mine / "cut.png").write_bytes((mine / "0.png").read_bytes()[:2000])
    scene(20, 31, 90).save(mine / "small.png")
    scene(21).convert("L").convert("RGB").save(mine / "grey.jpg")
    run(mine)
    assert [tuple(row.values()) for row in table("rejected")] == [
        ("cut.png", "is truncated: 18 % of its rows are there"),
        ("grey.jpg", "is grey, so it cannot serve as truth"),
        ("small.png", "is smaller than 32 pixels"),
        ("text.jpg", "is no picture"),
    ]
    assert len(table("index")) == 8


def test_the_split_depends_on_content_and_not_on_names_or_order(mine):
    for number in range(12):
        scene(number).save(mine / f"{number}.png")
    run(mine)
    renamed = Path("renamed")
    (renamed / "sub").mkdir(parents=True)
    for number in range(12):
        shutil.copy(mine / f"{number}.png", renamed / "sub" / f"{99 - number}.png")
    run(renamed, "y")
    assert {f"sub/{99 - int(Path(file).stem)}.png": s for file, s in splits().items()} == splits(
        "y"
    )


def test_two_runs_write_the_same_bytes_and_another_seed_gives_another_split(mine):
    for number in range(12):
        scene(number).save(mine / f"{number}.png")
    run(mine, "x")
    run(mine, "y")
    run(mine, "z", seed=1)
    assert files("data/prepared/x") == files("data/prepared/y")
    assert splits("x") != splits("z")


def test_versions_of_one_picture_share_a_split(mine):
    for number in range(6):
        scene(number, 400, 300).save(mine / f"{number}-first.png")
        if number % 3 == 0:
            shutil.copy(mine / f"{number}-first.png", mine / f"{number}-copy.png")
            scene(number, 400, 300).save(mine / f"{number}-jpeg.jpg", quality=70)
        elif number % 3 == 1:
            scene(number, 400, 300).resize((133, 100)).save(mine / f"{number}-smaller.png")
        else:
            turned = ImageOps.mirror(scene(number, 400, 300)).rotate(90 * number, expand=True)
            turned.save(mine / f"{number}-turned.png")
    run(mine, train=4, validation=3, test=3)
    places = {}
    for file, split in splits().items():
        places.setdefault(file[0], set()).add(split)
    assert len(table("index")) == 10
    assert {len(split) for split in places.values()} == {1}


def test_too_few_pictures_is_an_error_with_both_numbers_and_the_reasons(mine):
    for number in range(5):
        scene(number).save(mine / f"{number}.png")
    (mine / "text.jpg").write_text("no picture")
    scene(9).convert("L").save(mine / "grey.png")
    with pytest.raises(UserError) as caught:
        run(mine)
    assert str(caught.value) == (
        "preprocess.x: train, validation and test ask for 8 pictures, but 5 are usable"
        ' (2 of 7 rejected: 1 "is grey", 1 "is no picture"); ask for fewer or add photographs.'
    )
    assert not Path("data/prepared").exists()


def test_groups_that_fit_in_no_split_are_an_error(mine):
    for number in range(2):
        for quality in (60, 70, 80, 90):
            scene(number, 200, 150).save(mine / f"{number}-{quality}.jpg", quality=quality)
    with pytest.raises(UserError, match="8 pictures, but 8 are usable and only 6 fit"):
        run(mine)


def test_if_nothing_was_fetched_the_error_names_the_command(mine):
    with pytest.raises(UserError, match=r"There is no .*: run `python -m colornet.fetch x` first"):
        preprocess.run("x", size=32, **COUNTS)


def test_files_with_the_same_stem_get_squares_of_their_own(mine):
    for number, name in enumerate(["a.png", "A.bmp", "b/a.png", "b a.png", "b_a.png", "ä.png"]):
        (mine / name).parent.mkdir(exist_ok=True)
        scene(number).save(mine / name)
    run(mine, train=4, validation=1, test=1)
    stems = [Path(row["file"]).stem.lower() for row in table("index")]
    assert len(set(stems)) == 6
    for row in table("index"):
        number = ["a.png", "A.bmp", "b/a.png", "b a.png", "b_a.png", "ä.png"].index(row["raw_file"])
        square = np.asarray(Image.open(Path("data/prepared/x", row["file"])))
        expected = scene(number).resize((32, 24), Image.Resampling.LANCZOS)
        assert np.array_equal(square[4:28], np.asarray(expected))


def test_a_dataset_may_have_test_pictures_alone(mine):
    for number in range(5):
        scene(number, 400, 300).save(mine / f"{number}.png")
    scene(4, 400, 300).save(mine / "4-copy.jpg", quality=70)
    run(mine, train=0, validation=0, test=6)
    assert set(splits().values()) == {"test"} and len(splits()) == 6
    empty = [folder for folder in ("train", "validation") if not files(f"data/prepared/x/{folder}")]
    assert empty == ["train", "validation"]
    with pytest.raises(UserError, match="train, validation and test are all 0"):
        run(mine, train=0, validation=0, test=0)


@pytest.mark.parametrize("change", [{"size": 36}, {"size": 24}, {"test": -1}, {"sead": 1}])
def test_a_value_that_does_not_fit_is_named(change):
    section = {"size": 32, **COUNTS, **change}
    with pytest.raises(UserError, match=f"preprocess.x.{next(iter(change))} is "):
        params.check(section, preprocess.run, "preprocess.x")


def test_a_stretched_picture_fills_its_square(mine):
    for number in range(8):
        scene(number).save(mine / f"{number}.png")
    fetch.run("x", source="folder", path=str(mine))
    preprocess.run("x", size=64, fit="stretch", **COUNTS)
    for row in table("index"):
        square = Image.open(Path("data/prepared/x", row["file"]))
        assert [row[side] for side in Box._fields] == ["0", "0", "64", "64"]
        small = Image.open(mine / row["raw_file"]).resize((64, 64), Image.Resampling.LANCZOS)
        np.testing.assert_array_equal(np.asarray(square), np.asarray(small.convert("RGB")))
    assert params.load(Path("data/prepared/x/params.yaml"))["fit"] == "stretch"
