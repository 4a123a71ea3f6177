"""Faults of Kaggle's server: temporary ones are overcome, the others explained."""

import os

import pytest

from colornet.system import retry
from support import archives
from support.downloads import expect_silence
from support.kaggle import PATH, expected, fetch, found, without_credentials
from support.server import Fault

# kagglehub leaves the connections of failed requests open
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def server(downloads, tmp_path, monkeypatch):
    with without_credentials(tmp_path, monkeypatch) as server:
        monkeypatch.setenv("KAGGLE_API_TOKEN", "token")
        yield server


TEMPORARY = {
    "cut": [Fault(cut=3_000)],
    "cut twice": [Fault(cut=3_000), Fault(), Fault(cut=1_000)],
    "cut by a server that ignores ranges": [Fault(cut=3_000), Fault(ranges=False)],
    "stalled": [Fault(stall=1)],
    "a wrong byte": [Fault(wrong=True)],
    "500": [Fault(500)],
    "connection closed": [Fault(hang_up=True)],
}
TEMPORARY_AT_THE_API = {
    "500 twice": [Fault(500), Fault(500)],
    "429": [Fault(429, {"Retry-After": "0"})],
    "connection closed": [Fault(hang_up=True)],
    "silence": [Fault(silence=1)],
}


@pytest.mark.parametrize("case", TEMPORARY)
def test_after_a_temporary_fault_the_pictures_are_right(server, into, monkeypatch, case):
    expect_silence(TEMPORARY[case], monkeypatch)
    server.faults[PATH] = list(TEMPORARY[case])
    fetch(into)
    assert found(into) == expected()


@pytest.mark.parametrize("case", TEMPORARY_AT_THE_API)
def test_after_a_temporary_fault_of_the_api_the_pictures_are_right(server, into, monkeypatch, case):
    expect_silence(TEMPORARY_AT_THE_API[case], monkeypatch)
    server.faults["api"] = list(TEMPORARY_AT_THE_API[case])
    fetch(into)
    assert found(into) == expected()


def test_an_interrupted_transfer_is_continued(server, into):
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
    "500 always": ([Fault(500)] * 6, "it answers 500"),
    "a pause of an hour": ([Fault(429, {"Retry-After": "3600"})], "a pause of 60 minutes"),
    "silence": ([Fault(silence=1)] * 6, "it sent nothing for 0.4 seconds"),
}


@pytest.mark.parametrize("case", FINAL)
def test_a_fault_that_stays_is_explained(server, into, monkeypatch, case):
    expect_silence(FINAL[case][0], monkeypatch)
    server.faults["api"], sentence = list(FINAL[case][0]), FINAL[case][1]
    with pytest.raises(ValueError, match=sentence) as caught:
        fetch(into)
    assert str(caught.value).startswith("Kaggle does not deliver train.zip: ")
    assert "\n" not in str(caught.value) and not found(into)
    server.faults["api"] = []
    fetch(into)
    assert found(into) == expected()


def test_a_checksum_that_is_always_wrong_is_named_with_the_expected_one(server, into):
    server.faults[PATH] = [Fault(wrong=True)] * retry.ATTEMPTS
    with pytest.raises(ValueError, match="MD5 checksum of: .* but the actual MD5 .* was: "):
        fetch(into)
    assert not found(into)


def test_a_missing_network_is_explained(server, into, monkeypatch):
    from kagglesdk import kaggle_env

    monkeypatch.setitem(
        kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9"
    )
    with pytest.raises(ValueError, match="not deliver train.zip: it refuses the connection"):
        fetch(into)
