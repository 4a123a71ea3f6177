"""A local HTTP server that serves files, supports ranges, and makes errors on demand.

Each request takes the next fault of its path; without one the response is right.
"""

import re
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with one response."""

    status: int | None = None  # instead of 200 or 206
    headers: dict = {}  # added to the right ones, or instead of them
    cut: int | None = None  # the connection is closed after so many bytes of the body
    silence: float = 0  # seconds of waiting before the response
    stall: float = 0  # seconds of waiting in the middle of the body
    ranges: bool = True  # False: a Range header is ignored
    wrong: bool = False  # one byte in the middle is changed
    shift: int = 0  # a range begins so many bytes too early
    no_length: bool = False  # there is no Content-Length; the file ends with the connection
    body: bytes | None = None  # instead of the file
    hang_up: bool = False  # the connection is closed without a response


class Server(ThreadingHTTPServer):
    """`files`: path -> bytes; `faults`: path -> the next faults; `asked`: (path, Range) so far."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0  # bytes of all bodies
        self.pace = 0.0  # seconds between two blocks of 8 KiB
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def add(self, path: str, content: bytes, *faults: Fault) -> str:
        """Serves a file; returns its address."""
        self.files[path] = content
        self.faults[path] = list(faults)
        return self.url(path)

    def handle_error(self, request, client_address):
        pass  # a test killed the client


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802  the name that http.server calls
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
            self.respond(fault.status or 404, b"<html>an error</html>", fault)
            return
        if fault.wrong:
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        headers = {"Accept-Ranges": "bytes"}
        start = int(re.match(r"bytes=(\d+)-", asked)[1]) if asked and fault.ranges else 0
        if start >= len(content) and start:
            self.respond(416, b"", fault, {"Content-Range": f"bytes */{len(content)}"})
            return
        start = max(0, start - fault.shift)
        if asked and fault.ranges:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.respond(206 if asked and fault.ranges else 200, content[start:], fault, headers)

    def respond(self, status: int, body: bytes, fault: Fault, headers: dict | None = None):
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
