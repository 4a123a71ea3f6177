"""The body of a request -> a picture's content, in memory, at most as long as allowed."""

import asyncio
import base64
import binascii
import contextlib
import io
from collections.abc import AsyncGenerator
from pathlib import PurePath
from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from colornet.hints import Hint
from colornet.service import asked
from colornet.service.errors import RefusedError

MORE = 1_000_000  # bytes of a body besides the picture: hints, names, boundaries
FORM, JSON = "multipart/form-data", "application/json"
PLAIN = ("application/octet-stream", "image/")
HOW = (
    f"send the picture as the part `file` of {FORM}, as base64 in {JSON}, or as the whole body"
    " with a Content-Type such as image/jpeg"
)


class Upload(NamedTuple):
    """A picture's content, its file's name or "", and how it is to be coloured."""

    content: bytes
    name: str
    options: asked.Query
    hints: list[Hint]


async def read(request: Request, query: asked.Query, *, max_bytes: int, seconds: float) -> Upload:
    """Reads the body. Raises RefusedError as soon as the body is wrong, too long or too slow."""
    try:
        async with asyncio.timeout(seconds):
            found = await _read(request, query, max_bytes)
    except TimeoutError:
        text = f"the body did not arrive within {seconds:g} seconds: send it faster, or a smaller"
        raise RefusedError(408, f"{text} picture", {"Connection": "close"}) from None
    if len(found.content) > max_bytes:
        raise _too_long(max_bytes)
    if not found.content:
        raise RefusedError(422, f"the body holds no picture: {HOW}")
    plain = PurePath(found.name.replace("\\", "/")).name  # browsers on Windows once sent paths
    return found._replace(name=plain)


async def _read(request: Request, query: asked.Query, max_bytes: int) -> Upload:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        parts = await _parts(request, max_bytes)
        return Upload(*parts[:2], query, asked.hints_in(parts[2] or query.hints))
    if kind == JSON:
        content = await _whole(request, max_bytes * 4 // 3 + MORE, max_bytes)
        return await asyncio.to_thread(_from_json, content, query)  # takes a while if it is long
    if kind and not kind.startswith(PLAIN):
        raise RefusedError(415, f"the Content-Type {kind!r} is no picture: {HOW}")
    content = await _whole(request, max_bytes, max_bytes)
    return Upload(content, query.name or "", query, asked.hints_in(query.hints))


def _from_json(content: bytes, query: asked.Query) -> Upload:
    given = asked.body(content)
    try:
        picture = base64.b64decode(given.image, validate=True)
    except (binascii.Error, ValueError) as error:  # letters that are not ASCII
        raise RefusedError(422, f"image is not base64: {error}") from None
    options = asked.over(query, given)
    hints = given.hints if given.hints is not None else query.hints
    return Upload(picture, options.name or "", options, asked.hints_in(hints))


async def _parts(request: Request, max_bytes: int) -> tuple[bytes, str, bytes | str | None]:
    """The content and the name of the part `file`, and the part `hints`, None without one."""
    stream = _limited(request, max_bytes + MORE, max_bytes)
    parser = MultiPartParser(request.headers, stream, max_files=2, max_fields=1)
    parser.spool_max_size = max_bytes + 2 * MORE  # by default longer parts are written to disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise RefusedError(400, f"the body is no whole {FORM}: {error.message}") from None
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(form.close)
        file, hints = form.get("file"), form.get("hints")
        others = {key for key, _ in form.multi_items()} - {"file", "hints"}
        if others or len(form.multi_items()) > len(form):
            name = min(others, default="file")
            raise RefusedError(422, f"the part {name!r} is not expected: one `file`, one `hints`")
        if not isinstance(file, UploadFile):
            raise RefusedError(422, f"the body has no file in the part `file`: {HOW}")
        said = await hints.read() if isinstance(hints, UploadFile) else hints
        return await file.read(), file.filename or "", said


async def _whole(request: Request, most: int, max_bytes: int) -> bytes:
    content = io.BytesIO()
    async for block in _limited(request, most, max_bytes):
        content.write(block)
    return content.getvalue()


async def _limited(request: Request, most: int, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The blocks of the body. Raises RefusedError, 413, before more than `most` bytes are held."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told[:20]) > most:
        raise _too_long(max_bytes)
    size = 0
    async for block in request.stream():
        size += len(block)
        if size > most:
            raise _too_long(max_bytes)
        yield block


def _too_long(max_bytes: int) -> RefusedError:
    return RefusedError(413, f"the picture has more bytes than the limit of {max_bytes:,}")
