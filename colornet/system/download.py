"""Addresses and a checksum -> one file in the shared download cache, whole and right or not there.

requests brings the bytes. pooch, Keras's get_file and urllib3's retries begin anew where a transfer
breaks; to go on is what this adds. Knows no archive and no stage.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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

from colornet.system import disk, trouble
from colornet.system.trouble import Trouble, size

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]

CACHE = "COLORNET_CACHE"  # the environment variable that names another folder
BLOCK = 1 << 20  # bytes; smaller ones cost more to hand over than to sum up


def cache() -> Path:
    """The folder that all datasets and all clones of the project share; it may be deleted."""
    return Path(os.environ.get(CACHE) or platformdirs.user_cache_dir("colornet", appauthor=False))


def get(
    addresses: str | list[str],
    *,
    checksum: str,
    name: str,
    length: int | None = None,
    room: dict[Path, int] | None = None,
) -> Path:
    """The file whose checksum ("sha256:..." or "md5:...") is given; downloaded only if need be.

    `addresses` (http, https, file, or a file's path) are tried in turn. `length` in bytes, where
    known, ends a wrong answer early; `room` are bytes that will be needed in other folders when the
    file is there. Raises ValueError, in a sentence that gives each address its reason, if none
    serves, and OSError if the disk is full. A transfer that was stopped in whatever way goes on
    from there, at the next try or at the next call.
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
    with alone(file):
        if file.exists():
            if digest(file, kind) == expected:
                return file
            tqdm.write(f"{file} is damaged, as by a power failure", file=sys.stderr)
            os.replace(file, f"{file}.part")
        for address in remote:
            try:
                _download(address, file, f"{kind}:{expected}", length, room or {})
                return file
            except Trouble as reason:
                reasons.append(f"{shown(address)}: {reason}")
    raise ValueError(
        f"{name} could not be downloaded. {'; '.join(reasons)}. The same command goes on where this"
        " one stopped."
    )


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Waits until no other process downloads this file; one that was killed is not waited for."""
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


def shown(address: str | list[str]) -> str:
    """An address, of several the first, without names, passwords and tokens that it may carry."""
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


def _download(address: str, file: Path, checksum: str, length: int | None, room: dict) -> None:
    part = file.with_name(f"{file.name}.part")
    host = urlsplit(address).hostname or address
    kind, expected = checksum.split(":")
    for former in (size(part), 0):
        found = trouble.patiently(
            lambda: _transfer(address, part, kind, length, room), host=host, part=part
        )
        if found == expected:
            os.replace(part, file)
            return
        part.unlink()
        if not former:
            raise Trouble(f"what it sends has the {kind} {found}, expected is {expected}")
        tqdm.write(f"{host}: what an earlier call left is damaged; beginning anew", file=sys.stderr)


def _transfer(address: str, part: Path, kind: str, length: int | None, room: dict) -> str:
    """One request, whose answer is added to `part`; returns the checksum of all that is there."""
    offset = size(part)
    # No encoding, and none undone below: some servers call a .tar.gz gzip-encoded
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    with requests.get(address, headers=headers, stream=True, timeout=trouble.TIMEOUT) as response:
        status, begins = response.status_code, response.headers.get("Content-Range", "")
        if status == requests.codes.requested_range_not_satisfiable:
            if begins.endswith(f"*/{offset}"):
                return digest(part, kind)  # it was whole already
            part.unlink(missing_ok=True)
            raise Trouble("what an earlier call left is too long", passing=True, pause=0)
        if status >= 400:
            raise trouble.refused(response)
        if status != requests.codes.partial_content:
            offset = 0  # it knows no ranges
        elif not re.match(rf"bytes {offset}-", begins):
            part.unlink(missing_ok=True)
            raise Trouble("it sends another part than was asked for", passing=True, pause=0)
        said = response.headers.get("Content-Length", "")
        total = offset + int(said) if said.isdecimal() else length
        if length and total != length:
            content = response.headers.get("Content-Type", "of unknown type")
            raise Trouble(f"it sends {total:,} bytes ({content}) where {length:,} are expected")
        disk.require({part.parent: (total or 0) - offset, **room})
        found = _write(response, part, kind, offset=offset, total=total)
    if total and size(part) < total:
        raise Trouble("the connection ended early", passing=True)
    return found


def _write(response: requests.Response, part: Path, kind: str, *, offset: int, total) -> str:
    with (
        open(part, "r+b" if offset else "w+b") as stream,
        tqdm(desc=part.stem, initial=offset, total=total, unit="B", unit_scale=True) as bar,
        ThreadPoolExecutor(1) as beside,  # the sum of one block while the next one comes
    ):
        found = hashlib.file_digest(stream, kind)  # of what was there; ends at its end
        summed = None
        while block := response.raw.read1(BLOCK, decode_content=False):
            stream.write(block)
            if summed:
                summed.result()
            summed = beside.submit(found.update, block)
            bar.update(len(block))
            if total and bar.n > total:
                raise Trouble(f"it sends more than the {total:,} bytes that are expected")
    return found.hexdigest()


def _local(address: str) -> Path | None:
    """The file that an address names on this machine, None for one elsewhere."""
    if address.startswith("file:"):
        return Path(url2pathname(urlsplit(address).path))
    return None if "://" in address else Path(address).expanduser()
