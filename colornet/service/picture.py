"""An uploaded picture -> the content of the file that `colornet` would write for it."""

import copy
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from PIL import Image

from colornet.cli import hinted, jobs, names, original
from colornet.cli.outcome import reason
from colornet.images import heic, pillow
from colornet.images.photo import PhotoError
from colornet.service.errors import RefusedError
from colornet.service.upload import Upload
from colornet.service.workers import Turn
from colornet.system import formats

LIMIT = "more than the limit of"  # in the sentences of images/limits.py


class Coloured(NamedTuple):
    """A file's content, its media type, the headers that go with it, and the picture's pixels."""

    content: bytes
    media_type: str
    headers: dict[str, str]
    pixels: int


def colour(given: Upload, turn: Turn, colorizer: Callable[[], Any], *, max_pixels: int) -> Coloured:
    """Decodes, colours and encodes, as the command line does; nothing is written to disk.

    colorizer: gives the Colorizer of the run that is asked for. Raises RefusedError: what
    `colorizer` raises, 504 when the turn is over, 413 for a picture above the limit, found before
    it is decoded, and 422 with the command's own sentence for one that cannot be read or written.
    """
    try:
        return _colour(given, turn, colorizer(), max_pixels)
    except RefusedError:
        raise
    except Exception as error:
        name = jobs.shown(given.name) or "the file"
        if isinstance(error, PhotoError):
            status = 413 if LIMIT in str(error) else 422
        else:
            status = 500
            logging.getLogger(__name__).exception("%s", name)
        raise RefusedError(status, f"{name} {reason(error)}") from None


def _colour(given: Upload, turn: Turn, colorizer: Any, max_pixels: int) -> Coloured:
    options = given.options
    if options.saturation is not None:
        colorizer = copy.copy(colorizer)  # shares the network
        colorizer.saturation = options.saturation
    ending = _ending(given)
    before = original.read(_stream(given), max_pixels=max_pixels, max_bytes=len(given.content))
    picture, notes = before.picture, (*before.notes, *hinted.note(len(given.hints)))
    pixels = picture.width * picture.height
    with turn.colouring(pixels):
        after = colorizer(picture, **({"hints": given.hints} if given.hints else {}))
    turn.check()
    if before.coloured:
        notes = ("made grey first", *notes)
    if options.compare:
        before, after = original.side_by_side(before, after)
    content = original.encode(
        after, before, suffix=ending, quality=options.quality, mark=colorizer.name
    )
    kind = Image.MIME[names.WRITTEN[ending.lower()]]
    stem = names.stem(Path(given.name or "picture"))
    file = stem + (jobs.STRIP if options.compare else jobs.SUFFIX) + ending
    return Coloured(content, kind, _headers(colorizer.name, file, notes), pixels)


def _stream(given: Upload) -> io.BytesIO:
    stream = io.BytesIO(given.content)
    stream.name = given.name  # some formats are known by their names only
    return stream


def _ending(given: Upload) -> str:
    """The ending of the result's name, as the command's; without a name the content decides."""
    name = given.name or f"picture{_kind(given.content)}"
    return names.suffix(Path(name), given.options.format)


def _kind(content: bytes) -> str:
    """The usual ending of a picture's format, "" for one that is not known."""
    if heic.is_heic(content[:64]):
        return ".heic"
    try:
        with pillow.quiet(), Image.open(io.BytesIO(content), formats=formats.readers("")) as image:
            kind = image.format
    except Exception:  # which reading it will name
        return ""
    return next((each.endings[0] for each in formats.FORMATS if each.pillow == kind), "")


def _headers(run: str, file: str, notes: tuple[str, ...]) -> dict[str, str]:
    """Headers hold ASCII: names of files are quoted as RFC 5987 says."""
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(file, safe='')}",
        "Colornet-Run": quote(run),
    }
    if notes:
        headers["Colornet-Notes"] = jobs.shown("; ".join(notes)).encode("ascii", "replace").decode()
    return headers
