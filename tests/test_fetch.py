import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from colornet import fetch, params
from colornet.params import UserError


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b/one.png", "a.png"):
        Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), name[0] == "a" and "red" or "blue").save(Path("mine", name))
    return Path("mine")


def table(dataset):
    with open(f"data/raw/{dataset}/sources.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def files(root):
    return {f.relative_to(root): f.read_bytes() for f in Path(root).rglob("*") if f.is_file()}


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


def test_two_fetches_leave_the_same_bytes(mine):
    fetch.run("x", source="folder", path="mine")
    os.utime(mine / "a.png", (0, 0))
    fetch.run("y", source="folder", path="mine")
    assert files("data/raw/x") == files("data/raw/y")


def test_a_fetch_replaces_the_former_one(mine):
    fetch.run("x", source="folder", path="mine")
    (mine / "a.png").unlink()
    fetch.run("x", source="folder", path="mine")
    assert sorted(map(str, files("data/raw/x"))) == ["b/one.png", "sources.csv"]


@pytest.mark.parametrize(
    "error", [OSError("the disk is full"), ValueError("no"), KeyboardInterrupt]
)
def test_a_broken_off_fetch_leaves_the_former_one_and_nothing_else(mine, monkeypatch, error):
    fetch.run("x", source="folder", path="mine")
    before = files("data")

    def broken(into: Path, *, path: str):
        (into / "half.png").write_bytes(b"half")
        raise error
        yield

    monkeypatch.setitem(fetch.SOURCES, "folder", broken)
    with pytest.raises((UserError, KeyboardInterrupt)):
        fetch.run("x", source="folder", path="mine")
    assert files("data") == before


@pytest.mark.parametrize("source", ["pets", "microsoft", "kaggle"])
def test_a_source_to_come_names_what_works_today(mine, source):
    with pytest.raises(UserError) as caught:
        fetch.run("siamese", source=source, breeds=["Siamese"])
    assert str(caught.value).startswith(f'fetch.siamese: the source "{source}" is not available')
    assert "`make demo`" in str(caught.value) and "source: folder" in str(caught.value)
    assert not Path("data").exists()


def test_an_unknown_source_names_the_legal_ones(mine):
    with pytest.raises(UserError, match="fetch.x.source is 'flickr'; legal are bundled, folder, "):
        fetch.run("x", source="flickr")


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
    ],
)
def test_an_option_that_does_not_fit_is_a_sentence(mine, options, sentence):
    with pytest.raises(UserError, match=sentence):
        fetch.run("x", **options)
    assert not Path("data/raw/x").exists()


def test_the_command_reads_its_section(mine, monkeypatch):
    params.save({"fetch": {"x": {"source": "folder", "path": "mine"}}}, Path("params.yaml"))
    params.command("fetch", fetch.run, ["x"])
    assert len(table("x")) == 2


def test_the_command_ends_with_a_sentence(mine):
    params.save({"fetch": {"x": {"source": "pets"}}}, Path("params.yaml"))
    command = [sys.executable, "-m", "colornet.fetch", "x"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: fetch.x: ") and "Traceback" not in done.stderr
