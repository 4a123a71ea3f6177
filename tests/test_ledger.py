"""With a manifest a call goes on from what is recorded, and records what it does."""

import hashlib
import os
from pathlib import Path

import pytest
from PIL import Image

from colornet.cli import manifest
from colornet.images import photo
from support.archive import ARCHIVE, Painter, colour, contents, pictures, verify
from support.films import make
from support.pictures import opened


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures(Path("in"), 4, folders=2)


@pytest.fixture
def broken():
    file = Path("in/broken.png")
    file.write_bytes(b"no picture")
    return file


def recorded() -> dict[str, manifest.Record]:
    return manifest.latest(Path("m.jsonl"))


def lines() -> int:
    return len(Path("m.jsonl").read_bytes().splitlines())


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_each_source_has_a_line_with_what_became_of_it(broken):
    assert colour(*ARCHIVE) == 1
    found = recorded()
    assert sorted(found) == ["0/000.png", "0/002.png", "1/001.png", "1/003.png", "broken.png"]
    record = found["1/001.png"]
    source, target = Path("in/1/001.png"), Path("out/1/001.png")
    assert (record.status, record.target, record.sentence) == ("coloured", "1/001.png", "")
    assert (record.size, record.modified) == (source.stat().st_size, source.stat().st_mtime_ns)
    assert (record.sha256_in, record.sha256_out) == (sha256(source), sha256(target))
    assert record.seconds > 0
    failed = found["broken.png"]
    assert (failed.status, failed.sentence) == ("skipped", "is no picture")
    assert (failed.sha256_in, failed.sha256_out) == (sha256(broken), None)


def test_a_rerun_reads_no_source_that_is_recorded_done(monkeypatch, capsys):
    assert colour(*ARCHIVE) == 0
    monkeypatch.setattr(manifest, "sha256", lambda file: pytest.fail(f"{file} is read"))
    monkeypatch.setattr(Painter, "__call__", lambda *_: pytest.fail("a picture is painted"))
    assert colour(*ARCHIVE) == 0
    assert "0 coloured, 4 kept, 0 skipped" in capsys.readouterr().err and lines() == 4


def test_what_failed_is_tried_again_and_recorded_only_when_it_ends_otherwise(broken):
    assert colour(*ARCHIVE) == 1 and colour(*ARCHIVE) == 1
    assert lines() == 5
    Image.new("L", (50, 50), 9).save(broken)
    assert colour(*ARCHIVE) == 0
    assert lines() == 6 and recorded()["broken.png"].status == "coloured"


def test_a_source_of_another_size_and_a_result_that_is_gone_are_coloured_again():
    assert colour(*ARCHIVE) == 0
    before = contents(Path("out"))
    Image.new("L", (333, 50), 9).save("in/0/000.png")
    os.unlink("out/1/001.png")
    assert colour(*ARCHIVE) == 0
    after = contents(Path("out"))
    assert {name for name in after if after[name] != before[name]} == {"0/000.png"}
    assert after.keys() == before.keys() and lines() == 6


def test_results_that_were_there_before_are_kept_and_recorded_with_their_sha256(capsys):
    assert colour("in", "--output", "out") == 0
    assert colour(*ARCHIVE) == 0
    assert {(each.status, each.sentence) for each in recorded().values()} == {
        ("kept", "was there already")
    }
    assert verify(capsys)[0] == 0


def test_a_result_that_is_that_of_another_source_does_not_count():
    Image.new("L", (50, 50), 9).save("in/twin.gif")
    assert colour(*ARCHIVE) == 0
    Image.new("L", (60, 50), 9).save("in/twin.png")  # whose result has the name of the first one's
    assert colour(*ARCHIVE) == 0
    assert opened("out/twin.png").size == (60, 50)
    assert opened("out/twin.gif.png").size == (50, 50)
    assert recorded()["twin.gif"].target == "twin.gif.png"


