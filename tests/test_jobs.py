"""Inputs become jobs; an input that cannot be coloured gets a reason."""

import os
from pathlib import Path

import pytest

from colornet.cli import jobs


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def find(*inputs: str, output=None, suffix="-colour", wanted=None):
    output = output and Path(output)
    return jobs.find([*map(str, inputs)], output=output, suffix=suffix, wanted=wanted)[:3]


def pairs(*inputs: str, **options) -> dict[str, str]:
    wrong, found, _ = find(*inputs, **options)
    assert not wrong
    return {str(source): str(target) for source, target in found}


def why(*inputs: str, **options) -> str:
    """The name of the only input, which is wrong, and the reason."""
    (wrong,), found, _ = find(*inputs, **options)
    assert not found
    return f"{wrong.source} {wrong.reason}"


def test_a_result_lies_beside_its_source():
    touch("photos/a.jpg")
    assert pairs("photos/a.jpg") == {"photos/a.jpg": "photos/a-colour.jpg"}


def test_the_output_folder_keeps_a_folders_tree_and_its_names():
    touch("photos/a.jpg", "photos/album/b.png")
    assert pairs("photos", output="out", suffix="") == {
        "photos/a.jpg": "out/a.jpg",
        "photos/album/b.png": "out/album/b.png",
    }


def test_a_format_changes_the_ending():
    touch("a.jpg")
    assert pairs("a.jpg", wanted="png") == {"a.jpg": "a-colour.png"}


def test_not_every_dot_in_a_name_begins_a_suffix():
    touch("scan.1937", "scan.1938")
    assert pairs("scan.1937", "scan.1938") == {
        "scan.1937": "scan.1937-colour.png",
        "scan.1938": "scan.1938-colour.png",
    }


def test_patterns_that_the_shell_did_not_expand_are_expanded():
    touch("a.jpg", "b.jpg", "c.png", "below/d.jpg")
    assert list(pairs("*.jpg")) == ["a.jpg", "b.jpg"]
    assert list(pairs("**/d.jpg")) == ["below/d.jpg"]
    assert why("*.tif") == "*.tif matches no file"


def test_a_file_whose_name_looks_like_a_pattern_is_found():
    touch("a[1].jpg", "a1.jpg")
    assert list(pairs("a[1].jpg")) == ["a[1].jpg"]


def test_results_of_an_earlier_call_are_no_inputs():
    touch("photos/a.jpg", "photos/a-colour.jpg", "photos/a-compare.jpg", "photos/b-colour.jpg")
    wrong, found, left_out = find("photos")
    assert not wrong and left_out == 2
    # There is no b.jpg that b-colour.jpg could be the result of: it is an original
    assert [job.source.name for job in found] == ["a.jpg", "b-colour.jpg"]
    assert find("photos/a.jpg", "photos/a-colour.jpg")[2] == 1


def test_a_result_without_its_original_is_an_input():
    touch("a.jpg", "a-colour.jpg")
    assert pairs("a-colour.jpg") == {"a-colour.jpg": "a-colour-colour.jpg"}


def test_the_output_folder_in_the_input_folder_is_not_read():
    touch("photos/a.jpg", "photos/out/a.jpg")
    assert list(pairs("photos", output="photos/out", suffix="")) == ["photos/a.jpg"]


def test_an_original_is_never_a_target():
    touch("a.jpg")
    assert why("a.jpg", suffix="") == "a.jpg would overwrite the original a.jpg: name a --suffix"
    assert "name another --output" in why("a.jpg", output=".", suffix="")
    os.symlink("a.jpg", "b.jpg")
    assert "would overwrite the original" in why("a.jpg", output=".", suffix="")


def test_two_sources_never_have_the_same_target():
    touch("x/a.jpg", "y/a.jpg")
    (wrong,), found, _ = find("x/a.jpg", "y/a.jpg", output="out", suffix="")
    assert len(found) == 1 and wrong.reason == "would overwrite the result of x/a.jpg, out/a.jpg"


def test_a_file_named_twice_is_one_job():
    touch("photos/a.jpg")
    os.symlink("a.jpg", "photos/again.jpg")
    assert list(pairs("photos/a.jpg", "./photos/a.jpg", "photos")) == ["photos/a.jpg"]


def test_in_folders_only_files_named_like_pictures_or_films_are_inputs():
    touch("photos/a.jpg", "photos/notes.txt", "photos/._a.jpg", "photos/x.jpg/b.png")
    touch("photos/c.MP4", "photos/code.ts")
    assert list(pairs("photos")) == ["photos/a.jpg", "photos/c.MP4", "photos/x.jpg/b.png"]


def test_a_coloured_film_is_no_input():
    touch("a.avi", "a-colour.mkv", "b.mp4", "b-colour.mp4", "b-compare.mp4")
    assert pairs(".") == {"a.avi": "a-colour.mkv", "b.mp4": "b-colour.mp4"}


def test_a_missing_input_gets_a_reason():
    assert why("a.jpg") == "a.jpg does not exist"
    assert why("a" * 300) == f"{'a' * 300} does not exist: the name is too long for a file"
    Path("empty").mkdir()
    assert why("empty") == "empty holds no pictures or films"


def test_broken_links_get_a_reason():
    os.symlink("loop.jpg", "loop.jpg")
    assert why("loop.jpg") == "loop.jpg is a link that leads in a circle"
    os.symlink("gone.jpg", "dangling.jpg")
    assert why("dangling.jpg") == "dangling.jpg is a link to a file that does not exist"


def test_a_folder_with_links_to_itself_is_read_once():
    touch("photos/a.jpg")
    os.symlink(".", "photos/again")
    os.symlink("self.jpg", "photos/self.jpg")
    wrong, found, _ = find("photos")
    assert [str(job.source) for job in found] == ["photos/a.jpg"]
    assert [each.reason for each in wrong] == ["is a link that leads in a circle"]


def test_a_pipe_is_not_read():
    os.mkfifo("pipe.jpg")
    assert why("pipe.jpg") == "pipe.jpg is neither a file nor a folder"
    touch("photos/a.jpg")
    os.mkfifo("photos/pipe.jpg")
    assert list(pairs("photos")) == ["photos/a.jpg"]


def test_a_folder_that_cannot_be_read_gets_a_reason(monkeypatch):
    touch("photos/a.jpg", "photos/secret/b.jpg")
    scandir = os.scandir

    def refused(path):
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    (wrong,), found, _ = find("photos")
    assert len(found) == 1
    assert wrong == (Path("photos/secret"), "cannot be read: Permission denied")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a\nb\r\x1b[31m.jpg", r"a\nb\r\x1b[31m.jpg"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        (os.fsdecode(b"\xff.jpg"), r"\udcff.jpg"),
        ("caf\u00e9 \U0001f468\u200d\U0001f469.jpg", "caf\u00e9 \U0001f468\u200d\U0001f469.jpg"),
    ],
)
def test_a_name_is_shown_on_one_line_without_control_characters(name, text):
    assert jobs.shown(name) == text
