import csv
import errno
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from colornet import fetch, params, preprocess
from colornet.params import UserError
from support import archives
from support.server import Fault


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


def test_an_unknown_source_names_the_legal_ones(mine):
    with pytest.raises(UserError, match="'flickr'; legal are bundled, folder, microsoft, "):
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
        ({"source": "pets", "breed": "Siamese"}, "fetch.x.breed is not known; legal are breeds"),
        ({"source": "pets", "breeds": "Siamese"}, "fetch.x.breeds.* is 'Siamese'"),
        ({"source": "microsoft", "pictures": 0}, "fetch.x.pictures.* is 0"),
        ({"source": "microsoft", "sha256": "b797"}, "fetch.x.sha256.* is 'b797'"),
        ({"source": "kaggle", "url": 5}, "fetch.x.url.* is 5"),
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
    params.save({"fetch": {"x": {"source": "pets", "url": "none.tar"}}}, Path("params.yaml"))
    command = [sys.executable, "-m", "colornet.fetch", "x"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: fetch.x: images.tar.gz: there is no file none.tar.\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def section(server, source: str, content: bytes, **options) -> dict:
    """A section of params.yaml that has an archive from the tests' server."""
    url = server.add(f"/{source}", content)
    return {"source": source, "url": url, "sha256": sha256(content)} | options


ARCHIVES = {"microsoft": archives.microsoft, "kaggle": archives.kaggle, "pets": archives.pets}


@pytest.mark.parametrize("source", ARCHIVES)
def test_a_second_download_leaves_the_same_bytes_and_the_same_list(server, downloads, source):
    options = section(server, source, ARCHIVES[source]())
    fetch.run("x", **options)
    shutil.rmtree(downloads)
    server.faults[f"/{source}"] = [Fault(cut=5_000), Fault(500)]
    fetch.run("y", **options)
    assert files("data/raw/x") == files("data/raw/y")
    assert len(table("x")) == len(files("data/raw/x")) - 1 == {"pets": 18}.get(source, 20)
    for row in table("x"):
        assert row["sha256"] == sha256(Path("data/raw/x", row["file"]).read_bytes())


def test_two_datasets_share_one_download(server):
    options = section(server, "pets", archives.pets())
    fetch.run("x", **options, breeds=["Siamese"])
    fetch.run("y", **options)
    assert server.asked == [("/pets", None)]
    assert len(table("x")) == 12 and len(table("y")) == 18


def test_changing_between_microsoft_and_kaggle_changes_no_split(server):
    splits = {}
    for source, quality in (("microsoft", 90), ("kaggle", 85)):
        fetch.run("x", **section(server, source, ARCHIVES[source](30, 30, quality=quality)))
        preprocess.run("x", size=32, train=20, validation=8, test=8)
        with open("data/prepared/x/index.csv", encoding="utf-8", newline="") as stream:
            splits[source] = [(row["file"], row["photo"]) for row in csv.DictReader(stream)]
    assert splits["microsoft"] == splits["kaggle"] and len(splits["kaggle"]) == 36


def test_pictures_are_the_same_ones_from_both(server):
    chosen = {}
    for source in ("microsoft", "kaggle"):
        fetch.run("x", **section(server, source, ARCHIVES[source](30, 30), pictures=25))
        chosen[source] = [row["file"] for row in table("x")]
    assert chosen["microsoft"] == chosen["kaggle"] and len(chosen["kaggle"]) == 25


def test_a_disk_that_becomes_full_while_unpacking_leaves_nothing_half(server, monkeypatch):
    options = section(server, "microsoft", archives.microsoft())
    fetch.run("x", **options)
    before, copied = files("data"), []

    def full(source, stream, length):
        copied.append(stream.write(source.read()))
        if len(copied) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(UserError, match="fetch.x: the disk became full; make room"):
        fetch.run("x", **options)
    assert len(copied) == 5 and files("data") == before


def running(**section) -> subprocess.Popen:
    params.save({"fetch": {"x": section}}, Path("params.yaml"))
    command = [sys.executable, "-m", "colornet.fetch", "x"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that itself runs in the background has Ctrl-C switched off, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(server, sent: int) -> None:
    deadline = time.monotonic() + 30
    while server.sent < sent:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.slow
def test_ctrl_c_ends_with_a_sentence_and_the_next_call_goes_on(server, downloads):
    options = section(server, "pets", archives.pets(60, 60))
    server.pace = 0.05
    first = running(**options)
    wait_for(server, 20_000)
    first.send_signal(signal.SIGINT)
    said = first.communicate(timeout=30)[1]
    assert first.returncode == 130 and "the same command goes on" in said
    assert "Traceback" not in said and not files("data")
    server.pace = 0
    fetch.run("x", **options)
    assert server.asked[-1][1].startswith("bytes=") and len(table("x")) == 180


@pytest.mark.slow
@pytest.mark.parametrize("source", ["microsoft", "pets"])
def test_killed_at_10_random_moments_the_next_call_ends_with_the_same_bytes(
    server, downloads, source
):
    options = section(server, source, ARCHIVES[source](300, 300))
    fetch.run("y", **options)
    expected, size = files("data/raw/y"), server.sent
    shutil.rmtree("data")
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for _ in range(10):
        shutil.rmtree(downloads)
        shutil.rmtree("data", ignore_errors=True)
        server.pace, server.sent = 0.3 / (size / 8192), 0
        process = running(**options)
        wait_for(server, 1)
        time.sleep(moments.uniform(0, 0.6))  # of which about half is unpacking
        process.kill()
        process.communicate()
        if Path("data/raw/x").exists():  # it was done
            assert files("data/raw/x") == expected
        server.pace = 0
        fetch.run("x", **options)
        assert files("data/raw/x") == expected
        assert sorted(os.listdir("data/raw")) == ["x"]
        on_its_way = 1 << 16
        assert server.sent <= size + on_its_way
