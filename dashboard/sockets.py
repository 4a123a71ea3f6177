"""Connections that send small answers at once.

asyncio switches off Nagle's algorithm for sockets that name their protocol, and Streamlit's does
not: the end of each small answer waits until the browser has confirmed its beginning, on Linux for
40 ms. A page asks for more than a hundred small scripts.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil


@asynccontextmanager
async def without_delay(app: Any) -> AsyncIterator[None]:  # noqa: ARG001 Streamlit passes it
    """For the time that an application runs: its server has opened its socket, but accepts later.

    Connections that are accepted inherit the option.
    """
    for listening in psutil.Process().net_connections("tcp"):
        if listening.status == psutil.CONN_LISTEN and listening.fd >= 0:  # Windows tells none
            with socket.socket(fileno=os.dup(listening.fd)) as same:
                same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    yield
