"""A picture file -> what is coloured and what its coloured copy keeps; that copy -> a file.

Knows neither networks nor runs but by name.
"""

import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from PIL import Image, PngImagePlugin

from colornet.images import photo, srgb
from colornet.images.photo import PhotoError

# What a user may ask for -> the suffix that it gets
FORMATS = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp", "avif": ".avif"}
# Suffixes that a copy keeps -> Pillow's name of the format
WRITTEN = {".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".png": "PNG"}
WRITTEN |= {".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP", ".bmp": "BMP", ".avif": "AVIF"}
LOSSY = frozenset([".heic", ".heif", ".hif"])  # read, not written: JPEG; all others become PNG
# The longest side that a format's own fields (WebP), libjpeg and libavif allow
LONGEST = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768}
# EXIF about the photograph: texts (name, description, camera, software, date, artist, host,
# copyright) and Windows' titles and keywords. What describes the stored pixels is left.
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
TEXTS = frozenset([0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298])
TITLES = frozenset(range(0x9C9B, 0x9CA0))
RESOLUTION, UNIT = (0x011A, 0x011B), 0x0128
# Colour space, width, height, interoperability; the maker's notes, which may show the picture
STALE = frozenset([0xA001, 0xA002, 0xA003, 0xA005, 0x927C])
LONGEST_EXIF = 65_000  # bytes; what JPEG holds ends at 65,533
XMP, PREDICTOR = 700, 317  # TIFF's tags
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True)
class Original:
    """A file's picture and what its coloured copy keeps of it."""

    picture: Image.Image  # "RGB", upright, sRGB; under transparency the colours that are stored
    alpha: Image.Image | None  # "L", of the same size; None for an opaque picture
    coloured: bool  # the picture has colour: not photo.is_grey(picture)
    exif: bytes | None  # date, camera, place; neither orientation nor thumbnail
    dpi: tuple[float, float] | None


