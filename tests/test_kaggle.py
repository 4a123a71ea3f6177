"""Kaggle's archive through the real kagglehub, its API a server of the tests' own."""

import gc
import hashlib
import json
import os

import pytest
import requests

from colornet.sources import kaggle
from colornet.system import disk, trouble
from support import archives
from support.server import Fault, KaggleServer

# kagglehub leaves the connections of failed requests to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PATH = "/storage/dogs-vs-cats/train.zip"
CREDENTIALS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR")


@pytest.fixture
def nobody(downloads, tmp_path, monkeypatch):
    """A user without any credentials, whose kagglehub asks the tests' server."""
    from kagglesdk import kaggle_env

    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kagglehub"))
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    with KaggleServer() as server:
        endpoints = kaggle_env._env_to_endpoint
        monkeypatch.setitem(endpoints, kaggle_env.KaggleEnv.PROD, server.url(""))
        server.add(PATH, archives.kaggle())
        yield server
        server.shutdown()
    gc.collect()  # here, and not in the next test


@pytest.fixture
def server(nobody, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "token")
    return nobody


def fetch(into, **options):
    for file in into.iterdir():
        file.unlink()
    return list(kaggle.fetch(into, **options))


def pictures() -> dict[str, bytes]:
    expected = {f"cat.{n}.jpg": archives.jpeg(n) for n in range(10)}
    return expected | {f"dog.{n}.jpg": archives.jpeg(1000 + n) for n in range(10)}


def found(into) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in into.iterdir()}


def test_pictures_come_byte_for_byte_without_the_two_that_microsoft_s_archive_breaks(server, into):
    rows = fetch(into)
    assert found(into) == pictures()
    assert sorted(row["file"] for row in rows) == sorted(pictures())
    for row in rows:
        assert row["photo"] == row["file"].removesuffix(".jpg") and row["source"] == "kaggle"
        assert row["url"] == "https://www.kaggle.com/c/dogs-vs-cats"


def test_a_second_fetch_downloads_nothing(server, into, tmp_path):
    rows = fetch(into)
    file = tmp_path / "kagglehub/competitions/dogs-vs-cats/train.zip"
    before = file.stat().st_mtime_ns
    assert fetch(into) == rows and found(into) == pictures()
    assert file.stat().st_mtime_ns == before


def test_pictures_limits_how_many(server, into):
    assert len(fetch(into, pictures=7)) == len(found(into)) == 7


# Every way of giving credentials that kagglehub knows outside a notebook.
def by_token(home, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "token")


def by_token_file(home, monkeypatch):
    (home / "token").write_text("token")
    monkeypatch.setenv("KAGGLE_API_TOKEN", str(home / "token"))


def by_access_token(home, monkeypatch):
    (home / ".kaggle").mkdir()
    (home / ".kaggle/access_token").write_text("token\n")


def by_name_and_key(home, monkeypatch):
    monkeypatch.setenv("KAGGLE_USERNAME", "me")
    monkeypatch.setenv("KAGGLE_KEY", "key")


def by_json_elsewhere(home, monkeypatch):
    (home / "kaggle.json").write_text(json.dumps({"username": "me", "key": "key"}))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(home))


def by_login(home, monkeypatch):
    import kagglehub

    monkeypatch.setattr(kagglehub.config, "_kaggle_credentials", None)
    kagglehub.config.set_kaggle_credentials("me", "key")


