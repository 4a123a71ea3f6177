"""Pictures of visitors in colour -> PNGs at their own size, alone or in a zip, and their names.

Knows no Streamlit and loads no network: `ab` is always what `Colorizer.colours` returns.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from colornet.colour.colourfulness import saturate
from colornet.hints import Hint
from colornet.inference.fullsize import finish
from dashboard import attempt
from dashboard.attempt import Given
from dashboard.hints import History
from dashboard.page import encoding

ZIPPED = 500_000_000  # pixels in a zip at most, because it is made in memory: about 500 MB


class Download(NamedTuple):
    """A file's name, what makes its content, and how many pixels it has."""

    name: str
    content: Callable[[], bytes]
    pixels: int


def original(
    given: Given, ab: np.ndarray, history: History | None = None, *, saturation: float
) -> bytes:
    """The PNG of a picture in colour at its own size, with its hints; reads the file again."""
    with attempt.place():
        # A function, whose pictures are gone when the place is left
        return _original(given, ab, history.now if history else (), saturation=saturation)


def _original(given: Given, ab: np.ndarray, hints: tuple[Hint, ...], *, saturation: float) -> bytes:
    picture = attempt.read(given).picture
    if hints:
        ab, saturation = saturate(ab, saturation), 1
        ab = attempt.spread(picture.convert("L"), ab)(ab, hints)
    return encoding.png(finish(picture, ab, saturation=saturation))


def file_name(name: str, run: str, *, ending: str = ".png") -> str:
    """The names of a visitor's file and of a run -> a file name that is safe on every system."""
    stem, run = (re.sub(r"[^\w-]+", "_", text).strip("_") for text in (PurePath(name).stem, run))
    return f"{stem[:80] or 'picture'}-{run}{ending}"


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Names ending in .png; a name that came before gets a number."""
    used = set()
    for name in names:
        stem, number, new = name.removesuffix(".png"), 1, name
        while new.lower() in used:  # for some systems A and a are the same
            number += 1
            new = f"{stem}~{number}.png"
        used.add(new.lower())
        yield new


def zipped(files: list[Download]) -> bytes:
    """A zip of PNGs, some of which are made at once."""
    stream = io.BytesIO()
    names = distinct(file.name for file in files)
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive,
        ThreadPoolExecutor(attempt.AT_ONCE) as pool,
    ):
        contents = pool.map(lambda file: file.content(), files)
        for name, content in zip(names, contents, strict=True):
            archive.writestr(name, content)
    return stream.getvalue()
