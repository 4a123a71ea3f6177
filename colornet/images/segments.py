"""The numbers in a TIFF file's strips and tiles, of any bits, byte order and planes.

libtiff, inside Pillow, decompresses the strips and tiles one by one. So the lossless compressions
are read that Pillow reads, and no segment can become larger than its size in pixels. (tifffile does
not decompress LZW, packed bits or differences of floats without the package imagecodecs.)
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from colornet.images import directories, pillow
from colornet.images.directories import Directory
from colornet.images.limits import PhotoError

MOST = 200_000  # segments
BLOCK = 2**22  # bytes of an uncompressed strip that are read at once
LOSSLESS = frozenset([1, 5, 8, 32773, 32946, 34925, 50000])  # LZW, Deflate, PackBits, LZMA, Zstd
NUMBERS = {1: "u", 2: "i", 3: "f", 4: "u"}  # of the sample format; 4 is "undefined"
BITS = {"u": range(1, 33), "i": (8, 16, 32), "f": (16, 32, 64)}
FILL, STRIPS, ROWS, STRIP_BYTES, PREDICTOR = 266, 273, 278, 279, 317
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, PALETTE = 322, 323, 324, 325, 320


class Part(NamedTuple):
    """A rectangle of a picture: values (H, W, samples), and where they begin."""

    values: np.ndarray
    top: int
    left: int
    sample: int


@dataclass(frozen=True)
class Layout:
    """How the numbers of a picture lie in a TIFF file."""

    width: int
    height: int
    samples: int  # of a pixel
    number: str  # "u", "i" or "f": without sign, with sign, floating point
    bits: int  # of a sample
    order: str  # of bytes: "<" or ">"
    compression: int
    predictor: int  # 1: none; 2: differences; 3: differences of the bytes of floats
    fill: int  # 2: the lowest bit of a byte comes first
    planes: int  # the number of samples if each has segments of its own, else 1
    segment: tuple[int, int]  # width and height
    tiled: bool
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    palette: tuple[int, ...]  # all reds, greens and blues of a palette, 16 bits each

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of a segment."""
        return (self.segment[0] * (self.samples // self.planes) * self.bits + 7) // 8

    @property
    def memory(self) -> int:
        """About how many bytes reading a segment takes."""
        if self.compression == 1:
            return 0
        packed = 1 if self.bits in (8, 16, 32, 64) else 16
        return 3 * packed * self.row_bytes * min(self.segment[1], self.height)


def layout(stream: BinaryIO, directory: Directory) -> Layout:
    """The layout of a picture. Raises PhotoError, with a reason, for one that is not read."""
    tags = directories.tags(stream, directory.offset)
    tiled = TILES in tags
    width, height = directory.size
    side = directory.get(TILE_WIDTH, 0), directory.get(TILE_HEIGHT, 0)
    samples = directory.get(directories.SAMPLES, 1)
    made = Layout(
        width=width,
        height=height,
        samples=samples,
        number=NUMBERS.get(directory.get(directories.FORMAT, 1), ""),
        bits=directory.get(directories.BITS, 1),
        order="<" if tags.prefix == b"II" else ">",
        compression=directory.get(directories.COMPRESSION, 1),
        predictor=directory.get(PREDICTOR, 1),
        fill=directory.get(FILL, 1),
        planes=samples if directory.get(directories.PLANES, 1) == 2 else 1,
        segment=side if tiled else (width, min(height, directory.get(ROWS, height))),
        tiled=tiled,
        offsets=tuple(tags.get(TILES if tiled else STRIPS, ())),
        sizes=tuple(tags.get(TILE_BYTES if tiled else STRIP_BYTES, ())),
        palette=tuple(tags.get(PALETTE, ())),
    )
    _check(made, set(directory.tags.get(directories.BITS, ())))
    return made


def _check(layout: Layout, bits: set[int]) -> None:
    if len(bits) > 1 or layout.bits not in BITS.get(layout.number, ()):
        raise PhotoError(f"is a TIFF with {_numbers(layout, bits)}: save it with 8 or 16 bits")
    whole = layout.bits in (8, 16, 32, 64)
    predictors = {"f": (1, 2, 3) if whole else (1,)}.get(layout.number, (1, 2) if whole else (1,))
    if layout.compression not in LOSSLESS or layout.predictor not in predictors:
        numbers = _numbers(layout, bits)
        raise PhotoError(f"is a TIFF with compressed {numbers}: save it without compression")
    across, down = layout.segment
    if across < 1 or down < 1 or layout.samples < 1:
        raise PhotoError("is a damaged TIFF")
    count = -(-layout.width // across) * -(-layout.height // down) * layout.planes
    if not min(len(layout.offsets), MOST) >= count or len(layout.sizes) < count:
        raise PhotoError("is a damaged TIFF")


def _numbers(layout: Layout, bits: set[int]) -> str:
    if len(bits) > 1:
        return "channels of different bits"
    kinds = {"u": "numbers", "i": "signed numbers", "f": "floating-point numbers"}
    return f"{kinds.get(layout.number, 'complex numbers')} of {layout.bits} bits"


def parts(stream: BinaryIO, layout: Layout, kept: int) -> Iterator[Part]:
    """The parts of a picture; together they hold the first `kept` samples of each pixel once.

    Raises PhotoError if some are missing or damaged.
    """
    width, height = layout.segment
    across, down = -(-layout.width // width), -(-layout.height // height)
    for n in range(across * down * min(kept, layout.planes)):
        plane, place = divmod(n, across * down)
        top, left = place // across * height, place % across * width
        rows = height if layout.tiled else min(height, layout.height - top)
        for skipped, values in _blocks(stream, layout, n, rows):
            seen = values[: layout.height - top - skipped, : layout.width - left, : kept - plane]
            yield Part(seen, top + skipped, left, plane)


def _blocks(
    stream: BinaryIO, layout: Layout, n: int, rows: int
) -> Iterator[tuple[int, np.ndarray]]:
    # The segment of number n: rows of it from a first row on
    stream.seek(layout.offsets[n])
    if layout.compression == 1:
        at_once = max(1, BLOCK // layout.row_bytes)
        for first in range(0, rows, at_once):
            count = min(at_once, rows - first)
            data = stream.read(count * layout.row_bytes)
            yield first, _values(_turned(data) if layout.fill == 2 else data, layout, count)
    else:
        data = stream.read(layout.sizes[n])
        yield 0, _values(_decompressed(data, layout, rows), layout, rows)


def _decompressed(data: bytes, layout: Layout, rows: int) -> bytes:
    # As a TIFF of its own: a grey picture of 8 bits, whose rows are the bytes of the segment's rows
    sides = {256: layout.row_bytes, 257: rows, 258: 8, 259: layout.compression, 262: 1}
    sides |= {FILL: layout.fill, STRIPS: 134, 277: 1, ROWS: rows, STRIP_BYTES: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, of) for tag, of in sorted(sides.items()))
    content = struct.pack("<4sIH", b"II*\0", 8, len(sides)) + entries + bytes(4) + data
    try:
        with pillow.quiet(), Image.open(io.BytesIO(content), formats=["TIFF"]) as image:
            image.load()
            return image.tobytes()
    except Image.DecompressionBombError as error:
        raise PhotoError("is a TIFF with too large strips: save it without compression") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PhotoError("is damaged") from error


def _turned(data: bytes) -> bytes:
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    return np.packbits(bits).tobytes()


def _values(data: bytes, layout: Layout, rows: int) -> np.ndarray:
    if len(data) < rows * layout.row_bytes:
        raise PhotoError("is truncated")
    count = layout.samples // layout.planes
    shape = rows, layout.segment[0], count
    if layout.bits not in (8, 16, 32, 64):
        return _unpacked(data, layout).reshape(rows, -1)[:, : shape[1] * count].reshape(shape)
    size = layout.bits // 8
    if layout.predictor == 3:
        differences = np.frombuffer(data, np.uint8).reshape(rows, -1, count)
        summed = np.cumsum(differences, axis=1, dtype=np.uint8).reshape(rows, size, -1)
        return summed.transpose(0, 2, 1).copy().view(f">f{size}").reshape(shape)
    if layout.predictor == 2:
        whole = np.frombuffer(data, f"{layout.order}u{size}").reshape(shape)
        summed = np.cumsum(whole, axis=1, dtype=f"u{size}")
        return summed.view(f"{layout.number}{size}")
    return np.frombuffer(data, f"{layout.order}{layout.number}{size}").reshape(shape)


def _unpacked(data: bytes, layout: Layout) -> np.ndarray:
    # Numbers of bits that are no whole bytes; each row begins with a byte
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, 8 * layout.row_bytes)
    used = bits.shape[1] // layout.bits * layout.bits
    numbers = bits[:, :used].reshape(-1, used // layout.bits, layout.bits)
    return numbers @ (1 << np.arange(layout.bits - 1, -1, -1, dtype=np.uint32))
