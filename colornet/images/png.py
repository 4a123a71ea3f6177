"""PNG files whose metadata keeps Pillow from reading their pixels; a transparent 16-bit colour.

Pillow refuses texts and colour profiles above 1 MB, which is a guard against small files that
decompress to large ones, and damaged chunks. https://www.w3.org/TR/png describes the chunks.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageChops, ImageFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"
LONGEST_TEXT = 2**20  # bytes; Pillow's limit
LONGEST_PROFILE, MOST_TEXTS = 2**24, 60  # bytes; Pillow reads 64 MB of texts
# Chunks that are neither pixels nor in these are not used, and left out
PIXELS = frozenset([b"tRNS", b"acTL", b"fcTL", b"fdAT"])
TEXTS = frozenset([b"tEXt", b"zTXt", b"iTXt"])
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of the colour types


class Bare(NamedTuple):
    """A PNG file without what Pillow refuses, its colour profile, and what is left out."""

    stream: BinaryIO
    profile: bytes | None
    notes: tuple[str, ...]


def bare(stream: BinaryIO) -> Bare:
    """The same file with its pixels, and with the metadata that is intact and not too large."""
    kept, profile, texts = io.BytesIO(), None, 0
    notes: dict[str, None] = {}
    kept.write(SIGNATURE)
    for length, kind, data in _chunks(stream):
        if kind[0] & 32:  # not critical
            content, fault = _metadata(kind, data)
            texts += kind in TEXTS
            if texts > MOST_TEXTS and kind in TEXTS:
                fault = "metadata"
            if fault:
                notes[f"{fault} left out"] = None
            if kind == b"iCCP" and not fault:
                profile = content
            if fault or kind == b"iCCP" or content is None:
                continue
        if kind == b"IEND":
            break
        if len(data) < length + 4:  # cut: what is there may be all that the pixels need
            length, data = len(data), data + zlib.crc32(kind + data).to_bytes(4)
        kept.write(length.to_bytes(4) + kind + data)
    kept.write(END)
    kept.seek(0)
    return Bare(kept, profile, tuple(notes))


def there(stream: BinaryIO) -> str:
    """How much of a cut file is there: "63 % of its rows are there"; "" for a broken header."""
    chunks = _chunks(stream)
    _, kind, header = next(chunks, (0, b"", b""))
    if kind != b"IHDR" or len(header) < 13:
        return ""
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    whole = height * (1 + (width * header[8] * CHANNELS.get(header[9], 1) + 7) // 8)
    unzip, found = zlib.decompressobj(), 0
    for _, kind, data in chunks:
        if kind == b"IDAT":
            found += _length(unzip, data[:-4], whole - found)
    percent = min(99, 100 * found // max(1, whole))
    return f"{percent} % of its {'data' if header[12] else 'rows'} are there"


def decode(image: ImageFile.ImageFile, stream: BinaryIO) -> None:
    """Decodes a PNG opened from a stream, with the transparent colour where Pillow takes others.

    Pillow keeps the upper byte of 16-bit colours, so that colours which are almost the transparent
    one would be transparent: the lower bytes are decoded too. It scales greys of 2 and 4 bits to 8
    but not the transparent one.
    """
    colour, depth = image.info.get("transparency"), image.tile[0].args if image.tile else ""
    if depth in ("L;2", "L;4") and isinstance(colour, int):
        image.info["transparency"] = colour * {"L;2": 85, "L;4": 17}[depth]
    image.load()
    if depth == "RGB;16B" and isinstance(colour, tuple):
        stream.seek(0)
        with Image.open(stream, formats=["PNG"]) as low:
            low.tile = [tile._replace(args="RGB;16L") for tile in low.tile]
            other = _other(image, [value >> 8 for value in colour])
            alpha = ImageChops.lighter(other, _other(low, [value & 255 for value in colour]))
        del image.info["transparency"]
        image.putalpha(alpha)


def _other(image: Image.Image, colour: list[int]) -> Image.Image:
    # Mode "L": 0 where a picture has this colour, 255 elsewhere
    bands = zip(image.split(), colour, strict=True)
    other = [band.point([255 * (level != value) for level in range(256)]) for band, value in bands]
    return ImageChops.lighter(ImageChops.lighter(other[0], other[1]), other[2])


def _chunks(stream: BinaryIO) -> Iterator[tuple[int, bytes, bytes]]:
    # Length, kind, and data with checksum, which are shorter than the length at a cut
    stream.seek(len(SIGNATURE))
    while len(head := stream.read(8)) == 8:
        length, kind = int.from_bytes(head[:4]), head[4:]
        yield length, kind, stream.read(length + 4)


def _metadata(kind: bytes, data: bytes) -> tuple[bytes | None, str]:
    # The content, None if it is not used, and what is to be left out, "" for nothing
    content = data[:-4]
    if zlib.crc32(kind + content).to_bytes(4) != data[-4:]:
        return None, "damaged metadata"
    if kind == b"iCCP":
        return _profile(content)
    if kind in TEXTS:
        return content, _text_fault(kind, content)
    if kind == b"pHYs":
        return (content if len(content) == 9 else None), ""
    return (content if kind in PIXELS or kind == b"eXIf" else None), ""


def _profile(content: bytes) -> tuple[bytes | None, str]:
    zipped = content[content.find(b"\0") + 2 :]
    size = _length(zlib.decompressobj(), zipped, LONGEST_PROFILE + 1)
    with suppress(zlib.error):
        profile = zlib.decompressobj().decompress(zipped, LONGEST_PROFILE)
        if profile[36:40] == b"acsp" and size <= LONGEST_PROFILE:  # each has this signature
            return profile, ""
    return None, f"colour profile of {_megabytes(size, LONGEST_PROFILE)}"


def _text_fault(kind: bytes, content: bytes) -> str:
    _, _, text = content.partition(b"\0")
    if kind == b"iTXt" and len(text) > 2 and text[0]:
        zipped = text[2:].split(b"\0", 2)[-1]
    elif kind == b"zTXt":
        if text[:1] not in (b"", b"\0"):
            return "damaged metadata"
        zipped = text[1:]
    else:
        return ""
    size = _length(zlib.decompressobj(), zipped, LONGEST_PROFILE + 1)
    too_large = size > LONGEST_TEXT
    return f"metadata of {_megabytes(size, LONGEST_PROFILE)}" if too_large else ""


def _length(unzip: "zlib._Decompress", zipped: bytes, most: int) -> int:
    # Of what is zipped, at most `most`; a damaged rest does not count
    length = 0
    with suppress(zlib.error):
        while zipped and length < most and not unzip.eof:
            length += len(unzip.decompress(zipped, 2**20))
            zipped = unzip.unconsumed_tail
    return min(length, most)


def _megabytes(size: int, most: int) -> str:
    return f"over {most / 1e6:.1f} MB" if size > most else f"{size / 1e6:.1f} MB"
