"""What the tests of downloads share: one file, and what its download leaves."""

import hashlib
import threading
import time
from pathlib import Path

from colornet.system import download, retry
from support.server import Fault

CONTENT = bytes(range(256)) * 400  # 102,400 bytes
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "some.zip"


def get(*addresses, **options) -> bytes:
    options = {"checksum": f"sha256:{SHA256}", "name": NAME} | options
    return download.get(list(addresses), **options).read_bytes()


def ranges(server, path="/a"):
    """The Range header of each request for a path."""
    return [header for requested, header in server.asked if requested == path]


def left(cache: Path) -> set[str]:
    """The names of the files in the cache, which must all be in the folder of this checksum."""
    files = {file for file in cache.rglob("*") if file.is_file() and file.suffix != ".lock"}
    assert all(file.parent == cache / SHA256[:12] for file in files)
    return {file.name for file in files}


def leave(cache: Path, content: bytes, name: str) -> None:
    """Writes a file into the cache, as an earlier call may have left it."""
    (cache / SHA256[:12]).mkdir(parents=True, exist_ok=True)
    (cache / SHA256[:12] / name).write_bytes(content)


def record_pauses(monkeypatch) -> list[float]:
    """The pauses of this thread, which are skipped; threads of other tests still sleep."""
    pauses, sleep, own = [], time.sleep, threading.get_ident()
    monkeypatch.setattr(
        time, "sleep", lambda s: pauses.append(s) if threading.get_ident() == own else sleep(s)
    )
    return pauses


def expect_silence(faults: list[Fault], monkeypatch) -> None:
    """A read timeout shorter than the silence of these faults; without silence the real one."""
    if any(fault.silence or fault.stall for fault in faults):
        monkeypatch.setattr(retry, "TIMEOUT", (10.0, 0.4))
