"""Exceptions of requests and urllib3 -> a sentence; test_download_faults.py has most of them."""

import ssl

import pytest
import requests
import urllib3
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProtocolError, ReadTimeoutError

from colornet.system import retry
from colornet.system.retry import HostError


def wrapped(kind, error):
    """As requests wraps what urllib3 raises while it connects."""
    return kind(MaxRetryError(None, "/a", error))


POOL = urllib3.HTTPConnectionPool("host")
EXPLAINED = [
    (wrapped(requests.ConnectTimeout, ConnectTimeoutError()), "did not answer within 10 s", True),
    (wrapped(requests.ReadTimeout, ReadTimeoutError(POOL, "/a", "")), "it sent nothing for", True),
    (ProtocolError("Connection broken", ConnectionResetError(104, "reset")), "was lost", True),
    (requests.exceptions.ChunkedEncodingError("cut"), "the connection was lost", True),
    (wrapped(requests.exceptions.SSLError, ssl.SSLEOFError()), "the connection was lost", True),
    (requests.exceptions.MissingSchema("no scheme"), "this is not an address", False),
    (requests.exceptions.RetryError("something\n  rare"), "something rare", False),
]


@pytest.mark.parametrize(("error", "sentence", "temporary"), EXPLAINED)
def test_an_error_is_explained(error, sentence, temporary):
    found = retry.explain(error)
    assert sentence in str(found) and found.temporary is temporary


def test_errors_that_cause_each_other_are_read_once():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert str(retry.explain(one)) == "one"


def test_attempts_are_counted_again_after_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0)
    part, calls = tmp_path / "part", []

    def attempt():
        calls.append(1)
        if len(calls) <= 20:
            part.write_bytes(bytes(len(calls)))
        raise HostError("cut", temporary=True)

    with pytest.raises(HostError, match="cut"):
        retry.call(attempt, host="host", part=part)
    assert len(calls) == 20 + retry.ATTEMPTS - 1


def test_an_error_that_is_not_temporary_is_not_tried_again(tmp_path):
    calls = []

    def attempt():
        calls.append(1)
        raise HostError("no")

    with pytest.raises(HostError, match="no"):
        retry.call(attempt, host="host", part=tmp_path / "part")
    assert len(calls) == 1


def test_the_result_of_the_attempt_is_returned(tmp_path):
    assert retry.call(lambda: 3, host="host", part=tmp_path / "part") == 3
