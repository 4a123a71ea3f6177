"""What a network does wrong -> one sentence, and patience as long as it may pass."""

import errno
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import requests
import urllib3
from tqdm import tqdm

TIMEOUT = (10.0, 30.0)  # seconds: to be let in, and between two pieces of an answer
TRIES = 6  # in a row that bring nothing, with pauses of 1, 2, 4, 8 and 16 seconds between them
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 120.0  # seconds that a server's Retry-After may ask for
NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
BROKEN_OFF = (
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.ProtocolError,
    ConnectionError,
    ssl.SSLError,
)
T = TypeVar("T")


class Trouble(ValueError):
    """Why a host does not serve; `passing` if another try may help, after `pause` seconds."""

    def __init__(self, sentence: str, *, passing: bool = False, pause: float | None = None):
        super().__init__(sentence)
        self.passing, self.pause = passing, pause


def patiently(attempt: Callable[[], T], *, host: str, part: Path) -> T:
    """What `attempt` answers, tried again with growing pauses while its trouble may pass.

    `part` is the file that grows meanwhile: as long as it does, the tries are counted anew. Raises
    Trouble when the last one failed, or the first for a reason that waiting does not mend, such as
    a host that lets no one in before anything has come from it.
    """
    began = most = size(part)
    tries = 0
    while True:
        try:
            return attempt()
        except Trouble as error:
            trouble, cause = error, error.__cause__
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            trouble, cause = explained(error), error
        tries = 1 if size(part) > most else tries + 1
        most = max(most, size(part))
        shut_out = most == began and _of(cause, urllib3.exceptions.NewConnectionError)
        if shut_out or not trouble.passing or tries == TRIES:
            raise trouble from cause
        pause = FIRST_PAUSE * 2 ** (tries - 1) if trouble.pause is None else trouble.pause
        tqdm.write(f"{host}: {trouble}; trying again in {pause:.0f} s", file=sys.stderr)
        time.sleep(pause)


def refused(response: requests.Response) -> Trouble:
    """What an answer with a status of 400 and more means; Retry-After is its `pause`."""
    said = f"it answers {response.status_code} {response.reason or ''}".rstrip()
    if response.status_code not in (408, 425, 429) and response.status_code < 500:
        return Trouble(said)
    try:
        pause = urllib3.Retry().get_retry_after(response.raw)
    except urllib3.exceptions.InvalidHeader:
        pause = None
    if pause is not None and pause > LONGEST_PAUSE:
        return Trouble(f"{said} and asks for a pause of {pause / 60:,.0f} minutes")
    return Trouble(said, passing=True, pause=pause)


def explained(error: Exception) -> Trouble:
    """What an exception of requests or urllib3 means."""
    numbers = {each.errno for each in _causes(error) if isinstance(each, OSError)}
    if _of(error, ssl.SSLCertVerificationError):
        return Trouble(
            "its certificate is not trusted (behind a proxy that opens connections,"
            " REQUESTS_CA_BUNDLE names the file with the proxy's own)"
        )
    if _of(error, requests.exceptions.ProxyError):
        return Trouble("the proxy that HTTPS_PROXY or HTTP_PROXY names lets nothing through")
    if _of(error, socket.gaierror):
        if socket.EAI_AGAIN in numbers:
            return Trouble("there is no network: no name can be looked up", passing=True)
        return Trouble("this host is not known (a misspelt name, or no network)", passing=True)
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}:
        return Trouble("there is no network: it cannot be reached", passing=True)
    if _of(error, urllib3.exceptions.NewConnectionError):
        return Trouble("it refuses the connection", passing=True)
    if _of(error, urllib3.exceptions.ConnectTimeoutError):
        return Trouble(f"it did not answer within {TIMEOUT[0]:g} seconds", passing=True)
    if _of(error, requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return Trouble(f"nothing came from it for {TIMEOUT[1]:g} seconds", passing=True)
    if _of(error, *NO_ADDRESS):
        return Trouble("this is no address: one begins with https:// or http://, or names a file")
    if _of(error, requests.TooManyRedirects):
        return Trouble("it leads from one address to the next without end")
    if _of(error, *BROKEN_OFF):
        return Trouble("the connection broke off", passing=True)
    return Trouble(" ".join(str(error).split()))


def size(file: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    return file.stat().st_size if file.exists() else 0


def _of(error: BaseException | None, *kinds: type) -> bool:
    return any(isinstance(each, kinds) for each in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was made from, as requests and urllib3 wrap them."""
    todo, seen = [error], set()
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            todo += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
