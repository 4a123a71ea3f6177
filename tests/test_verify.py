"""`--verify` finds results that are missing or changed, and colours nothing."""

import os
from pathlib import Path

import pytest

from support.archive import ARCHIVE, colour, pictures, verify


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures(Path("in"), 4, folders=2)


@pytest.fixture
def broken():
    file = Path("in/broken.png")
    file.write_bytes(b"no picture")
    return file


def test_verify_finds_what_is_missing_changed_and_never_recorded(capsys, broken):
    assert colour(*ARCHIVE) == 1
    assert verify(capsys)[0] == 0
    os.unlink("out/0/000.png")
    with open("out/1/001.png", "ab") as stream:
        stream.write(b"x")
    pictures(Path("in/new"), 1)
    status, found = verify(capsys)
    assert status == 1 and found.pop("seconds") >= 0
    assert found == {
        "error": None,
        "whole": 2,
        "missing": ["0/000.png"],
        "changed": ["1/001.png"],
        "never_recorded": ["new/0/000.png"],
        "skipped": [],
        "not_coloured": 1,
    }


def test_verify_colours_and_records_nothing():
    assert colour(*ARCHIVE) == 0
    os.unlink("out/0/000.png")
    before = Path("m.jsonl").read_bytes()
    assert colour(*ARCHIVE, "--verify") == 1
    assert not Path("out/0/000.png").exists() and Path("m.jsonl").read_bytes() == before


def test_verify_checks_results_whose_sources_are_gone(capsys):
    assert colour(*ARCHIVE) == 0
    os.unlink("in/0/000.png")
    assert verify(capsys)[1]["whole"] == 4
    os.unlink("out/0/000.png")
    assert verify(capsys)[1]["missing"] == ["0/000.png"]


def test_shards_verify_their_own_part(capsys):
    assert colour(*ARCHIVE) == 0
    os.unlink("out/0/000.png")
    found = [verify(capsys, "--shard", f"{n}/3")[1] for n in range(3)]
    assert sum(each["whole"] for each in found) == 3
    assert [name for each in found for name in each["missing"]] == ["0/000.png"]


def test_verify_needs_a_manifest_that_exists(capsys):
    with pytest.raises(SystemExit) as end:
        colour("in", "--verify")
    assert end.value.code == 2 and "--verify needs --manifest" in capsys.readouterr().err
    assert colour(*ARCHIVE, "--verify") == 1
    assert "error: the manifest m.jsonl does not exist" in capsys.readouterr().err


def test_an_input_that_is_not_there_does_not_verify(capsys):
    assert colour(*ARCHIVE) == 0
    os.rename("in", "away")
    status, found = verify(capsys)
    assert status == 1 and found["skipped"] == ["in"] and found["whole"] == 4
