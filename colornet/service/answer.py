"""The answer that carries a picture: in pieces, so that a slow client takes no more memory."""

import asyncio
from typing import Any

from starlette.responses import Response

PIECE = 2**18  # bytes


class PictureResponse(Response):
    """A response that waits after each piece until the client has taken it, up to `seconds`."""

    def __init__(self, content: bytes, *, seconds: float, **options: Any):
        super().__init__(content, **options)
        self._seconds = seconds

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Sends it. A client that is too slow loses the connection: it gets half an answer."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(send)
        except TimeoutError:
            pass  # the server closes the connection of an answer that is not complete

    async def _send(self, send: Any) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        content = memoryview(self.body)
        for at in range(0, len(content), PIECE):
            piece = bytes(content[at : at + PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
