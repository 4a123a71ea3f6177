"""Pictures and their tags -> a TIFF file of one or several pages, page by page."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import numpy as np
from PIL import Image, TiffImagePlugin

from colornet.system import machine

if TYPE_CHECKING:  # --help must not wait until it is loaded
    import tifffile

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
BELOW = {EXIF_IFD: "ExifTag", GPS_IFD: "GPSTag"}  # tags that stand for directories of their own
BYTE, TEXT, SHORT = 1, 2, 3  # types of values
ROWS = 64  # of a strip: strips are compressed at the same time
LEVEL = 3  # of zlib's compression
LARGEST = 4_000_000_000  # bytes; offsets in a usual TIFF have 32 bits, in a BigTIFF 64


class Pages:
    """Writes pages into the open stream `stream`, which is empty; to be used in a with statement.

    pages: how many there will be, at most. A page is in memory only while it is added.
    """

    def __init__(self, stream: BinaryIO, *, pages: int = 1):
        self._stream, self._pages = stream, pages
        self._writer: tifffile.TiffWriter | None = None
        self._big = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.close()

    def add(
        self, picture: Image.Image, tags: Image.Exif, dpi: tuple[float, float] | None = None
    ) -> None:
        """Appends a picture, mode "RGB" or "RGBA". `tags`: texts as bytes, and EXIF directories."""
        import tifffile

        pixels = np.asarray(picture)
        if self._writer is None:
            # A little is left for the tags; compressed pages may take more bytes than pixels do
            self._big = self._pages * pixels.nbytes * 1.05 > LARGEST
            self._writer = tifffile.TiffWriter(self._stream, bigtiff=self._big, byteorder="<")
        extra: list[tuple[Any, ...]] = [
            self._directory(tag, tags.get_ifd(tag)) for tag in BELOW if tag in tags
        ]
        extra += [_entry(tag, value) for tag, value in tags.items() if tag not in BELOW]
        self._writer.write(
            pixels,
            photometric="rgb",
            extrasamples=["unassalpha"] if picture.mode == "RGBA" else None,
            compression="zlib",
            compressionargs={"level": LEVEL},
            predictor=True,
            rowsperstrip=min(ROWS, picture.height),
            resolution=dpi,
            resolutionunit="inch" if dpi else None,
            metadata=None,
            software=False,
            extratags=extra,
            maxworkers=machine.cores(),
        )

    def _directory(self, tag: int, values: dict[int, Any]) -> tuple[str, str, int, int, bool]:
        """Appends a directory of its own to the file, and returns the tag that points to it."""
        directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
        directory._bigtiff = self._big
        for key, value in values.items():
            directory[key] = value
        at = self._stream.seek(0, 2)
        at += self._stream.write(b"\0" * (at % 2))  # directories begin at even offsets
        self._stream.write(directory.tobytes(at))
        return BELOW[tag], "Q" if self._big else "I", 1, at, True


def _entry(tag: int, value: object) -> tuple[int, int, int, object, bool]:
    if isinstance(value, int):
        return tag, SHORT, 1, value, True
    content = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
    if TiffImagePlugin.TiffTags.lookup(tag).type == TEXT:
        return tag, TEXT, 0, content.rstrip(b"\0") + b"\0", True
    return tag, BYTE, len(content), content, True
