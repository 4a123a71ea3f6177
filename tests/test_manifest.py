"""The manifest: lines are appended whole, and what is no record is passed over."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.cli import manifest
from colornet.cli.manifest import Manifest, ManifestError, Record

DONE = Record("album/b.png", 48213, 17, "9f" * 32, "album/b.png", "3c" * 32, "coloured", "", 0.412)
FAILED = Record("a.jpg", 3, 18, "00" * 32, None, None, "skipped", "is no picture", 0.001)


def write(file: Path, *records: Record) -> Path:
    with Manifest(file) as into:
        into.append(*records)
    return file


def test_what_is_written_is_read_again(tmp_path):
    pages = DONE._replace(sha256_out=None, pages={"album/b-1.png": "aa", "album/b-2.png": "bb"})
    file = write(tmp_path / "deep" / "m.jsonl", DONE, FAILED, pages)
    assert list(manifest.records(file)) == [DONE, FAILED, pages]
    assert file.read_bytes().count(b"\n") == 3


def test_the_last_record_of_a_path_counts(tmp_path):
    file = write(tmp_path / "m.jsonl", FAILED, DONE, FAILED._replace(sentence="is cut off"))
    assert manifest.latest(file)["a.jpg"].sentence == "is cut off"
    assert len(manifest.latest(file)) == 2


def test_a_manifest_that_does_not_exist_is_empty(tmp_path):
    assert manifest.latest(tmp_path / "m.jsonl") == {}


@pytest.mark.parametrize("length", [1, 10, 22, 30, 100])
def test_a_line_that_was_cut_off_costs_only_itself(tmp_path, length):
    file = write(tmp_path / "m.jsonl", FAILED)
    with open(file, "ab") as stream:
        stream.write(manifest.line(DONE)[:length])
    assert list(manifest.records(file)) == [FAILED]
    write(file, DONE)
    assert list(manifest.records(file)) == [FAILED, DONE]


def test_a_first_line_that_was_cut_off_is_no_reason_to_refuse_the_file(tmp_path):
    file = tmp_path / "m.jsonl"
    for length in (0, 1, 5, 40):
        file.write_bytes(manifest.line(DONE)[:length])
        assert list(manifest.records(file)) == []
        write(file, FAILED)
        assert list(manifest.records(file)) == [FAILED]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0" + bytes(99), b'{"files": []}', b"text\n"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(ManifestError, match="photo.jpg is no manifest of colornet: name another"):
        manifest.latest(tmp_path / "photo.jpg")


def test_a_later_version_is_refused(tmp_path):
    (tmp_path / "m.jsonl").write_bytes(manifest.line(DONE).replace(b": 1,", b": 2,", 1))
    with pytest.raises(ManifestError, match=r"m.jsonl was written by a later colornet"):
        manifest.latest(tmp_path / "m.jsonl")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"[]",
        b"{}",
        b"\x00\x00",
        b"\xff",
        b'{"colornet-manifest": 1}',
        b'{"colornet-manifest": 1, "path": 7}',
        b'{"colornet-manifest": "1", "path": "a"}',
        b'{"colornet-manifest": 1, "path": "a", "size": "large"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_record_is_passed_over(text):
    assert manifest.parsed(text) is None


def test_unknown_keys_are_left_out():
    later = manifest.line(DONE).replace(b'"path"', b'"camera": "Leica", "path"', 1)
    assert manifest.parsed(later) == DONE


def test_names_that_are_no_utf8_are_kept(tmp_path):
    name = os.fsdecode(b"caf\xe9 \xe2\x82\xac\n.jpg")
    file = write(tmp_path / "m.jsonl", DONE._replace(path=name))
    assert [record.path for record in manifest.records(file)] == [name]
    assert file.read_bytes().isascii() and file.read_bytes().count(b"\n") == 1


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    file = write(tmp_path / "m.jsonl", FAILED)
    real = os.write
    monkeypatch.setattr(os, "write", lambda end, content: real(end, content[:20]))
    with pytest.raises(OSError) as error:
        write(file, DONE)
    assert error.value.errno == errno.ENOSPC
    assert file.read_bytes() == manifest.line(FAILED)


def test_processes_that_share_a_manifest_lose_no_line(tmp_path):
    file = tmp_path / "m.jsonl"
    code = (
        "import sys; from pathlib import Path; from colornet.cli.manifest import Manifest, Record\n"
        "with Manifest(Path(sys.argv[1])) as into:\n"
        "    for number in range(200): into.append(Record(f'{sys.argv[2]}/{number}' + 'x' * 5000))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, file, str(n)]) for n in range(3)]
    assert [each.wait() for each in running] == [0, 0, 0]
    assert len(list(manifest.records(file))) == len(manifest.latest(file)) == 600
    assert file.read_bytes().count(b"\n") == 600
