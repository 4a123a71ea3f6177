"""What requests and urllib3 raise -> a sentence; most of it is shown by test_download.py."""

import ssl

import pytest
import requests
import urllib3
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProtocolError, ReadTimeoutError

from colornet.system import trouble
from colornet.system.trouble import Trouble


def wrapped(kind, error):
    """As requests wraps what urllib3 raises while it connects."""
    return kind(MaxRetryError(None, "/a", error))


POOL = urllib3.HTTPConnectionPool("host")
EXPLAINED = [
    (wrapped(requests.ConnectTimeout, ConnectTimeoutError()), "did not answer within 10 s", True),
    (wrapped(requests.ReadTimeout, ReadTimeoutError(POOL, "/a", "")), "nothing came from it", True),
    (ProtocolError("Connection broken", ConnectionResetError(104, "reset")), "broke off", True),
    (requests.exceptions.ChunkedEncodingError("cut"), "broke off", True),
    (wrapped(requests.exceptions.SSLError, ssl.SSLEOFError()), "broke off", True),
    (requests.exceptions.MissingSchema("no scheme"), "this is no address", False),
    (requests.exceptions.RetryError("something\n  rare"), "something rare", False),
]


@pytest.mark.parametrize(("error", "sentence", "passing"), EXPLAINED)
def test_an_error_is_explained(error, sentence, passing):
    found = trouble.explained(error)
    assert sentence in str(found) and found.passing is passing


def test_errors_that_hold_each_other_end(tmp_path):
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert str(trouble.explained(one)) == "one"


def test_progress_counts_the_tries_anew_and_none_ends_them(tmp_path, monkeypatch):
    monkeypatch.setattr(trouble, "FIRST_PAUSE", 0)
    part, calls = tmp_path / "part", []

    def attempt():
        calls.append(1)
        if len(calls) <= 20:
            part.write_bytes(bytes(len(calls)))
        raise Trouble("cut", passing=True)

    with pytest.raises(Trouble, match="cut"):
        trouble.patiently(attempt, host="host", part=part)
    assert len(calls) == 20 + trouble.TRIES - 1


def test_what_does_not_pass_is_tried_once(tmp_path):
    calls = []

    def attempt():
        calls.append(1)
        raise Trouble("no")

    with pytest.raises(Trouble, match="no"):
        trouble.patiently(attempt, host="host", part=tmp_path / "part")
    assert len(calls) == 1


def test_what_comes_is_what_is_answered(tmp_path):
    assert trouble.patiently(lambda: 3, host="host", part=tmp_path / "part") == 3
