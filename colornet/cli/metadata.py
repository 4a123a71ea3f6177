"""What a picture file says of its photograph, which a coloured copy keeps."""

import re
import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

from colornet.cli import properties, segments

# EXIF about the photograph: texts (name, description, camera, software, date, artist, host,
# copyright), Windows' titles and keywords, and ratings. Tags that describe the stored pixels are
# not kept.
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
DESCRIPTION = 0x010E
TEXTS = frozenset([0x010D, DESCRIPTION, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298])
TITLES = frozenset(range(0x9C9B, 0x9CA0))
RATINGS = frozenset([0x4746, 0x4749])
KEPT = dict.fromkeys(TEXTS, str) | dict.fromkeys(TITLES, bytes) | dict.fromkeys(RATINGS, int)
RESOLUTION, UNIT = (0x011A, 0x011B), 0x0128
INCHES = 2  # a value of UNIT
# Colour space, width, height, interoperability; the maker's notes, which may show the picture
STALE = frozenset([0xA001, 0xA002, 0xA003, 0xA005, 0x927C])
LONGEST_EXIF = 65_000  # bytes; JPEG holds at most 65,533
IPTC, RESOURCES = 33723, 34377  # TIFF's tags: the block, and Photoshop's resources with it
# Texts of a PNG: with IPTC, as ImageMagick writes it; with a place of their own, or of the pixels
RAW_IPTC = re.compile("Raw profile type (iptc|8bim)", re.IGNORECASE)
STALE_TEXT = re.compile(
    "Raw profile type |XML:com.adobe|(thumb|exif|png|icc|tiff|date):", re.IGNORECASE
)
Lost = tuple[str, ...]


@dataclass(frozen=True)
class Metadata:
    """What describes a photograph and not its pixels.

    exif: without orientation and thumbnail; dpi: horizontal and vertical, in pixels per inch; xmp:
    a packet, as `properties.kept` returns it; iptc: its IIM block; texts: those of a PNG, keywords
    and values; lost: names of what the file has but no copy can keep.
    """

    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    comment: str | None = None
    texts: tuple[tuple[str, str], ...] = ()
    lost: Lost = ()


def read(image: Image.Image) -> Metadata:
    """The metadata of a decoded picture; `lost` names what is broken or too long."""
    exif, lost = _exif(image)
    packet, lost_of_xmp = _xmp(image)
    iptc, texts = _iptc(image), getattr(image, "text", {})
    comment = next((texts[key] for key in texts if key.lower() == "comment"), None)
    comment = comment or _decoded(image.info.get("comment"))
    kept = tuple(
        (key, value)
        for key, value in texts.items()
        if not STALE_TEXT.match(key) and key.lower() != "comment"
    )
    return Metadata(exif, _dpi(image), packet, iptc, comment, kept, lost + lost_of_xmp)


def _exif(image: Image.Image) -> tuple[bytes | None, Lost]:
    kept = Image.Exif()
    try:
        given = image.getexif()
        for tag, value in given.items():
            # A value of another type than its tag's is broken, and libtiff does not write it
            if tag in KEPT and isinstance(value, KEPT[tag]):
                kept[tag] = stored(value)
        for tag in {EXIF_IFD, GPS_IFD} & set(given):
            kept[tag] = {key: of for key, of in given.get_ifd(tag).items() if key not in STALE}
        content = kept.tobytes() if len(kept) else b""
        Image.Exif().load(content)
    except Exception:
        return None, ("broken EXIF",)
    if len(content) > LONGEST_EXIF:
        return None, (f"EXIF longer than {LONGEST_EXIF:,} bytes",)
    return content or None, ()


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    """The resolution, None if not given or not plausible."""
    try:
        tags = image.getexif()
        given = image.info.get("dpi")
        if not given and tags.get(UNIT) == INCHES:
            given = [tags[tag] for tag in RESOLUTION]
        across, down = (float(number) for number in given or ())
    except Exception:
        return None
    return (across, down) if all(1 < each < 65_536 for each in (across, down)) else None


def _xmp(image: Image.Image) -> tuple[bytes | None, Lost]:
    content = image.info.get("xmp") or _resource(image, segments.XMP)
    if not content:
        return None, ()
    try:
        content = content.encode() if isinstance(content, str) else bytes(content)
        more = segments.second_part(content, getattr(image, "applist", ()))
        return properties.kept(content, more=more)
    except Exception:
        return None, ("broken XMP",)


def _iptc(image: Image.Image) -> bytes | None:
    """The IPTC block of a JPEG, a TIFF, a PNG as ImageMagick writes it, or a Photoshop file."""
    found = image.info.get("photoshop", {}).get(segments.IPTC) or _resource(image, segments.IPTC)
    try:
        found = found or image.info.get("iptc")
        found = found or segments.iptc_of(image.info.get("resources", b""))
        tags: Any = getattr(image, "tag_v2", {})
        if not found and IPTC in tags:
            found = tags[IPTC]
            if not isinstance(found, bytes):  # numbers of 32 bits, in the file's order of bytes
                found = struct.pack(f"{'<' if tags.prefix == b'II' else '>'}{len(found)}I", *found)
        if not found and RESOURCES in tags:
            found = segments.iptc_of(tags[RESOURCES])
        for key, value in getattr(image, "text", {}).items():
            if not found and RAW_IPTC.fullmatch(key):
                found = segments.iptc_of(bytes.fromhex("".join(value.split()[2:])))
    except Exception:
        return None
    return found if isinstance(found, bytes) and found[:1] == b"\x1c" else None


def _resource(image: Image.Image, number: int) -> bytes | None:
    return next((each[2] for each in getattr(image, "resources", ()) if each[0] == number), None)


def _decoded(comment: bytes | str | None) -> str | None:
    if not isinstance(comment, bytes):
        return comment
    comment = comment.rstrip(b"\0")
    try:
        return comment.decode() or None
    except UnicodeDecodeError:
        return comment.decode("latin-1")


def stored(value: object) -> object:
    """A tag's value so that Pillow writes it as it was read."""
    # Pillow reads texts as Latin-1 but writes ASCII, and a copyright sign would become a "?"
    return value.encode("latin-1", "replace") if isinstance(value, str) else value
