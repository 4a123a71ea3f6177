"""The mark of what coloured a film, as its container can hold it: an XMP packet, or tags."""

from typing import BinaryIO

from colornet.film.container import MATROSKA

# Of the box for XMP in MP4 and QuickTime: Adobe's "XMP specification", part 3
UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
BOXES = ("mp4", "mov")
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def tags(name: str, run: str | None) -> dict[str, str]:
    """The mark as tags of Matroska and WebM, under the names that it has in XMP; else none."""
    if run is None or name not in (MATROSKA, "webm"):
        return {}
    return {
        "Software": "colornet",
        "DigitalSourceType": SOURCE_TYPE,
        "AISystemUsed": "colornet",
        "AISystemVersionUsed": run,
    }


def append(stream: BinaryIO, name: str, packet: bytes | None) -> bool:
    """Appends an XMP packet to a file that is complete; False where the container has no place."""
    if packet is None or name not in BOXES:
        return packet is None
    stream.seek(0, 2)
    stream.write((24 + len(packet)).to_bytes(4) + b"uuid" + UUID + packet)
    return True
