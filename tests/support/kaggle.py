"""A local server with Kaggle's API as kagglehub calls it, and a user without an account."""

import base64
import gc
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from colornet.sources import kaggle
from support import archives
from support.server import Fault, Handler, Server

PATH = "/storage/dogs-vs-cats/train.zip"
CREDENTIALS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR")


class KaggleHandler(Handler):
    """Answers a POST for a file with a redirect to the file's address."""

    def do_POST(self):  # noqa: N802  the name that http.server calls
        length = int(self.headers.get("Content-Length", 0))
        wanted = json.loads(self.rfile.read(length) or b"{}")
        server = self.server
        server.asked.append((self.path, self.headers.get("Authorization")))
        fault = server.faults["api"].pop(0) if server.faults["api"] else Fault()
        if fault.silence:
            time.sleep(fault.silence)
        if fault.hang_up:
            self.close_connection = True
            return
        if fault.status:
            body = json.dumps({"code": fault.status, "message": "an error"}).encode()
            self.respond(fault.status, body, fault, {"Content-Type": "application/json"})
            return
        path = f"/storage/{wanted['competitionName']}/{wanted['fileName']}"
        self.respond(302, b"", fault, {"Location": server.url(path)})

    def respond(self, status, body, fault, headers=None):
        path = self.path.partition("?")[0]
        if status in (200, 206):
            md5 = hashlib.md5(self.server.files[path]).digest()
            headers = (headers or {}) | {
                "X-Goog-Hash": f"md5={base64.b64encode(md5).decode()}",
                "Last-Modified": "Wed, 25 Sep 2013 00:00:00 GMT",
            }
        super().respond(status, body, fault, headers)


class KaggleServer(Server):
    def __init__(self):
        super().__init__()
        self.RequestHandlerClass = KaggleHandler


@contextmanager
def without_credentials(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KaggleServer]:
    """A user without credentials, with a home in `folder`, whose kagglehub asks a local server."""
    from kagglesdk import kaggle_env

    (folder / "home").mkdir()
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(folder / "kagglehub"))
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    with KaggleServer() as server:
        endpoints = kaggle_env._env_to_endpoint
        monkeypatch.setitem(endpoints, kaggle_env.KaggleEnv.PROD, server.url(""))
        server.add(PATH, archives.kaggle())
        yield server
        server.shutdown()
    gc.collect()  # kagglehub leaves unclosed connections, which would warn in a later test


def fetch(into: Path, **options) -> list[dict[str, str]]:
    """Empties the folder `into` and fetches into it; returns the rows."""
    for file in into.iterdir():
        file.unlink()
    return list(kaggle.fetch(into, **options))


def expected() -> dict[str, bytes]:
    """The pictures of `archives.kaggle`, without the two that are left out."""
    pictures = {f"cat.{n}.jpg": archives.jpeg(n) for n in range(10)}
    return pictures | {f"dog.{n}.jpg": archives.jpeg(1000 + n) for n in range(10)}


def found(into: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in into.iterdir()}