def test_pages_that_become_files_of_their_own_are_recorded_together(capsys):
    frames = [Image.new("L", (50, 50), grey) for grey in (0, 100, 200)]
    frames[0].save("in/many.gif", save_all=True, append_images=frames[1:])
    assert colour(*ARCHIVE, "--pages", "all") == 0
    record = recorded()["many.gif"]
    assert record.sha256_out is None
    assert record.pages == {f"many-{n}.png": sha256(Path(f"out/many-{n}.png")) for n in (1, 2, 3)}
    assert colour(*ARCHIVE, "--pages", "all") == 0 and lines() == 5
    os.unlink("out/many-2.png")
    assert verify(capsys)[1]["missing"] == ["many-2.png"]
    assert colour(*ARCHIVE, "--pages", "all") == 0
    assert verify(capsys)[0] == 0


def test_without_an_output_folder_results_beside_the_sources_are_recorded(capsys):
    assert colour("in", "--manifest", "m.jsonl") == 0
    assert recorded()["1/001.png"].target == "1/001-colour.png"
    assert colour("in", "--manifest", "m.jsonl", "--verify") == 0
    os.unlink("in/1/001-colour.png")
    assert colour("in", "--manifest", "m.jsonl", "--verify") == 1
    assert "missing: 1/001-colour.png" in capsys.readouterr().err


def test_inputs_that_a_manifest_could_not_tell_apart_are_skipped(capsys):
    pictures(Path("more"), 1)
    assert colour("in", "more", "--manifest", "m.jsonl") == 1
    assert "more/0/000.png has the same path in the manifest as in/0/000.png" in (
        capsys.readouterr().err
    )


def test_a_file_that_is_no_manifest_is_named_and_left_alone(capsys):
    Path("m.jsonl").write_text("my notes\n")
    assert colour(*ARCHIVE) == 1
    assert "error: m.jsonl is no manifest of colornet" in capsys.readouterr().err
    assert Path("m.jsonl").read_text() == "my notes\n" and not Path("out").exists()


def test_a_manifest_that_cannot_be_written_ends_the_call(capsys):
    Path("file").touch()
    assert colour("in", "--output", "out", "--manifest", "file/m.jsonl") == 1
    text = capsys.readouterr().err
    assert "error: the manifest file/m.jsonl cannot be" in text and "Traceback" not in text


def test_a_manifest_that_cannot_be_written_any_more_ends_the_call_and_the_next_goes_on(
    monkeypatch, capsys
):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(manifest.Manifest, "append", full)
        assert colour(*ARCHIVE) == 1
        text = capsys.readouterr().err
        assert "error: the manifest m.jsonl cannot be written: No space left on device" in text
    assert colour(*ARCHIVE) == 0
    assert verify(capsys)[1]["whole"] == 4


def test_a_disk_that_is_full_is_no_fault_of_the_source(monkeypatch):
    from colornet.system import whole

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole, "file", full)
    assert colour(*ARCHIVE) == 1
    assert recorded() == {}


def test_films_in_a_folder_are_recorded_as_well(capsys):
    make(Path("in/film.mp4"))
    Path("in/broken.mp4").write_bytes(b"no film")
    assert colour(*ARCHIVE) == 1
    found = recorded()
    assert found["film.mp4"].sha256_out == sha256(Path("out/film.mp4"))
    assert found["broken.mp4"].status == "skipped" and found["broken.mp4"].sentence
    assert verify(capsys)[0] == 0
    with open("out/film.mp4", "ab") as stream:
        stream.write(b"x")
    assert verify(capsys)[1]["changed"] == ["film.mp4"]


def test_a_film_that_lacks_its_package_is_not_recorded_as_broken(monkeypatch):
    def missing(*_, **__):
        raise photo.PhotoError("needs PyAV") from ModuleNotFoundError("av")

    for name in ("a.mp4", "b.mp4"):
        Path("in", name).write_bytes(b"film")
    monkeypatch.setattr(Painter, "film", missing)
    assert colour(*ARCHIVE) == 1
    assert not {"a.mp4", "b.mp4"} & recorded().keys()
