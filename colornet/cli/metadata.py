"""What a coloured copy keeps of its source's metadata, and the mark that says what coloured it."""

from typing import Any
from xml.sax.saxutils import quoteattr

from PIL import Image, PngImagePlugin

# EXIF about the photograph: texts (name, description, camera, software, date, artist, host,
# copyright) and Windows' titles and keywords. Tags that describe the stored pixels are not kept.
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
TEXTS = frozenset([0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298])
TITLES = frozenset(range(0x9C9B, 0x9CA0))
RESOLUTION, UNIT = (0x011A, 0x011B), 0x0128
INCHES = 2  # a value of UNIT
# Colour space, width, height, interoperability; the maker's notes, which may show the picture
STALE = frozenset([0xA001, 0xA002, 0xA003, 0xA005, 0x927C])
LONGEST_EXIF = 65_000  # bytes; JPEG holds at most 65,533
XMP, PREDICTOR = 700, 317  # TIFF's tags
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def exif(image: Image.Image) -> bytes | None:
    """The EXIF block of a coloured copy; None if the image has none, or a broken or too long one.

    It has no orientation and no thumbnail.
    """
    kept = Image.Exif()
    try:
        given = image.getexif()
        for tag, value in given.items():
            # A value of another type than its tag's is broken, and libtiff does not write it
            if isinstance(value, str if tag in TEXTS else bytes) and tag in TEXTS | TITLES:
                kept[tag] = _stored(value)
        for tag in {EXIF_IFD, GPS_IFD} & set(given):
            kept[tag] = {key: of for key, of in given.get_ifd(tag).items() if key not in STALE}
        content = kept.tobytes() if len(kept) else b""
        Image.Exif().load(content)
    except Exception:
        return None
    return content if 0 < len(content) <= LONGEST_EXIF else None


def dpi(image: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical resolution in pixels per inch; None if not given or not plausible."""
    try:
        tags = image.getexif()
        given = image.info.get("dpi")
        if not given and tags.get(UNIT) == INCHES:
            given = [tags[tag] for tag in RESOLUTION]
        across, down = (float(number) for number in given or ())
    except Exception:
        return None
    return (across, down) if all(1 < each < 65_536 for each in (across, down)) else None


def xmp(run: str) -> bytes:
    """An XMP packet that says that colornet, with this run's network, coloured a picture.

    The digital source type is IPTC's "compositeWithTrainedAlgorithmicMedia": a photograph augmented
    by a model. "algorithmicallyEnhanced" would say too little: it stands for changes such as
    sharpening, which add nothing, and the colours are invented.
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


def options(
    kind: str, *, exif: bytes | None, dpi: tuple[float, float] | None, mark: str | None
) -> dict[str, Any]:
    """The options of Pillow's save that write metadata in the format `kind`, a name of Pillow's.

    `exif` and `dpi` are what the functions above return. `mark`, a run's name, adds XMP.
    """
    packet = None if mark is None else xmp(mark)
    made: dict[str, Any] = {"dpi": dpi} if dpi else {}
    if kind == "BMP":
        return made
    if kind == "TIFF":
        return made | _tiff(exif, packet)
    if dpi and kind in ("WEBP", "AVIF"):  # they store it in EXIF only
        exif = _with_resolution(exif, dpi)
    if exif:
        made["exif"] = exif
    if packet and kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
        made["pnginfo"] = text
    elif packet:
        made["xmp"] = packet
    return made


def _with_resolution(content: bytes | None, dpi: tuple[float, float]) -> bytes:
    tags = _loaded(content)
    tags[RESOLUTION[0]], tags[RESOLUTION[1]] = dpi
    tags[UNIT] = INCHES
    return tags.tobytes()


def _tiff(content: bytes | None, packet: bytes | None) -> dict[str, Any]:
    tags = _loaded(content)
    if packet:
        tags[XMP] = packet
    # Pillow's libtiff writes no directories below the first, and the date is in such a directory
    if {EXIF_IFD, GPS_IFD} & set(tags):
        return {"exif": tags, "compression": "raw"}
    tags[PREDICTOR] = 2  # differences: without them LZW makes photographs no smaller
    return {"exif": tags, "compression": "tiff_lzw"}


def _loaded(content: bytes | None) -> Image.Exif:
    tags = Image.Exif()
    tags.load(content or b"")
    for tag, value in tags.items():
        tags[tag] = _stored(value)
    return tags


def _stored(value: object) -> object:
    # Pillow reads texts as Latin-1 but writes ASCII, and a copyright sign would become a "?"
    return value.encode("latin-1", "replace") if isinstance(value, str) else value
