"""The stage fetch: it finds a source by name, checks its options, and writes the whole folder."""

import csv
import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from colornet import fetch, params, preprocess, sources
from colornet.params import UserError
from support.fetched import ARCHIVES, files, section, sha256, table
from support.server import Fault


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b/one.png", "a.png"):
        Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), "red" if name[0] == "a" else "blue").save(Path("mine", name))
    return Path("mine")


def test_sources_csv_lists_every_file_with_its_hash(mine):
    fetch.run("x", source="folder", path="mine")
    rows = table("x")
    assert [row["file"] for row in rows] == ["a.png", "b/one.png"]
    assert list(rows[0]) == ["file", "photo", "source", "url", "licence", "author", "sha256"]
    for row in rows:
        data = Path("data/raw/x", row["file"]).read_bytes()
        assert data == (mine / row["file"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert b"\r" not in Path("data/raw/x/sources.csv").read_bytes()


def test_two_fetches_write_the_same_bytes(mine):
    fetch.run("x", source="folder", path="mine")
    os.utime(mine / "a.png", (0, 0))
    fetch.run("y", source="folder", path="mine")
    assert files("data/raw/x") == files("data/raw/y")


def test_a_fetch_replaces_the_old_folder(mine):
    fetch.run("x", source="folder", path="mine")
    (mine / "a.png").unlink()
    fetch.run("x", source="folder", path="mine")
    assert sorted(map(str, files("data/raw/x"))) == ["b/one.png", "sources.csv"]


@pytest.mark.parametrize(
    "error", [OSError("the disk is full"), ValueError("no"), KeyboardInterrupt]
)
def test_a_failed_fetch_leaves_the_old_folder_and_nothing_else(mine, monkeypatch, error):
    fetch.run("x", source="folder", path="mine")
    before = files("data")

    def broken(into: Path, *, path: str):
        (into / "half.png").write_bytes(b"half")
        raise error
        yield

    monkeypatch.setattr(sources.folder, "fetch", broken)
    with pytest.raises((UserError, KeyboardInterrupt)):
        fetch.run("x", source="folder", path="mine")
    assert files("data") == before


@pytest.mark.parametrize("name", ["flickr", "archive", "../x", "folder.fetch", "", "__init__"])
def test_for_an_unknown_source_the_error_lists_the_legal_ones(mine, name):
    with pytest.raises(UserError) as caught:
        fetch.run("x", source=name)
    modules = {file.stem for file in Path(sources.__path__[0]).glob("[a-z]*.py")}
    legal = ", ".join(sorted(modules - {"archive"}))  # which has no `fetch`
    assert str(caught.value) == f"params.yaml: fetch.x.source is {name!r}; legal are {legal}."


NEW_SOURCE = """
def fetch(into, *, number: int):
    (into / "a.png").write_bytes(bytes(number))
    yield dict.fromkeys(("photo", "source", "url", "licence", "author"), "new") | {"file": "a.png"}
"""


def test_a_new_source_needs_only_its_module(mine, tmp_path, monkeypatch):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/new_source.py").write_text(NEW_SOURCE)
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path / "modules")])
    fetch.run("x", source="new_source", number=3)
    assert files("data/raw/x")[Path("a.png")] == bytes(3) and table("x")[0]["url"] == "new"
    with pytest.raises(UserError, match="fetch.x.number is missing"):
        fetch.run("x", source="new_source")
    with pytest.raises(UserError, match="microsoft, new_source, pets"):
        fetch.run("x", source="nwe_source")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"source": "folder"}, "fetch.x.path is missing"),
        ({"source": "folder", "path": 3}, "fetch.x.path is 3"),
        (
            {"source": "folder", "path": "mine", "paht": 1},
            "fetch.x.paht is not known; legal are path",
        ),
        ({"source": "bundled", "path": "mine"}, "fetch.x.path is not known"),
        ({"source": "folder", "path": "none"}, "fetch.x: there is no folder none"),
        ({"source": "pets", "breed": "Siamese"}, "fetch.x.breed is not known; legal are breeds"),
        ({"source": "pets", "breeds": "Siamese"}, "fetch.x.breeds.* is 'Siamese'"),
        ({"source": "microsoft", "pictures": 0}, "fetch.x.pictures.* is 0"),
        ({"source": "microsoft", "sha256": "b797"}, "fetch.x.sha256.* is 'b797'"),
        ({"source": "kaggle", "url": 5}, "fetch.x.url.* is 5"),
    ],
)
def test_an_option_that_does_not_fit_is_named(mine, options, sentence):
    with pytest.raises(UserError, match=sentence):
        fetch.run("x", **options)
    assert not Path("data/raw/x").exists()


def test_the_command_reads_its_section(mine):
    params.save({"fetch": {"x": {"source": "folder", "path": "mine"}}}, Path("params.yaml"))
    params.command("fetch", fetch.run, ["x"])
    assert len(table("x")) == 2


def test_a_mistake_ends_the_command_with_one_sentence(mine):
    params.save({"fetch": {"x": {"source": "pets", "url": "none.tar"}}}, Path("params.yaml"))
    command = [sys.executable, "-m", "colornet.fetch", "x"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: fetch.x: images.tar.gz: there is no file none.tar.\n"


@pytest.mark.parametrize("source", ARCHIVES)
def test_a_second_download_gives_the_same_bytes_and_the_same_list(server, downloads, source):
    options = section(server, source)
    fetch.run("x", **options)
    shutil.rmtree(downloads)
    server.faults[f"/{source}"] = [Fault(cut=5_000), Fault(500)]
    fetch.run("y", **options)
    assert files("data/raw/x") == files("data/raw/y")
    assert len(table("x")) == len(files("data/raw/x")) - 1 == {"pets": 18}.get(source, 20)
    for row in table("x"):
        assert row["sha256"] == sha256(Path("data/raw/x", row["file"]).read_bytes())


def test_two_datasets_share_one_download(server):
    options = section(server, "pets")
    fetch.run("x", **options, breeds=["Siamese"])
    fetch.run("y", **options)
    assert server.asked == [("/pets", None)]
    assert len(table("x")) == 12 and len(table("y")) == 18


def test_microsoft_and_kaggle_give_the_same_splits(server):
    splits = {}
    for source, quality in (("microsoft", 90), ("kaggle", 85)):
        fetch.run("x", **section(server, source, 30, 30, quality=quality))
        preprocess.run("x", size=32, train=20, validation=8, test=8)
        with open("data/prepared/x/index.csv", encoding="utf-8", newline="") as stream:
            splits[source] = [(row["file"], row["photo"]) for row in csv.DictReader(stream)]
    assert splits["microsoft"] == splits["kaggle"] and len(splits["kaggle"]) == 36


def test_microsoft_and_kaggle_choose_the_same_pictures(server):
    chosen = {}
    for source in ("microsoft", "kaggle"):
        fetch.run("x", **section(server, source, 30, 30), pictures=25)
        chosen[source] = [row["file"] for row in table("x")]
    assert chosen["microsoft"] == chosen["kaggle"] and len(chosen["kaggle"]) == 25


def test_a_disk_that_fills_while_unpacking_leaves_the_old_folder(server, monkeypatch):
    options = section(server, "microsoft")
    fetch.run("x", **options)
    before, copied = files("data"), []

    def full(source, stream, length):
        copied.append(stream.write(source.read()))
        if len(copied) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(UserError, match="fetch.x: the disk is full: free some space"):
        fetch.run("x", **options)
    assert len(copied) == 5 and files("data") == before
