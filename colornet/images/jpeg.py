"""JPEG files that Pillow refuses: without an end marker, cut, or with broken metadata.

ITU-T T.81 describes the markers: https://www.w3.org/Graphics/JPEG/itu-t81.pdf.
"""

import random
import re
from collections.abc import Callable, Iterator

from PIL import Image, ImageChops, ImageFile

from colornet.images import srgb

START, END = b"\xff\xd8", b"\xff\xd9"
START_OF_SCAN = 0xDA
# Start of frame: all but DHT (C4), JPG (C8) and DAC (CC), which have other meanings
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
COMMON = frozenset([0xC0, 0xC1, 0xC2])  # those that are read: baseline, extended, progressive
# The next marker after a scan's data, in which FF 00 is a byte and FF D0 to D7 are restarts
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
Open = Callable[[bytes], ImageFile.ImageFile]


def frame(content: bytes, at: int = 0) -> tuple[int, int, int, int] | None:
    """Marker, bits, width and height of the JPEG that begins here; None without such a header."""
    for marker, _, data in segments(content, at):
        if marker in FRAMES and len(data) > 5:
            return marker, data[0], int.from_bytes(data[3:5]), int.from_bytes(data[1:3])
        if marker == START_OF_SCAN:
            break
    return None


def segments(content: bytes, at: int = 0) -> Iterator[tuple[int, int, bytes]]:
    """Marker, position and data of each segment of the JPEG that begins here, and of each scan."""
    at += len(START)
    while found := MARKER.search(content, at):
        marker, at = content[found.start() + 1], found.start()
        size = int.from_bytes(content[at + 2 : at + 4])
        if marker == END[1] or size < 2:
            return
        yield marker, at, content[at + 4 : at + 2 + size]
        at += 2 + size


def without_broken_metadata(content: bytes) -> bytes:
    """The same JPEG without application segments that are too short for what they must hold."""
    kept, at = [START], len(START)
    for marker, start, data in segments(content):
        end = start + 4 + len(data)
        least = 12 if marker == 0xEE else 16
        if not (0xE0 <= marker <= 0xEF and len(data) < least):
            kept.append(content[start:end])
        at = end
        if marker == START_OF_SCAN:
            break
    return b"".join([*kept, content[at:]])


def with_end(content: bytes, opened: Open) -> tuple[ImageFile.ImageFile, str]:
    """The decoded picture of a JPEG without its end marker; what of it is there, "" for all.

    libjpeg decodes what is missing as grey. So the file is also continued with random data: that
    changes the first row which is not complete. `opened` opens content.
    """
    image = opened(content + END)
    image.load()
    stuffed = b"\0" if content.endswith(b"\xff") else b""  # FF 00 is the byte FF
    others = (opened(content + stuffed + _random(n) + END) for n in range(3))
    rows = min(_same_rows(image, other) for other in others)
    if rows == image.height:
        return image, "" if _all_scans(content) else "only a coarse version is there"
    if (
        image.info.get("progressive")
        and sum(1 for each in segments(content) if each[0] == 0xDA) > 1
    ):
        return image, "only a coarse version is there"
    return image, f"{100 * rows // image.height} % of its rows are there"


def _random(seed: int) -> bytes:
    # Begins with a 1: zeros are what libjpeg goes on with. No byte begins a marker.
    return b"\xa5" + random.Random(seed).randbytes(200).replace(b"\xff", b"\x7f")


def _same_rows(one: Image.Image, other: Image.Image) -> int:
    other.load()
    for box in srgb.strips(one):
        differing = ImageChops.difference(one.crop(box), other.crop(box)).getbbox(alpha_only=False)
        if differing:
            return box[1] + differing[1]
    return one.height


def _all_scans(content: bytes) -> bool:
    # Whether the scans bring each of the 64 coefficients of each component, to the last bit
    components: bytes = b""
    missing: set[tuple[int, int]] = set()
    for marker, _, data in segments(content):
        if marker in FRAMES and len(data) > 5:
            components = data[6 : 6 + 3 * data[5] : 3]
            missing = {(each, n) for each in components for n in range(64)}
        if marker == START_OF_SCAN and data and len(data) >= 2 * data[0] + 4:
            first, last, bits = data[2 * data[0] + 1 : 2 * data[0] + 4]
            if bits & 15 == 0:
                missing -= {
                    (each, n)
                    for each in data[1 : 1 + 2 * data[0] : 2]
                    for n in range(first, last + 1)
                }
    return bool(components) and not missing
