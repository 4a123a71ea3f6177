"""Runs the app with uvicorn until the program is asked to stop; what runs then is finished."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from colornet.system import stop

Requested = Callable[[], int | None]


class Server(uvicorn.Server):
    """A server that ends when `requested` gives the number of a signal.

    It then refuses connections, finishes the requests that it has, and ends. tidy: called ten times
    a second.
    """

    def __init__(
        self,
        app: Any,
        *,
        seconds: float,
        tidy: Callable[[], None],
        requested: Requested = stop.requested,
    ):
        # A request takes up to three times the limit: to come, to be coloured, to be sent
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=int(3 * seconds) + 2,
            )
        )
        self._tidy, self._requested = tidy, requested

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals to system/stop.py, whose second signal ends the process at once."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Returns whether to end."""
        self._tidy()
        self.should_exit = self.should_exit or self._requested() is not None
        return await super().on_tick(counter)


class _Protocol(H11Protocol):
    """HTTP/1.1 that answers what is no HTTP with JSON, as everything else."""

    def send_400_response(self, msg: str) -> None:
        content = json.dumps({"error": f"the request is no HTTP/1.1: {msg}"}).encode()
        headers = [("content-type", "application/json"), ("connection", "close")]
        with contextlib.suppress(h11.LocalProtocolError):  # in the middle of an answer
            for event in (
                h11.Response(status_code=400, headers=headers),
                h11.Data(data=content),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def bound(host: str, port: int) -> socket.socket:
    """A socket at an address, at which nobody listens yet. Raises OSError with a sentence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as stack:
            made = stack.enter_context(socket.socket(family, kind, protocol))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            stack.pop_all()
        return made
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise OSError(f"cannot listen at {host}, port {port}: {why}; name another") from None


def address(listening: socket.socket) -> str:
    """The address of the service, for people."""
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
