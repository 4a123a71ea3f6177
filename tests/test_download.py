"""The download cache: what is downloaded, what is already there, what earlier calls left."""

import hashlib
from pathlib import Path

import pytest

from colornet.system import disk, download
from support.downloads import CONTENT, NAME, SHA256, get, leave, left, ranges
from support.server import Fault


def test_a_file_is_downloaded_only_once(server):
    address = server.add("/a", CONTENT)
    assert get(address) == CONTENT
    assert get(address) == CONTENT and get(server.url("/elsewhere")) == CONTENT
    assert ranges(server) == [None] and len(server.asked) == 1


def test_the_file_is_in_the_folder_of_its_checksum_and_nothing_else(server, downloads):
    get(server.add("/a", CONTENT))
    assert left(downloads) == {NAME}


def test_without_the_variable_the_cache_is_in_the_user_s_folder(monkeypatch):
    monkeypatch.delenv(download.CACHE, raising=False)
    assert download.cache().name == "colornet" and download.cache().is_relative_to(Path.home())


def test_the_progress_bar_shows_size_speed_and_time_left(server, capsys):
    get(server.add("/a", CONTENT))
    shown = capsys.readouterr().err
    assert NAME in shown and "102k/102k" in shown and "B/s" in shown and "<00:00" in shown


# What a call that was killed, or a power failure, may have left: the content, the suffix of its
# name, and the ranges that the next call requests
LEFT = {
    "a part": (CONTENT[:70_000], "part", ["bytes=70000-"]),
    "all of it, not yet checked": (CONTENT, "part", ["bytes=102400-"]),
    "a damaged part": (bytes(70_000), "part", ["bytes=70000-", None]),
    "too much": (CONTENT * 2, "part", ["bytes=204800-", None]),
    "an empty part": (b"", "part", [None]),
    "a damaged file": (CONTENT[:-1] + b"x", "", ["bytes=102400-", None]),
    "a file without its last byte": (CONTENT[:-1], "", ["bytes=102399-"]),
}


@pytest.mark.parametrize("case", LEFT)
def test_the_file_is_right_whatever_an_earlier_call_left(server, downloads, case):
    content, suffix, expected = LEFT[case]
    leave(downloads, content, f"{NAME}.{suffix}".rstrip("."))
    assert get(server.add("/a", CONTENT)) == CONTENT
    assert ranges(server) == expected
    assert left(downloads) == {NAME}


def test_a_file_of_this_machine_is_used_in_its_place(downloads, tmp_path):
    (tmp_path / "my.zip").write_bytes(CONTENT)
    for address in (tmp_path / "my.zip", "my.zip", (tmp_path / "my.zip").as_uri()):
        assert get(str(address)) == CONTENT
    assert not downloads.exists()


def test_a_file_of_this_machine_that_is_missing_or_wrong_is_named(downloads, tmp_path):
    with pytest.raises(ValueError, match="there is no file nowhere.zip"):
        get("nowhere.zip")
    (tmp_path / "my.zip").write_bytes(b"wrong")
    with pytest.raises(ValueError, match=f"my.zip has the sha256 .*, expected is {SHA256}"):
        get("my.zip")


def test_md5_is_accepted_too(server):
    address = server.add("/a", CONTENT)
    assert get(address, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}") == CONTENT


def test_a_checksum_may_have_capital_letters(server):
    assert get(server.add("/a", CONTENT), checksum=f"sha256:{SHA256.upper()}") == CONTENT


def test_a_wrong_checksum_is_named_with_the_expected_one(server):
    wrong = hashlib.sha256(b"wrong").hexdigest()
    with pytest.raises(ValueError, match=f"has the sha256 {wrong}, expected is {SHA256}"):
        get(server.add("/a", b"wrong"))


def test_names_and_passwords_of_an_address_are_not_shown(server):
    address = server.add("/a", CONTENT, Fault(403)).replace("//", "//me:secret@") + "?token=secret"
    with pytest.raises(ValueError, match="/a: it answers 403") as caught:
        get(address)
    assert "secret" not in str(caught.value)


def test_too_little_space_is_an_error_before_anything_is_written(server, downloads, monkeypatch):
    usage = type("usage", (), {"free": 50_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    address = server.add("/a", CONTENT)
    with pytest.raises(OSError, match=r"0.10 MB in .*cache/.* are needed, 0.05 MB are free"):
        get(address)
    assert not left(downloads)
    leave(downloads, CONTENT[:60_000], f"{NAME}.part")
    assert get(address) == CONTENT  # the rest is small enough


def test_space_that_is_needed_afterwards_counts(server, downloads, monkeypatch, tmp_path):
    usage = type("usage", (), {"free": 150_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="0.10 MB in .*cache.* and 0.06 MB in .*raw are needed"):
        get(server.add("/a", CONTENT), space={tmp_path / "data/raw": 60_000})
