"""Metadata -> what writes them into a file: options of Pillow's save, or the tags of a TIFF."""

from typing import Any

from PIL import Image, PngImagePlugin

from colornet.cli import properties, segments
from colornet.cli.metadata import DESCRIPTION, INCHES, RESOLUTION, UNIT, Metadata, stored

XMP, IPTC = 700, 33723  # TIFF's tags
XMP_TEXT, IPTC_TEXT = "XML:com.adobe.xmp", "Raw profile type iptc"  # PNG's keywords
# PNG's keywords of texts that describe the photograph -> their names in XMP
IN_XMP = {
    "title": "title",
    "author": "creator",
    "description": "description",
    "copyright": "rights",
}
SEGMENT = 65_533  # bytes that a segment of a JPEG holds
Lost = tuple[str, ...]


def options(kind: str, of: Metadata, *, mark: str | None) -> tuple[dict[str, Any], Lost]:
    """The options of Pillow's save that write metadata, and the names of what is not kept.

    kind: Pillow's name of the format, not "TIFF"; `mark`, a run's name, adds XMP that says what
    made the colours.
    """
    made: dict[str, Any] = {"dpi": of.dpi} if of.dpi else {}
    if kind == "BMP":
        return made, of.lost + _names(of)
    if kind == "PNG":
        more, lost = _png(of, mark)
    elif kind == "JPEG":
        more, lost = _jpeg(of, mark)
    else:
        more, lost = _webp_or_avif(of, mark)
    return made | more, of.lost + lost


def tags(of: Metadata, *, mark: str | None) -> tuple[Image.Exif, Lost]:
    """The tags of a TIFF, and the names of what is not kept."""
    made, lost = _tags(of)
    packet, more = _packet(of, mark)
    if packet:
        made[XMP] = packet
    if of.iptc:
        made[IPTC] = of.iptc
    return made, of.lost + lost + more


def _names(of: Metadata) -> Lost:
    found = {"EXIF": of.exif, "XMP": of.xmp, "IPTC": of.iptc, "comment": of.comment}
    texts = tuple(f"text {key}" for key, _ in of.texts)
    return tuple(name for name, content in found.items() if content) + texts


def _packet(of: Metadata, mark: str | None) -> tuple[bytes | None, Lost]:
    """XMP, with those texts of a PNG that it has names for."""
    named = {IN_XMP[key.lower()]: value for key, value in of.texts if key.lower() in IN_XMP}
    packet = properties.described(of.xmp, named) if named else of.xmp
    lost = tuple(f"text {key}" for key, _ in of.texts if key.lower() not in IN_XMP)
    return (packet if mark is None else properties.marked(packet, mark)), lost


def _png(of: Metadata, mark: str | None) -> tuple[dict[str, Any], Lost]:
    info, lost = PngImagePlugin.PngInfo(), ()
    packet = of.xmp if mark is None else properties.marked(of.xmp, mark)
    if packet:
        info.add_itxt(XMP_TEXT, packet.decode())
    if of.iptc:
        # As ImageMagick and ExifTool write it: a PNG has no other place
        content = segments.resources_of(of.iptc).removeprefix(segments.PHOTOSHOP)
        lines = [content[at : at + 36].hex() for at in range(0, len(content), 36)]
        info.add_text(IPTC_TEXT, "\n".join(["\niptc", f"{len(content):8}", *lines, ""]), zip=True)
    for key, value in (*of.texts, *([("Comment", of.comment)] if of.comment else [])):
        info.add_text(key, value)
    return {"pnginfo": info} | ({"exif": of.exif} if of.exif else {}), lost


def _jpeg(of: Metadata, mark: str | None) -> tuple[dict[str, Any], Lost]:
    packet, lost = _packet(of, mark)
    parts = segments.in_parts(packet) if packet else (b"", b"")
    if parts is None:
        lost += (f"XMP longer than {segments.LONGEST:,} bytes",)
        parts = (b"" if mark is None else properties.marked(None, mark)), b""
    extra = segments.segment(segments.APP1, segments.XMP_HEAD + parts[0]) if parts[0] else b""
    extra += parts[1]
    resources = segments.resources_of(of.iptc) if of.iptc else b""
    if len(resources) > SEGMENT:
        lost += (f"IPTC longer than {SEGMENT:,} bytes",)
    elif resources:
        extra += segments.segment(segments.APP13, resources)
    comment = (of.comment or "").encode("utf-8", "replace")
    if len(comment) > SEGMENT:
        lost, comment = (*lost, f"comment longer than {SEGMENT:,} bytes"), b""
    given = {"exif": of.exif, "comment": comment, "extra": extra}
    return {name: content for name, content in given.items() if content}, lost


def _webp_or_avif(of: Metadata, mark: str | None) -> tuple[dict[str, Any], Lost]:
    made, lost = _tags(of)
    packet, more = _packet(of, mark)
    if of.dpi:  # these formats store it in EXIF only
        made[RESOLUTION[0]], made[RESOLUTION[1]] = of.dpi
        made[UNIT] = INCHES
    given = {"exif": made.tobytes() if len(made) else None, "xmp": packet}
    lost += (*more, *(("IPTC",) if of.iptc else ()))
    return {name: content for name, content in given.items() if content}, lost


def _tags(of: Metadata) -> tuple[Image.Exif, Lost]:
    """EXIF, whose description is the comment if there is no other: for formats without comments."""
    made = Image.Exif()
    made.load(of.exif or b"")
    for tag, value in made.items():
        made[tag] = stored(value)
    if of.comment and DESCRIPTION in made:
        return made, ("comment",)
    if of.comment:
        made[DESCRIPTION] = of.comment.encode("utf-8", "replace")
    return made, ()
