"""Shards: a picture's path decides which part it belongs to, and all parts together are one run."""

import hashlib
import os
from pathlib import Path

import pytest

from colornet.cli import jobs, shards
from colornet.cli.shards import Shard
from support.archive import colour, contents, pictures


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_64_shards_together_give_the_bytes_of_one_run(tmp_path):
    pictures(Path("in"), 40)
    # Names that collide, in one folder: each shard must name them as one run does
    for name in ("twin.jpg", "twin.jpeg", "twin.gif", "Twin.png"):
        Path("in", name).write_bytes(Path("in/0/000.png").read_bytes())
    assert colour("in", "--output", "one", "--format", "png") == 0
    for number in range(64):
        assert colour("in", "--output", "parts", "--format", "png", "--shard", f"{number}/64") == 0
    assert contents(Path("parts")) == contents(Path("one"))
    assert len(contents(Path("one"))) == 44


@pytest.mark.parametrize("numbers", [range(5), range(1, 6)])
def test_numbers_may_count_from_0_or_from_1_and_each_path_has_one_shard(numbers):
    paths = [f"album {n}/{n}.jpg" for n in range(200)]
    held = [path for n in numbers for path in paths if Shard(n, 5).holds(path)]
    assert sorted(held) == sorted(paths)


def test_shards_are_about_equally_large():
    sizes = [sum(Shard(n, 64).holds(f"{k}.jpg") for k in range(6400)) for n in range(64)]
    assert min(sizes) > 60 and max(sizes) < 145


def test_the_shard_of_a_path_is_the_documented_remainder():
    number = int(hashlib.sha256("album/caf\u00e9.jpg".encode()).hexdigest(), 16) % 7
    assert Shard(number, 7).holds("album/caf\u00e9.jpg")
    assert Shard(number, 7).holds("album/cafe\u0301.jpg")  # as another disk spells it
    assert not Shard(number + 1, 7).holds("album/caf\u00e9.jpg")


def test_the_shard_does_not_depend_on_where_the_folder_is_mounted():
    pictures(Path("here/in"), 20)
    os.makedirs("there")
    os.symlink(Path("here/in").absolute(), "there/mounted")

    def names(folder):
        plan = jobs.find([folder], output=Path("out"), suffix="", wanted=None)
        mine = shards.part(plan, Shard(1, 3))
        assert 0 < len(mine.jobs) < 20
        return sorted(mine.below.values())

    assert names("here/in") == names("there/mounted/") == names(str(Path("here/in").absolute()))


def test_a_name_that_is_no_utf8_has_a_shard():
    assert sum(Shard(n, 4).holds(os.fsdecode(b"\xff.jpg")) for n in range(4)) == 1


def test_what_is_wrong_is_named_by_one_shard_alone(capsys):
    pictures(Path("in"), 3)
    os.symlink("gone.jpg", "in/broken.jpg")
    assert sum(colour("in", "--output", "out", "--shard", f"{n}/4") for n in range(4)) == 1
    assert capsys.readouterr().err.count("broken.jpg is a link to a file") == 1
