"""Microsoft's archive of Dogs vs. Cats: cat.N.jpg, dog.N.jpg."""

import hashlib

import pytest

from colornet.sources import kaggle, microsoft
from support import archives

COLUMNS = ["file", "photo", "source", "url", "licence", "author"]


def fetch(into, server, content=None, **options):
    content = archives.microsoft() if content is None else content
    url = server.add("/cats.zip", content)
    options = {"url": url, "sha256": hashlib.sha256(content).hexdigest()} | options
    return list(microsoft.fetch(into, **options))


def test_pictures_are_named_as_at_kaggle_and_unchanged(into, server):
    rows = fetch(into, server)
    found = {file.name: file.read_bytes() for file in into.iterdir()}
    expected = {f"cat.{n}.jpg": archives.jpeg(n) for n in range(10)}
    expected |= {f"dog.{n}.jpg": archives.jpeg(1000 + n) for n in range(10)}
    assert found == expected
    assert sorted(row["file"] for row in rows) == sorted(found)


def test_each_row_names_its_photo_and_licence(into, server):
    for row in fetch(into, server):
        assert list(row) == COLUMNS
        assert row["photo"] == row["file"].removesuffix(".jpg")
        assert row["source"] == "microsoft" and "not to be re-published" in row["licence"]


def test_the_two_broken_pictures_are_left_out(into, server):
    assert not {"cat.666.jpg", "dog.11702.jpg"} & {row["file"] for row in fetch(into, server)}


def test_pictures_limits_how_many(into, server):
    assert len(fetch(into, server, pictures=7)) == len(list(into.iterdir())) == 7


def test_a_mirror_of_the_same_archive_gives_the_same_rows(into, server, monkeypatch):
    content = archives.microsoft()
    monkeypatch.setattr(microsoft, "SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(microsoft, "LENGTH", len(content))
    assert {row["url"] for row in fetch(into, server, content)} == {microsoft.URL}


def test_the_rows_of_another_archive_name_its_address(into, server):
    assert {row["url"] for row in fetch(into, server)} == {server.url("/cats.zip")}


def test_length_checksum_and_address_of_the_published_archive_are_fixed():
    assert microsoft.LENGTH == 824_887_076 and len(microsoft.SHA256) == 64
    assert microsoft.URL.startswith("https://") and microsoft.URL.endswith("_5340.zip")


def test_another_archive_without_its_checksum_is_refused_before_the_download(into, server):
    url = server.add("/cats.zip", archives.microsoft())
    with pytest.raises(ValueError, match="expected are 824,887,076"):
        list(microsoft.fetch(into, url=url))
    assert not list(into.iterdir())


def test_free_space_is_checked_for_the_archive_and_its_pictures_together(into, server, monkeypatch):
    from colornet.system import disk

    usage = type("usage", (), {"free": 800_000_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    content = archives.microsoft()
    url = server.add("/cats.zip", content)
    with pytest.raises(OSError, match="0.02 MB in .*cache.* and 825 MB in .*into are needed, 800"):
        list(microsoft.fetch(into, url=url, sha256=hashlib.sha256(content).hexdigest()))
    assert len(fetch(into, server, pictures=10)) == 10


@pytest.mark.parametrize("name", ["PICTURES", "LICENCE", "LEFT_OUT"])
def test_microsoft_and_kaggle_have_the_same_constants(name):
    assert getattr(microsoft, name) == getattr(kaggle, name)
