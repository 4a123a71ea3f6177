"""A local HTTP server that has files under names, knows ranges, and errs on demand.

Each request takes the next of the faults that wait for its path; without one it is served well.
"""

import base64
import hashlib
import json
import re
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Fault(NamedTuple):
    """What one answer does wrong."""

    status: int | None = None  # this instead of 200 or 206
    headers: dict = {}  # besides, or instead of the right ones
    cut: int | None = None  # the connection ends after so many bytes of the body
    silence: float = 0  # seconds before the answer
    stall: float = 0  # seconds in the middle of the body
    ranges: bool = True  # False: a Range header is ignored
    wrong: bool = False  # one byte in the middle is another
    shift: int = 0  # a range begins so many bytes too early
    no_length: bool = False  # the end of the connection is the end of the file
    body: bytes | None = None  # this instead of the file
    hang_up: bool = False  # no answer at all


class Server(ThreadingHTTPServer):
    """`files`: path -> bytes; `faults`: path -> those to come; `asked`: (path, Range) of each."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0  # bytes of bodies
        self.pace = 0.0  # seconds between two blocks of 8 KiB
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def add(self, path: str, content: bytes, *faults: Fault) -> str:
        self.files[path] = content
        self.faults[path] = list(faults)
        return self.url(path)

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        path = self.path.partition("?")[0]
        asked = self.headers.get("Range")
        server.asked.append((path, asked))
        fault = server.faults[path].pop(0) if server.faults[path] else Fault()
        content = server.files.get(path) if fault.body is None else fault.body
        if fault.silence:
            time.sleep(fault.silence)
        if fault.hang_up:
            self.close_connection = True
            return
        if content is None or (fault.status or 0) >= 400:
            self.answer(fault.status or 404, b"<html>an error</html>", fault)
            return
        if fault.wrong:
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        headers = {"Accept-Ranges": "bytes"}
        start = int(re.match(r"bytes=(\d+)-", asked)[1]) if asked and fault.ranges else 0
        if start >= len(content) and start:
            self.answer(416, b"", fault, {"Content-Range": f"bytes */{len(content)}"})
            return
        start = max(0, start - fault.shift)
        if asked and fault.ranges:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206 if asked and fault.ranges else 200, content[start:], fault, headers)

    def answer(self, status: int, body: bytes, fault: Fault, headers: dict | None = None):
        self.send_response(fault.status or status)
        if not fault.no_length:
            self.send_header("Content-Length", str(len(body)))
        for name, value in ((headers or {}) | fault.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = fault.no_length
        if fault.cut is not None:
            body, self.close_connection = body[: fault.cut], True
        for start in range(0, len(body), 8192):
            block = body[start : start + 8192]
            if fault.stall and start + 8192 >= len(body) // 2:
                time.sleep(fault.stall)
            self.wfile.write(block)
            self.server.sent += len(block)
            if self.server.pace:
                time.sleep(self.server.pace)


class KaggleHandler(Handler):
    """Kaggle's API as kagglehub calls it: a POST that leads to the file's signed address."""

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        asked = json.loads(self.rfile.read(length) or b"{}")
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
            self.answer(fault.status, body, fault, {"Content-Type": "application/json"})
            return
        where = f"/storage/{asked['competitionName']}/{asked['fileName']}"
        self.answer(302, b"", fault, {"Location": server.url(where)})

    def answer(self, status, body, fault, headers=None):
        path = self.path.partition("?")[0]
        if status in (200, 206):
            md5 = hashlib.md5(self.server.files[path]).digest()
            headers = (headers or {}) | {
                "X-Goog-Hash": f"md5={base64.b64encode(md5).decode()}",
                "Last-Modified": "Wed, 25 Sep 2013 00:00:00 GMT",
            }
        super().answer(status, body, fault, headers)


class KaggleServer(Server):
    def __init__(self):
        super().__init__()
        self.RequestHandlerClass = KaggleHandler
