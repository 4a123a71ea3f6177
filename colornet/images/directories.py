"""The directories of a TIFF file, which describe its pictures; which of them are meant.

Reads the few numbers that tell what a picture is, and not the pixels, of at most MOST directories:
a damaged file may claim any number. TIFF 6.0 and its supplements (tags 254, 330) are the source:
https://www.awaresystems.be/imaging/tiff.html.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import TiffImagePlugin

from colornet.images import pillow

MOST = 2_000  # directories
MOST_VALUES = 64  # of a tag; longer ones are no numbers that are needed here
PREFIXES = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
SIZES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
# Tags
NEW_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, COLOURS = 254, 256, 257, 258, 259, 262
OLD_TYPE, SAMPLES, PLANES, BELOW, EXTRA, FORMAT = 255, 277, 284, 330, 338, 339
DNG_VERSION = 50706
# Values of COLOURS, the "photometric interpretation"
WHITE_IS_0, BLACK_IS_0, RGB, PALETTE, MASK, CMYK, YCBCR, LAB = 0, 1, 2, 3, 4, 5, 6, 8
SENSOR, LINEAR = 32803, 34892  # of raw files
THUMBNAIL = 512  # the longest side in pixels of pictures that may be thumbnails without saying so


@dataclass(frozen=True)
class Directory:
    """One directory: its offset in the file, the values of its tags, the directories below it."""

    offset: int
    tags: dict[int, tuple[int, ...]]
    below: list["Directory"] = field(default_factory=list)

    def get(self, tag: int, default: int) -> int:
        """The first value of a tag."""
        return self.tags.get(tag, (default,))[0]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; 0 if not given."""
        return self.get(WIDTH, 0), self.get(HEIGHT, 0)

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.size[0] * self.size[1]

    @property
    def is_full(self) -> bool:
        """Whether it is a picture that does not call itself a smaller copy or a mask of another."""
        kind, colours = self.get(NEW_TYPE, 0), self.get(COLOURS, WHITE_IS_0)
        return (
            self.pixels > 0 and not kind & 0b101 and self.get(OLD_TYPE, 1) != 2 and colours != MASK
        )


def read(stream: BinaryIO) -> list[Directory]:
    """The directories of a TIFF file in their order; [] for another file or a damaged first one."""
    stream.seek(0)
    head = stream.read(16)
    order = PREFIXES.get(head[:4])
    if not order or len(head) < 16:
        return []
    big = head[2:4] in (b"+\0", b"\0+")
    start = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]
    return _Reader(stream, order, big).chain(start, depth=0)


def tags(stream: BinaryIO, offset: int) -> TiffImagePlugin.ImageFileDirectory_v2:
    """All tags of one directory, with values of any length.

    Raises OSError, SyntaxError, TypeError or struct.error for a damaged directory.
    """
    stream.seek(0)
    head = stream.read(16)
    made = TiffImagePlugin.ImageFileDirectory_v2(head if b"+" in head[2:4] else head[:8])
    stream.seek(offset)
    with pillow.quiet():
        made.load(stream)
    return made


def beginning_at(stream: BinaryIO, directory: Directory) -> BinaryIO:
    """A copy of a TIFF file in memory whose first directory is this one."""
    stream.seek(0)
    copy = io.BytesIO(stream.read())
    head = bytes(copy.getbuffer()[:4])
    size = 8 if b"+" in head[2:4] else 4
    copy.seek(size)
    copy.write(directory.offset.to_bytes(size, "little" if PREFIXES[head] == "<" else "big"))
    copy.seek(0)
    return copy


def everything(found: list[Directory]) -> Iterator[Directory]:
    """The directories and all below them."""
    for each in found:
        yield each
        yield from everything(each.below)


def pictures(found: list[Directory]) -> list[Directory]:
    """The pictures that a user means, one for each page, without thumbnails; [] if none is full.

    Of a directory and those below it the largest is taken.
    """
    largest = (_largest(each) for each in found)
    pages = [each for each in largest if each is not None]
    sizes = {page.size for page in pages}
    return [page for page in pages if not any(_shows(page.size, size) for size in sizes)]


def _largest(page: Directory) -> Directory | None:
    full = [each for each in everything([page]) if each.is_full]
    return max(full, key=lambda each: each.pixels, default=None)


def _shows(small: tuple[int, int], large: tuple[int, int]) -> bool:
    # Whether a picture is a thumbnail of another: small, and of the same shape
    (width, height), (full_width, full_height) = small, large
    alike = abs(width * full_height - height * full_width) <= 0.03 * height * full_width
    return alike and max(small) <= THUMBNAIL and 2 * width <= full_width


class _Reader:
    """Reads directories of one file, each of them once."""

    def __init__(self, stream: BinaryIO, order: str, big: bool):
        self.stream, self.order, self.big = stream, order, big
        self.pointer = "Q" if big else "I"
        self.seen: set[int] = set()

    def chain(self, offset: int, depth: int) -> list[Directory]:
        found: list[Directory] = []
        with suppress(struct.error, OverflowError):
            while 0 < offset < 2**63 and offset not in self.seen and len(self.seen) < MOST:
                self.seen.add(offset)
                tags, following = self._entries(offset)
                starts = tags.get(BELOW, ()) if depth < 3 else ()
                below = [each for start in starts for each in self.chain(start, depth + 1)]
                found.append(Directory(offset, tags, below))
                offset = following
        return found

    def _entries(self, offset: int) -> tuple[dict[int, tuple[int, ...]], int]:
        count_code, entry_code, size = ("Q", "HHQ8s", 20) if self.big else ("H", "HHI4s", 12)
        self.stream.seek(offset)
        count = self._unpack(count_code, self.stream.read(struct.calcsize(count_code)))[0]
        entries = self.stream.read(size * min(count, 4096))
        following = self.stream.read(8 if self.big else 4)
        tags = {}
        for at in range(0, len(entries) - size + 1, size):
            tag, kind, values, inline = self._unpack(entry_code, entries[at : at + size])
            code = SIZES.get(kind)
            if code and 0 < values <= MOST_VALUES:
                with suppress(struct.error, OverflowError):
                    tags[tag] = self._values(f"{values}{code}", inline)
        cut = len(following) < struct.calcsize(self.pointer)
        return tags, 0 if cut else self._unpack(self.pointer, following)[0]

    def _values(self, code: str, inline: bytes) -> tuple[int, ...]:
        size = struct.calcsize(self.order + code)
        if size > len(inline):
            self.stream.seek(self._unpack(self.pointer, inline)[0])
            inline = self.stream.read(size)
        return self._unpack(code, inline[:size])

    def _unpack(self, code: str, data: bytes) -> tuple:
        return struct.unpack(self.order + code, data)
