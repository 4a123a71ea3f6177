"""Network errors -> one sentence each; repeats an attempt as long as that may help."""

import errno
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import requests
import urllib3
from tqdm import tqdm

from colornet.system import disk

TIMEOUT = (10.0, 30.0)  # seconds: for the connection, and between two pieces of a response
ATTEMPTS = 6  # in a row without progress, with pauses of 1, 2, 4, 8 and 16 seconds between them
FIRST_PAUSE = 1.0  # seconds
LONGEST_PAUSE = 120.0  # seconds; the longest Retry-After of a server that is obeyed
T = TypeVar("T")


class HostError(ValueError):
    """Why a host does not deliver. If it is `temporary`, another attempt after `pause` may help."""

    def __init__(self, sentence: str, *, temporary: bool = False, pause: float | None = None):
        super().__init__(sentence)
        self.temporary = temporary
        self.pause = pause  # seconds; None: the caller chooses


def call(attempt: Callable[[], T], *, host: str, part: Path) -> T:
    """Returns what `attempt` returns; after a temporary error it pauses and calls it again.

    `part` is the file that the attempts extend: when it has grown, the attempts are counted from 1
    again. Raises HostError after ATTEMPTS without progress, and at once if the error is not
    temporary or if the very first connection to the host fails.
    """
    start = largest = disk.size(part)
    count = 0
    while True:
        try:
            return attempt()
        except HostError as error:
            reason, cause = error, error.__cause__
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            reason, cause = explain(error), error
        count = 1 if disk.size(part) > largest else count + 1
        largest = max(largest, disk.size(part))
        never_connected = largest == start and any(
            isinstance(each, urllib3.exceptions.NewConnectionError) for each in _causes(cause)
        )
        if never_connected or not reason.temporary or count == ATTEMPTS:
            raise reason from cause
        pause = FIRST_PAUSE * 2 ** (count - 1) if reason.pause is None else reason.pause
        tqdm.write(f"{host}: {reason}; trying again in {pause:.0f} s", file=sys.stderr)
        time.sleep(pause)


def status_error(response: requests.Response) -> HostError:
    """Explains a response with a status of 400 or more; Retry-After becomes the `pause`."""
    status = f"it answers {response.status_code} {response.reason or ''}".rstrip()
    if response.status_code not in (408, 425, 429) and response.status_code < 500:
        return HostError(status)
    try:
        pause = urllib3.Retry().get_retry_after(response.raw)
    except urllib3.exceptions.InvalidHeader:
        pause = None
    if pause is not None and pause > LONGEST_PAUSE:
        return HostError(f"{status} and asks for a pause of {pause / 60:,.0f} minutes")
    return HostError(status, temporary=True, pause=pause)


class Explanation(NamedTuple):
    kinds: tuple[type[BaseException], ...]
    sentence: str
    temporary: bool = True
    numbers: tuple[int, ...] = ()  # the error numbers that it is for; empty: all


# The first that fits is used
EXPLANATIONS = [
    Explanation(
        (ssl.SSLCertVerificationError,),
        "its certificate is not trusted (behind a proxy that decrypts connections, set"
        " REQUESTS_CA_BUNDLE to the file with the proxy's certificate)",
        temporary=False,
    ),
    Explanation(
        (requests.exceptions.ProxyError,),
        "the proxy in HTTPS_PROXY or HTTP_PROXY does not forward the request",
        temporary=False,
    ),
    Explanation(
        (socket.gaierror,),
        "there is no network: names cannot be looked up",
        numbers=(socket.EAI_AGAIN,),
    ),
    Explanation((socket.gaierror,), "this host is not known (a misspelt name, or no network)"),
    Explanation(
        (OSError,),
        "there is no network: the host cannot be reached",
        numbers=(errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN),
    ),
    Explanation((urllib3.exceptions.NewConnectionError,), "it refuses the connection"),
    Explanation(
        (urllib3.exceptions.ConnectTimeoutError,), "it did not answer within {connect:g} seconds"
    ),
    Explanation(
        (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        "it sent nothing for {read:g} seconds",
    ),
    Explanation(
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ),
        "this is not an address: it must begin with https:// or http://, or be a file's path",
        temporary=False,
    ),
    Explanation((requests.TooManyRedirects,), "it redirects without end", temporary=False),
    Explanation(
        (
            requests.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            urllib3.exceptions.ProtocolError,
            ConnectionError,
            ssl.SSLError,
        ),
        "the connection was lost",
    ),
]


def explain(error: Exception) -> HostError:
    """Explains an exception of requests or urllib3; one that it does not know keeps its text."""
    causes = list(_causes(error))
    for kinds, sentence, temporary, numbers in EXPLANATIONS:
        fitting = [each for each in causes if isinstance(each, kinds)]
        if any(not numbers or getattr(each, "errno", None) in numbers for each in fitting):
            connect, read = TIMEOUT
            return HostError(sentence.format(connect=connect, read=read), temporary=temporary)
    return HostError(" ".join(str(error).split()))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was made from, as requests and urllib3 wrap them."""
    todo: list[object] = [error]
    seen = set()
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            todo += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