def read(
    file: photo.File, *, max_pixels: int = photo.MAX_PIXELS, max_bytes: int = photo.MAX_BYTES
) -> Original:
    """The original in a file (path, content or open stream).

    Raises PhotoError and OSError as photo.read does; broken metadata is left out.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as stream:
            return read(stream, max_pixels=max_pixels, max_bytes=max_bytes)
    image = photo.load(file, max_pixels=max_pixels, max_bytes=max_bytes)
    exif, dpi = _exif(image), _dpi(image)
    picture, alpha = photo.split(image)
    return Original(picture, alpha, not photo.is_grey(picture), exif, dpi)


def suffix(source: Path, wanted: str | None = None) -> str:
    """The suffix of a coloured copy: its source's where that can be written, in the case it has.

    `wanted`, a key of FORMATS, asks for a format. Without it what is not written becomes .png,
    but .jpg where it was HEIC.
    """
    own = source.suffix.lower()
    if wanted:
        same = WRITTEN.get(own) == WRITTEN[FORMATS[wanted]]
        return source.suffix if same else FORMATS[wanted]
    return source.suffix if own in WRITTEN else ".jpg" if own in LOSSY else ".png"


def save(
    picture: Image.Image,
    target: Path | BinaryIO,
    original: Original,
    *,
    quality: int = 95,
    mark: str | None,
    suffix: str | None = None,
) -> None:
    """Writes a picture of mode "RGB", of the original's size, with what the original gives it.

    `suffix`, or else the target's, names the format. `quality` (0 to 100) is that of JPEG, WebP
    and AVIF. `mark`, a run's name, adds XMP that says what made the colours; BMP holds neither
    that nor EXIF, and BMP and JPEG no transparency: white shows through. A path has the file only
    when it is whole. Raises PhotoError for what the format cannot hold, OSError where the file
    cannot be written.
    """
    name = suffix or Path(target).suffix
    kind = WRITTEN.get(name.lower())
    if kind is None:
        raise PhotoError(f"cannot be written as {name or 'a file without a suffix'}")
    if max(picture.size) > LONGEST.get(kind, max(picture.size)):
        raise PhotoError(f"has a side longer than the {LONGEST[kind]:,} pixels that {kind} holds")
    if kind in ("JPEG", "BMP"):
        picture = srgb.on_white(picture, original.alpha)
    elif original.alpha is not None:
        picture = picture.copy()
        picture.putalpha(original.alpha)
    options = _options(kind, original, quality, mark)
    if not isinstance(target, str | Path):
        picture.save(target, kind, **options)
        return
    # Pillow takes a write that a full disk cuts short for a whole one; Python's streams do not
    content = io.BytesIO()
    picture.save(content, kind, **options)
    with _whole(Path(target)) as stream:
        stream.write(content.getbuffer())


def xmp(run: str) -> bytes:
    """An XMP packet that says that colornet, with this run's network, coloured a picture.

    The digital source type is IPTC's "compositeWithTrainedAlgorithmicMedia": a photograph augmented
    by a model. The colours are invented, so "algorithmicallyEnhanced", which leaves the content as
    it was, as sharpening does, would say too little.
    """
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmp:CreatorTool="colornet"
    tiff:Software="colornet"
    Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"
    Iptc4xmpExt:AISystemUsed="colornet"
    Iptc4xmpExt:AISystemVersionUsed={quoteattr(run)}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _options(kind: str, original: Original, quality: int, mark: str | None) -> dict:
    packet = None if mark is None else xmp(mark)
    options = {"dpi": original.dpi} if original.dpi else {}
    if kind == "BMP":
        return options
    if kind == "TIFF":
        return options | _tiff(original.exif, packet)
    if original.exif:
        options["exif"] = original.exif
    if original.dpi and kind in ("WEBP", "AVIF"):  # which have no other place for it
        exif = _loaded(original.exif)
        exif[RESOLUTION[0]], exif[RESOLUTION[1]] = original.dpi
        exif[UNIT] = 2
        options["exif"] = exif.tobytes()
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        if packet:
            text.add_itxt("XML:com.adobe.xmp", packet.decode())
        return options | {"pnginfo": text}
    if packet:
        options["xmp"] = packet
    more = {"JPEG": {"subsampling": 0}, "AVIF": {"subsampling": "4:4:4"}, "WEBP": {"exact": True}}
    return options | more[kind] | {"quality": quality}


def _tiff(content: bytes | None, packet: bytes | None) -> dict:
    exif = _loaded(content)
    if packet:
        exif[XMP] = packet
    # Pillow's libtiff writes no directories below the first; and the date lies in one
    if {EXIF_IFD, GPS_IFD} & set(exif):
        return {"exif": exif, "compression": "raw"}
    exif[PREDICTOR] = 2  # differences: without them LZW makes photographs no smaller
    return {"exif": exif, "compression": "tiff_lzw"}


def _exif(image: Image.Image) -> bytes | None:
    kept = Image.Exif()
    try:
        given = image.getexif()
        for tag, value in given.items():
            # A value of another type than its tag's is broken, and libtiff writes none such
            if isinstance(value, str if tag in TEXTS else bytes) and tag in TEXTS | TITLES:
                kept[tag] = _stored(value)
        for tag in {EXIF_IFD, GPS_IFD} & set(given):
            kept[tag] = {key: of for key, of in given.get_ifd(tag).items() if key not in STALE}
        content = kept.tobytes() if len(kept) else b""
        Image.Exif().load(content)
    except Exception:
        return None
    return content if 0 < len(content) <= LONGEST_EXIF else None


def _loaded(content: bytes | None) -> Image.Exif:
    exif = Image.Exif()
    exif.load(content or b"")
    for tag, value in exif.items():
        exif[tag] = _stored(value)
    return exif


def _stored(value: object) -> object:
    # Pillow reads texts as Latin-1 but writes ASCII, and a copyright sign would become a "?"
    return value.encode("latin-1", "replace") if isinstance(value, str) else value


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        exif = image.getexif()
        dpi = image.info.get("dpi")
        if not dpi and exif.get(UNIT) == 2:  # inches
            dpi = [exif[tag] for tag in RESOLUTION]
        across, down = (float(number) for number in dpi)
    except Exception:
        return None
    return (across, down) if all(1 < each < 65_536 for each in (across, down)) else None


@contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    # A name of its own length: the target's with an end might be longer than names can be
    part = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        with open(part, "x+b") as stream:
            yield stream
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
