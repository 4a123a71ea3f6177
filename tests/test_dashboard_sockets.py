"""Connections of the dashboard's server, which send small answers at once."""

import asyncio
import socket

from dashboard import sockets
from support.project import DASHBOARD
from support.serving import served


def delays(listening: socket.socket) -> bool:
    """Whether a connection that a socket accepts keeps the end of an answer back."""
    with socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            return not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_connections_that_are_accepted_while_it_runs_do_not_wait_for_confirmations():
    async def inside(listening: socket.socket) -> bool:
        async with sockets.without_delay(None):
            return delays(listening)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert delays(listening)
        assert not asyncio.run(inside(listening))


# Leaves the options of the server's listening sockets in a file of its folder
WITNESS = """
import os
import socket
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

@asynccontextmanager
async def watched(app):
    async with sockets.without_delay(app):
        found = [one for one in psutil.Process().net_connections("tcp") if one.status == "LISTEN"]
        for one in found:
            with socket.socket(fileno=os.dup(one.fd)) as same:
                at_once = same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                Path("at_once").write_text(str(bool(at_once)))
        yield

"""


def test_the_application_has_opened_its_socket_when_this_sets_the_option(tmp_path):
    before, found, after = (DASHBOARD / "app.py").read_text().partition("app = ")
    after = after.replace("lifespan=sockets.without_delay", "lifespan=watched")
    assert found and "watched" in after
    (tmp_path / "app.py").write_text(before + WITNESS + found + after)
    (tmp_path / "router.py").touch()
    with served(tmp_path / "app.py", folder=tmp_path):
        assert (tmp_path / "at_once").read_text() == "True"
