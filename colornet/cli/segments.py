"""Metadata that a format holds in parts: long XMP in JPEG, IPTC in Photoshop's resources.

Adobe's "XMP specification", part 3, and "Photoshop File Formats", Image Resource Blocks.
"""

import hashlib
from collections.abc import Iterable

from colornet.cli import xmp

XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
XMP_PART = b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
NOTE = "http://ns.adobe.com/xmp/note/"
APP1, APP13 = b"\xff\xe1", b"\xff\xed"
IPTC, XMP = 1028, 1060  # the numbers of Photoshop's resources
LONGEST = 65_502  # bytes of a JPEG's XMP in one part; of a segment 65,533
PART = 65_000  # bytes of each further part


def second_part(content: bytes, segments: Iterable[tuple[str, bytes]]) -> bytes | None:
    """The second part of a JPEG's XMP packet, which names it; None where it is not complete.

    segments: names and contents, as in Pillow's `applist`.
    """
    name = xmp.Packet(content).get(NOTE, "HasExtendedXMP")
    if not name:
        return None
    start = XMP_PART + name.encode("ascii", "replace")
    parts = [
        data[len(start) :] for app, data in segments if app == "APP1" and data.startswith(start)
    ]
    placed = {int.from_bytes(part[4:8]): part[8:] for part in parts if len(part) > 8}
    whole = b"".join(placed[at] for at in sorted(placed))
    return whole if placed and len(whole) == int.from_bytes(parts[0][:4]) else None


def in_parts(content: bytes) -> tuple[bytes, bytes] | None:
    """A packet for one segment of a JPEG, and the segments with the rest of it, often none.

    None if it cannot be divided.
    """
    if len(content) <= LONGEST:
        return content, b""
    packet = xmp.Packet(content)
    rest = packet.part(LONGEST - 200).content()
    name = hashlib.md5(rest, usedforsecurity=False).hexdigest().upper()
    packet.set(NOTE, "xmpNote", "HasExtendedXMP", name)
    main = packet.content()
    if len(main) > LONGEST:
        return None
    size = len(rest).to_bytes(4)
    head = XMP_PART + name.encode() + size
    places = range(0, len(rest), PART)
    parts = [head + place.to_bytes(4) + rest[place : place + PART] for place in places]
    return main, b"".join(segment(APP1, part) for part in parts)


def segment(marker: bytes, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return marker + (len(content) + 2).to_bytes(2) + content


def iptc_of(resources: bytes) -> bytes | None:
    """The IPTC block in Photoshop's resources; None if there is none."""
    at = len(PHOTOSHOP) if resources.startswith(PHOTOSHOP) else 0
    while resources[at : at + 4] == b"8BIM":
        number = int.from_bytes(resources[at + 4 : at + 6])
        name = resources[at + 6] if at + 6 < len(resources) else 0
        at += 6 + (name + 2) // 2 * 2
        size = int.from_bytes(resources[at : at + 4])
        if number == IPTC:
            return resources[at + 4 : at + 4 + size]
        at += 4 + (size + 1) // 2 * 2
    return None


def resources_of(iptc: bytes) -> bytes:
    """Photoshop's resources with an IPTC block."""
    content = b"8BIM" + IPTC.to_bytes(2) + b"\0\0" + len(iptc).to_bytes(4) + iptc
    return PHOTOSHOP + content + b"\0" * (len(iptc) % 2)
