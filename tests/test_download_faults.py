"""A download from servers with faults: it succeeds where that is possible, else it is explained."""

import time
from email.utils import formatdate

import pytest

from colornet.system import retry
from support.downloads import (
    CONTENT,
    NAME,
    SHA256,
    expect_silence,
    get,
    left,
    ranges,
    record_pauses,
)
from support.server import Fault

# The faults of the responses, one after another, and the ranges that are requested
TEMPORARY = {
    "cut": ([Fault(cut=30_000)], [None, "bytes=30000-"]),
    "cut three times": (
        [Fault(cut=30_000), Fault(cut=10), Fault(cut=40_000)],
        [None, "bytes=30000-", "bytes=30010-", "bytes=70010-"],
    ),
    "cut more often than it is tried without progress": (
        [Fault(cut=9_000)] * (retry.ATTEMPTS + 3),
        [None, *(f"bytes={9_000 * n}-" for n in range(1, retry.ATTEMPTS + 4))],
    ),
    "cut by a server that ignores ranges": (
        [Fault(cut=30_000), Fault(ranges=False)],
        [None, "bytes=30000-"],
    ),
    "cut by a server that sends no length": (
        [Fault(cut=30_000, no_length=True)],
        [None, "bytes=30000-"],
    ),
    "stalled": ([Fault(stall=1)], [None, "bytes=49152-"]),
    "connection closed": ([Fault(hang_up=True)], [None, None]),
    "500 twice": ([Fault(500), Fault(500)], [None] * 3),
    "503": ([Fault(503)], [None] * 2),
    "408": ([Fault(408)], [None] * 2),
    "429 with a pause": ([Fault(429, {"Retry-After": "0"})], [None] * 2),
    "429 without": ([Fault(429)], [None] * 2),
    "429 with nonsense": ([Fault(429, {"Retry-After": "soon"})], [None] * 2),
    "another range than requested": (
        [Fault(cut=30_000), Fault(shift=5)],
        [None, "bytes=30000-", None],
    ),
    "called gzip-encoded": ([Fault(headers={"Content-Encoding": "x-gzip"})], [None]),
    "redirected": ([Fault(302, {"Location": "/b"})], [None]),
}


@pytest.mark.parametrize("case", TEMPORARY)
def test_after_a_temporary_fault_the_file_is_right(server, downloads, monkeypatch, case):
    faults, expected = TEMPORARY[case]
    expect_silence(faults, monkeypatch)
    server.add("/b", CONTENT)
    assert get(server.add("/a", CONTENT, *faults), length=len(CONTENT)) == CONTENT
    assert ranges(server) == expected
    assert left(downloads) == {NAME}


def test_a_continued_transfer_requests_only_what_is_missing(server):
    get(server.add("/a", CONTENT, *[Fault(cut=20_000)] * 4))
    assert server.sent == len(CONTENT)


def test_pauses_grow(server, monkeypatch):
    address = server.add("/a", CONTENT, *[Fault(500)] * 5)
    monkeypatch.setattr(retry, "FIRST_PAUSE", 1.0)
    pauses = record_pauses(monkeypatch)
    get(address)
    assert pauses == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("form", ["7", "date"])
def test_the_pause_is_as_long_as_the_server_asks(server, monkeypatch, capsys, form):
    header = form if form == "7" else formatdate(time.time() + 7, usegmt=True)
    address = server.add("/a", CONTENT, Fault(429, {"Retry-After": header}))
    pauses = record_pauses(monkeypatch)
    get(address)
    assert pauses == [pytest.approx(7, abs=1.5)]
    assert "429 Too Many Requests; trying again in" in capsys.readouterr().err


# The faults of all responses, the sentence, and the bytes that are left to continue from
FINAL = {
    "404": ([Fault(404)], "it answers 404 Not Found", None),
    "403": ([Fault(403)], "it answers 403 Forbidden", None),
    "a wrong byte": (
        [Fault(wrong=True)],
        f"its file has the sha256 [0-9a-f]{{64}}, expected is {SHA256}",
        0,
    ),
    "a login page": (
        [Fault(body=b"<html>log in</html>", headers={"Content-Type": "text/html"})],
        r"it sends 19 bytes \(text/html\), expected are 102,400",
        None,
    ),
    "too many bytes": (
        [Fault(body=CONTENT * 2, no_length=True)],
        "it sends more than the expected 102,400 bytes",
        102_400,
    ),
    "silence": ([Fault(silence=0.7)] * 6, "it sent nothing for 0.4 seconds", None),
    "500 always": ([Fault(500)] * 6, "it answers 500 Internal Server Error", None),
    "connection always closed": ([Fault(hang_up=True)] * 6, "the connection was lost", None),
    "a pause of an hour": (
        [Fault(429, {"Retry-After": "3600"})],
        "it answers 429 Too Many Requests and asks for a pause of 60 minutes",
        None,
    ),
    "endless redirects": (
        [Fault(302, {"Location": "/a"})] * 40,
        "it redirects without end",
        None,
    ),
}


@pytest.mark.parametrize("case", FINAL)
def test_a_fault_that_stays_is_explained_and_leaves_no_file(server, downloads, monkeypatch, case):
    faults, sentence, kept = FINAL[case]
    expect_silence(faults, monkeypatch)
    address = server.add("/a", CONTENT, *faults)
    with pytest.raises(ValueError, match=sentence) as caught:
        get(address, length=len(CONTENT))
    assert str(caught.value).startswith(f"{NAME} could not be downloaded. {server.url('/a')}: ")
    assert "\n" not in str(caught.value)
    parts = {f"{NAME}.part"} if kept else set()
    assert left(downloads) == parts
    server.faults["/a"] = []
    assert get(address, length=len(CONTENT)) == CONTENT


@pytest.mark.parametrize(
    "first", [Fault(404), Fault(403), Fault(wrong=True), Fault(body=b"<html>"), None]
)
def test_the_second_address_is_used_when_the_first_fails(server, first):
    address = server.add("/a", CONTENT, *([first] if first else []))
    if first is None:
        address = "http://127.0.0.1:9/refused"
    assert get(address, server.add("/b", CONTENT), length=len(CONTENT)) == CONTENT
    assert ranges(server, "/b") == [None]


def test_the_second_address_continues_the_transfer_of_the_first(server):
    first = server.add("/a", CONTENT, Fault(cut=30_000), Fault(404))
    assert get(first, server.add("/b", CONTENT)) == CONTENT
    assert ranges(server, "/b") == ["bytes=30000-"]


def test_each_address_has_its_reason(server):
    with pytest.raises(ValueError) as caught:
        get(server.add("/a", CONTENT, Fault(403)), server.url("/b"), "ftp://host/c")
    sentence = str(caught.value)
    assert "/a: it answers 403" in sentence and "/b: it answers 404" in sentence
    assert "ftp://host/c: this is not an address" in sentence
