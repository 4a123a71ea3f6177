"""Oxford-IIIT Pet: photographs of some breeds, or of all."""

import hashlib

import pytest

from colornet import fetch as stage
from colornet import params
from colornet.sources import pets
from support import archives
from support.server import Fault

COLUMNS = ["file", "photo", "source", "url", "licence", "author"]


def fetch(into, server, content=None, **options):
    content = archives.pets() if content is None else content
    url = server.add("/images.tar.gz", content)
    return list(pets.fetch(into, url=url, sha256=hashlib.sha256(content).hexdigest(), **options))


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_one_breed_is_unpacked_unchanged_from_a_tar_with_and_without_compression(
    into, server, mode
):
    rows = fetch(into, server, archives.pets(mode=mode), breeds=["Siamese"])
    found = {file.name: file.read_bytes() for file in into.iterdir()}
    assert found == {f"Siamese_{n}.jpg": archives.jpeg(300 + n) for n in range(1, 13)}
    assert sorted(row["file"] for row in rows) == sorted(found)


def test_without_breeds_all_are_taken_and_nothing_else(into, server):
    names = {row["file"].rsplit("_", 1)[0] for row in fetch(into, server)}
    assert names == {"Abyssinian", "shiba_inu", "Siamese"}
    assert len(list(into.iterdir())) == 18 and not list(into.glob("*.mat"))


def test_several_breeds_and_a_limit(into, server):
    rows = fetch(into, server, breeds=["Siamese", "shiba_inu"], pictures=6)
    assert len(rows) == 6 and not any("Abyssinian" in row["file"] for row in rows)


def test_breeds_can_be_left_out(into, server):
    names = {row["file"].rsplit("_", 1)[0] for row in fetch(into, server, without=["Siamese"])}
    assert names == {"Abyssinian", "shiba_inu"}
    with pytest.raises(ValueError, match="without contains 'siamese'; legal are"):
        fetch(into, server, without=["siamese"])
    with pytest.raises(ValueError, match="none is left"):
        fetch(into, server, breeds=["Siamese"], without=["Siamese"])


def test_each_row_names_its_photo_and_licence(into, server):
    for row in fetch(into, server):
        assert list(row) == COLUMNS
        assert row["photo"] == row["file"].removesuffix(".jpg")
        assert "CC BY-SA 4.0" in row["licence"] and "stay their owners'" in row["licence"]


def test_for_a_misspelt_breed_the_error_lists_the_legal_ones_before_any_download(into, server):
    with pytest.raises(
        ValueError, match="breeds contains 'Siamesse'; legal are Abyssinian, .*Siamese"
    ):
        fetch(into, server, breeds=["Siamese", "Siamesse"])
    assert not server.asked


def test_an_empty_list_of_breeds_is_an_error():
    with pytest.raises(params.UserError, match="fetch.x.breeds is"):
        params.check({"breeds": []}, pets.fetch, "fetch.x")


def test_there_are_37_breeds():
    assert (len(pets.CATS), len(pets.DOGS), len(set(pets.BREEDS))) == (12, 25, 37)
    assert all(breed[0].isupper() for breed in pets.CATS)


def test_the_second_address_is_used_when_the_first_fails(into, server, monkeypatch):
    content = archives.pets()
    monkeypatch.setattr(pets, "LENGTH", len(content))
    first = server.add("/thor", content, Fault(503, {"Retry-After": "3600"}))
    urls, sha256 = [first, server.add("/www", content)], hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(pets, "SHA256", sha256)
    rows = list(pets.fetch(into, url=urls, sha256=sha256))
    assert [path for path, _ in server.asked] == ["/thor", "/www"]
    assert {row["url"] for row in rows} == {pets.URLS[0]}  # the same, whichever delivered


def test_length_checksum_and_addresses_of_the_published_archive_are_fixed():
    assert pets.LENGTH == 791_918_971 and len(pets.SHA256) == 64 and len(pets.URLS) == 2


def test_an_archive_without_such_pictures_is_an_error(server):
    content = archives.tarred({"images/readme.txt": b"nothing here"})
    url = server.add("/images.tar.gz", content)
    with pytest.raises(params.UserError, match="fetch.x: `url` holds no photograph"):
        stage.run("x", source="pets", url=url, sha256=hashlib.sha256(content).hexdigest())
