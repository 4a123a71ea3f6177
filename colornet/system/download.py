"""Addresses and a checksum -> one complete, checked file in the download cache.

requests does the transfer. pooch, Keras's get_file and urllib3's retries start from the beginning
after a broken transfer; this module continues it. Knows no archive and no stage.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from urllib.request import url2pathname

import filelock
import platformdirs
import requests
from pydantic import Field
from tqdm import tqdm

from colornet.system import disk, retry
from colornet.system.retry import HostError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]

CACHE = "COLORNET_CACHE"  # the environment variable that names another folder
BLOCK = 1 << 20  # bytes; with smaller blocks, handing them to the other thread costs too much


def cache() -> Path:
    """The folder that all datasets and all clones of the project share; it may be deleted."""
    return Path(os.environ.get(CACHE) or platformdirs.user_cache_dir("colornet", appauthor=False))


def get(
    addresses: str | list[str],
    *,
    checksum: str,
    name: str,
    length: int | None = None,
    space: dict[Path, int] | None = None,
) -> Path:
    """Returns the file with this checksum ("sha256:..." or "md5:..."); downloads it if necessary.

    `addresses` (http, https, file, or a file's path) are tried in turn. `length` in bytes, if
    known, stops the download of a wrong file early. `space`: bytes that will be needed in other
    folders afterwards. An interrupted transfer continues at the next attempt or the next call.
    Raises ValueError, with a reason for each address, if no address delivers the file, and OSError
    if the disk is full.
    """
    kind, _, expected = checksum.lower().partition(":")
    addresses = [addresses] if isinstance(addresses, str) else addresses
    reasons = []
    for file in filter(None, map(_local, addresses)):
        if not file.is_file():
            reasons.append(f"there is no file {file}")
        elif (found := digest(file, kind)) == expected:
            return file
        else:
            reasons.append(f"{file} has the {kind} {found}, expected is {expected}")
    remote = [address for address in addresses if not _local(address)]
    if not remote:
        raise ValueError(f"{name}: {'; '.join(reasons)}.")

    file = cache() / expected[:12] / name
    with locked(file):
        if file.exists():
            if digest(file, kind) == expected:
                return file
            tqdm.write(f"{file} is damaged; it is downloaded again", file=sys.stderr)
            os.replace(file, f"{file}.part")
        for address in remote:
            try:
                _download(address, file, f"{kind}:{expected}", length, space or {})
                return file
            except HostError as reason:
                reasons.append(f"{public(address)}: {reason}")
    raise ValueError(
        f"{name} could not be downloaded. {'; '.join(reasons)}. The same command continues where"
        " this one stopped."
    )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Waits until no other process downloads this file; a killed process holds no lock."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{file}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        tqdm.write(f"another process downloads {file.name}; waiting for it", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def public(address: str | list[str]) -> str:
    """The address (the first of several) without user names, passwords and tokens."""
    address = address if isinstance(address, str) else address[0]
    if _local(address):
        return address
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def digest(file: Path, kind: str) -> str:
    """The checksum of a file, in hexadecimal; kind: "sha256", "md5" or another of hashlib."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def _download(
    address: str, file: Path, checksum: str, length: int | None, space: dict[Path, int]
) -> None:
    """Downloads `file` from one address, by way of `file`.part, which may exist from before."""
    part = file.with_name(f"{file.name}.part")
    host = urlsplit(address).hostname or address
    kind, expected = checksum.split(":")
    continued = disk.size(part) > 0
    while True:
        found = retry.call(
            lambda: _transfer(address, part, kind, length, space), host=host, part=part
        )
        if found == expected:
            os.replace(part, file)
            return
        part.unlink()
        if not continued:
            raise HostError(f"its file has the {kind} {found}, expected is {expected}")
        continued = False
        tqdm.write(
            f"{host}: the part from an earlier call is damaged; starting from the beginning",
            file=sys.stderr,
        )


def _transfer(
    address: str, part: Path, kind: str, length: int | None, space: dict[Path, int]
) -> str:
    """Sends one request and appends the response to `part`; returns the checksum of all of it."""
    offset = disk.size(part)
    # No encoding, and none undone below: some servers call a .tar.gz gzip-encoded
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    with requests.get(address, headers=headers, stream=True, timeout=retry.TIMEOUT) as response:
        if _is_complete(response, offset):
            return digest(part, kind)
        offset = _checked_offset(response, part, offset)
        total = _checked_total(response, offset, length)
        disk.require({part.parent: (total or 0) - offset, **space})
        found = _write(response, part, kind, offset=offset, total=total)
    if total and disk.size(part) < total:
        raise HostError("the connection ended early", temporary=True)
    return found


def _is_complete(response: requests.Response, offset: int) -> bool:
    """Whether the server says that there is nothing after byte `offset`."""
    no_more = response.status_code == requests.codes.requested_range_not_satisfiable
    return no_more and response.headers.get("Content-Range", "").endswith(f"*/{offset}")


def _checked_offset(response: requests.Response, part: Path, offset: int) -> int:
    """The byte where the response begins: `offset`, or 0 from a server that ignores ranges.

    Raises HostError if the response cannot continue `part`, which is then deleted, and for an error
    status.
    """
    if response.status_code == requests.codes.requested_range_not_satisfiable:
        part.unlink(missing_ok=True)
        raise HostError("the part from an earlier call is too long", temporary=True, pause=0)
    if response.status_code >= 400:
        raise retry.status_error(response)
    if response.status_code != requests.codes.partial_content:
        return 0
    if not re.match(rf"bytes {offset}-", response.headers.get("Content-Range", "")):
        part.unlink(missing_ok=True)
        raise HostError("it sends another range than requested", temporary=True, pause=0)
    return offset


def _checked_total(response: requests.Response, offset: int, length: int | None) -> int | None:
    """Bytes of the complete file, None if unknown. Raises HostError if it is not `length`."""
    rest = response.headers.get("Content-Length", "")
    total = offset + int(rest) if rest.isdecimal() else length
    if length and total != length:
        content = response.headers.get("Content-Type", "of unknown type")
        raise HostError(f"it sends {total:,} bytes ({content}), expected are {length:,}")
    return total


def _write(
    response: requests.Response, part: Path, kind: str, *, offset: int, total: int | None
) -> str:
    """Writes the response at `offset` of `part`; returns the checksum of all bytes of `part`."""
    with (
        open(part, "r+b" if offset else "w+b") as stream,
        tqdm(desc=part.stem, initial=offset, total=total, unit="B", unit_scale=True) as bar,
        ThreadPoolExecutor(1) as pool,  # hashes one block while the next one arrives
    ):
        found = hashlib.file_digest(stream, kind)  # reads what is there and stops at its end
        hashed: Future[None] | None = None
        while block := response.raw.read1(BLOCK, decode_content=False):
            stream.write(block)
            if hashed:
                hashed.result()
            hashed = pool.submit(found.update, block)
            bar.update(len(block))
            if total and bar.n > total:
                raise HostError(f"it sends more than the expected {total:,} bytes")
    return found.hexdigest()


def _local(address: str) -> Path | None:
    """The path if the address is a file of this machine, else None."""
    if address.startswith("file:"):
        return Path(url2pathname(urlsplit(address).path))
    return None if "://" in address else Path(address).expanduser()