BEARER, BASIC = "Bearer token", "Basic bWU6a2V5"  # me:key
WAYS = {
    by_token: BEARER,
    by_token_file: BEARER,
    by_access_token: BEARER,
    by_name_and_key: BASIC,
    by_json_elsewhere: BASIC,
    by_login: BASIC,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_giving_credentials_reaches_kaggle(nobody, into, tmp_path, monkeypatch, way):
    way(tmp_path / "home", monkeypatch)
    fetch(into)
    assert nobody.asked[0][1] == WAYS[way]
    assert found(into) == pictures()


def test_without_credentials_the_ways_are_named(nobody, into):
    with pytest.raises(ValueError, match="train.zip: there are no credentials") as caught:
        fetch(into)
    said = str(caught.value)
    for way in (*CREDENTIALS, "access_token", "kaggle.json", "source: microsoft"):
        assert way in said
    assert not found(into) and not nobody.asked


def test_a_broken_credentials_file_is_named(nobody, into, tmp_path, monkeypatch):
    by_json_elsewhere(tmp_path / "home", monkeypatch)
    (tmp_path / "home/kaggle.json").write_text("{")
    with pytest.raises(ValueError, match="Invalid Kaggle credentials file at .*kaggle.json"):
        fetch(into)


PASSING = {
    "cut": [Fault(cut=3_000)],
    "cut twice": [Fault(cut=3_000), Fault(), Fault(cut=1_000)],
    "cut by a server that ignores ranges": [Fault(cut=3_000), Fault(ranges=False)],
    "stalled": [Fault(stall=1)],
    "a wrong byte": [Fault(wrong=True)],
    "500": [Fault(500)],
    "hung up on": [Fault(hang_up=True)],
}
API_PASSING = {
    "500 twice": [Fault(500), Fault(500)],
    "429": [Fault(429, {"Retry-After": "0"})],
    "hung up on": [Fault(hang_up=True)],
    "silence": [Fault(silence=1)],
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_ends_well(server, into, case):
    server.faults[PATH] = list(PASSING[case])
    fetch(into)
    assert found(into) == pictures()


@pytest.mark.parametrize("case", API_PASSING)
def test_what_passes_at_the_api_ends_well(server, into, case):
    server.faults["api"] = list(API_PASSING[case])
    fetch(into)
    assert found(into) == pictures()


def test_a_broken_transfer_goes_on_where_it_stopped(server, into):
    large = archives.zipped({"train/cat.1.jpg": archives.jpeg(1), "rest": os.urandom(3 << 20)})
    server.add(PATH, large, Fault(cut=2 << 20))
    fetch(into)
    assert (PATH, f"bytes={2 << 20}-") in server.asked


FINAL = {
    "403": (
        [Fault(403)] * 6,
        r"rules are not accepted yet \(403\).*dogs-vs-cats/data.*Download All",
    ),
    "401": ([Fault(401)] * 6, r"credentials are not accepted \(401\).*kaggle.com/settings"),
    "404": ([Fault(404)] * 6, "it answers 404 Not Found"),
    "500 for ever": ([Fault(500)] * 6, "it answers 500"),
    "an hour's wait": ([Fault(429, {"Retry-After": "3600"})], "a pause of 60 minutes"),
    "silence": ([Fault(silence=1)] * 6, "nothing came from it for 0.4 seconds"),
}


@pytest.mark.parametrize("case", FINAL)
def test_what_does_not_pass_is_a_sentence(server, into, case):
    server.faults["api"], sentence = list(FINAL[case][0]), FINAL[case][1]
    with pytest.raises(ValueError, match=sentence) as caught:
        fetch(into)
    assert str(caught.value).startswith("Kaggle does not give train.zip: ")
    assert "\n" not in str(caught.value) and not found(into)
    server.faults["api"] = []
    fetch(into)
    assert found(into) == pictures()


def test_a_checksum_that_is_never_right_names_both(server, into):
    server.faults[PATH] = [Fault(wrong=True)] * trouble.TRIES
    with pytest.raises(ValueError, match="MD5 checksum of: .* but the actual MD5 .* was: "):
        fetch(into)
    assert not found(into)


def test_an_own_checksum_is_held_against_it(server, into):
    right = hashlib.sha256(archives.kaggle()).hexdigest()
    assert len(fetch(into, sha256=right)) == 20
    with pytest.raises(ValueError, match=f"has the sha256 {right}, expected is {'0' * 64}"):
        fetch(into, sha256="0" * 64)
    assert not found(into)


def test_what_a_crash_left_damaged_is_fetched_again(server, into, tmp_path):
    """kagglehub takes a file of the right length for whole."""
    part = tmp_path / "kagglehub/competitions/dogs-vs-cats/train.zip"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(len(archives.kaggle())))
    fetch(into)
    assert found(into) == pictures()


def test_without_a_network_what_was_downloaded_before_serves(server, into):
    fetch(into)
    server.faults["api"] = [Fault(hang_up=True)] * 9
    fetch(into)
    assert found(into) == pictures()


def test_no_network_is_a_sentence(server, into, monkeypatch):
    from kagglesdk import kaggle_env

    monkeypatch.setitem(
        kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9"
    )
    with pytest.raises(
        ValueError, match="Kaggle does not give train.zip: it refuses the connection"
    ):
        fetch(into)


def test_too_little_room_is_said_before_the_start(server, into, monkeypatch):
    usage = type("usage", (), {"free": 500_000_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="543 MB in .*kagglehub and 543 MB in .* are needed, 500 MB"):
        fetch(into)
    assert not server.asked


def test_a_copy_elsewhere_serves_without_kaggle(nobody, into):
    content = archives.kaggle()
    url = nobody.add("/copy/train.zip", content)
    rows = fetch(into, url=url, sha256=hashlib.sha256(content).hexdigest())
    assert found(into) == pictures() and {row["url"] for row in rows} == {url}


def test_a_copy_elsewhere_needs_its_checksum(nobody, into):
    with pytest.raises(ValueError, match="url needs a sha256 beside it"):
        fetch(into, url="https://somewhere/train.zip")


def test_requests_are_left_as_they_were(server, into):
    send = requests.Session.send
    fetch(into)
    assert requests.Session.send is send
    assert os.environ["KAGGLE_API_TOKEN"] == "token"
