"""The archive from Kaggle through the real kagglehub; a local server takes the place of its API."""

import hashlib
import os

import pytest
import requests

from colornet.sources import kaggle
from colornet.system import disk
from support import archives
from support.kaggle import expected, fetch, found, without_credentials
from support.server import Fault

# kagglehub leaves the connections of failed requests open
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def no_credentials(downloads, tmp_path, monkeypatch):
    with without_credentials(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def server(no_credentials, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "token")
    return no_credentials


def test_pictures_are_unpacked_unchanged_without_the_two_that_are_left_out(server, into):
    rows = fetch(into)
    assert found(into) == expected()
    assert sorted(row["file"] for row in rows) == sorted(expected())
    for row in rows:
        assert row["photo"] == row["file"].removesuffix(".jpg") and row["source"] == "kaggle"
        assert row["url"] == "https://www.kaggle.com/c/dogs-vs-cats"
        assert row["licence"] == kaggle.LICENCE and row["author"] == ""


def test_a_second_fetch_downloads_nothing(server, into, tmp_path):
    rows = fetch(into)
    file = tmp_path / "kagglehub/competitions/dogs-vs-cats/train.zip"
    before = file.stat().st_mtime_ns
    assert fetch(into) == rows and found(into) == expected()
    assert file.stat().st_mtime_ns == before


def test_pictures_limits_how_many(server, into):
    assert len(fetch(into, pictures=7)) == len(found(into)) == 7


def test_a_given_checksum_is_checked(server, into):
    right = hashlib.sha256(archives.kaggle()).hexdigest()
    assert len(fetch(into, sha256=right)) == 20
    with pytest.raises(ValueError, match=f"has the sha256 {right}, expected is {'0' * 64}"):
        fetch(into, sha256="0" * 64)
    assert not found(into)


def test_a_file_that_a_crash_damaged_is_downloaded_again(server, into, tmp_path):
    """kagglehub accepts any file of the right length as complete."""
    part = tmp_path / "kagglehub/competitions/dogs-vs-cats/train.zip"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(len(archives.kaggle())))
    fetch(into)
    assert found(into) == expected()


def test_without_a_network_the_earlier_download_is_used(server, into):
    fetch(into)
    server.faults["api"] = [Fault(hang_up=True)] * 9
    fetch(into)
    assert found(into) == expected()


def test_too_little_space_is_an_error_before_the_first_request(server, into, monkeypatch):
    usage = type("usage", (), {"free": 500_000_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="543 MB in .*kagglehub and 543 MB in .* are needed, 500 MB"):
        fetch(into)
    assert not server.asked


def test_a_copy_at_another_address_needs_no_account(no_credentials, into):
    content = archives.kaggle()
    url = no_credentials.add("/copy/train.zip", content)
    rows = fetch(into, url=url, sha256=hashlib.sha256(content).hexdigest())
    assert found(into) == expected() and {row["url"] for row in rows} == {url}


def test_a_copy_at_another_address_needs_its_checksum(no_credentials, into):
    with pytest.raises(ValueError, match="url needs a sha256 beside it"):
        fetch(into, url="https://somewhere/train.zip")


def test_requests_is_unchanged_afterwards(server, into):
    send = requests.Session.send
    fetch(into)
    assert requests.Session.send is send
    assert os.environ["KAGGLE_API_TOKEN"] == "token"
