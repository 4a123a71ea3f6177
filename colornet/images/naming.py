"""What a file is that cannot be read, and what its owner can do."""

from typing import BinaryIO

from colornet.images import jpeg, limits
from colornet.images.limits import PhotoError

ELSE = "which is not read: save it as JPEG or PNG"
# What files begin with -> a sentence
BEGINNINGS = {
    b"\xff\x0a": f"is a JPEG XL picture, {ELSE}",
    b"\0\0\0\x0cJXL \r\n\x87\n": f"is a JPEG XL picture, {ELSE}",
    b"\xff\xd8\xff\xf7": f"is a JPEG-LS picture, {ELSE}",
    b"II\xbc": f"is a JPEG XR picture, {ELSE}",
    b"BPG\xfb": f"is a BPG picture, {ELSE}",
    b"FLIF": f"is a FLIF picture, {ELSE}",
    b"DDS ": f"is a DDS picture, {ELSE}",
    b"icns": f"is an icon for macOS, {ELSE}",
    b"\x76\x2f\x31\x01": f"is an OpenEXR picture, {ELSE}",
    b"#?RADIANCE": f"is a Radiance HDR picture, {ELSE}",
    b"#?RGBE": f"is a Radiance HDR picture, {ELSE}",
    b"SIMPLE  =": f"is a FITS picture, {ELSE}",
    b"gimp xcf": f"is a GIMP picture, {ELSE}",
    b"8BPS\0\2": f"is a large Photoshop picture (PSB), {ELSE}",
    b"Paint Shop Pro Image File": f"is a Paint Shop Pro picture, {ELSE}",
    b"AT&TFORM": f"is a DjVu document, {ELSE}",
    b"\x59\xa6\x6a\x95": f"is a Sun raster picture, {ELSE}",
    b"\xd7\xcd\xc6\x9a": f"is a Windows drawing (WMF), {ELSE}",
    b"%!PS": f"is a PostScript drawing, {ELSE}",
    b"\xc5\xd0\xd3\xc6": f"is a PostScript drawing, {ELSE}",
    b"%PDF": "is a PDF document: save its pages as JPEG or PNG",
    b"PK\x03\x04": "is a ZIP archive: unpack it first",
    b"\x1f\x8b": "is a gzip archive: unpack it first",
    b"7z\xbc\xaf\x27\x1c": "is a 7z archive: unpack it first",
    b"Rar!": "is a RAR archive: unpack it first",
    b"\xd0\xcf\x11\xe0": "is an Office document or a FlashPix picture: save it as JPEG or PNG",
}
VIDEO = "is a video: save one of its pictures as JPEG or PNG"
VIDEOS = (b"\x1a\x45\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"OggS", b"\x30\x26\xb2\x75")
# Brands of ISO media files that are pictures
PICTURES = (b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix", b"hevc", b"hevx", b"crx ")
# What files of formats begin with that are read, unless they are broken or of an unusual kind
READ = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"8BPS": "Photoshop picture",
    b"qoif": "QOI picture",
    b"\0\0\0\x0cjP": "JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "JPEG 2000 picture",
    b"\x01\xda": "SGI picture",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
JPEG_KINDS = {0xC3: "a lossless JPEG", 0xC9: "a JPEG with arithmetic coding"}
AVIF_SIDE, AVIF_PIXELS = 32_768, 16_384**2  # libavif's limits


def refused(stream: BinaryIO, *, max_pixels: int) -> PhotoError:
    """The error for a file that Pillow does not open."""
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(2**16)
    text = next((text for start, text in BEGINNINGS.items() if head.startswith(start)), "")
    if head.startswith(jpeg.START) and not text:
        text = _jpeg(head)
    return _avif(head, max_pixels) or PhotoError(
        text or _media(head, size) or _text(head) or _read(head)
    )


def _jpeg(head: bytes) -> str:
    found = jpeg.frame(head)
    if found is None:
        return "is truncated"
    marker, bits, *_ = found
    if bits != 8:
        return f"is a JPEG with {bits} bits, which is not read: save it with 8 bits"
    kind = JPEG_KINDS.get(marker)
    return f"is {kind}, {ELSE}" if kind else "is damaged"


def _avif(head: bytes, max_pixels: int) -> PhotoError | None:
    # The property "ispe" has the width and the height; grids have one for each tile too
    if head[4:8] != b"ftyp" or b"avi" not in head[8:64]:
        return None
    at, sizes = head.find(b"ispe"), [(0, 0)]
    while at >= 0:
        sides = head[at + 8 : at + 12], head[at + 12 : at + 16]
        sizes.append((int.from_bytes(sides[0]), int.from_bytes(sides[1])))
        at = head.find(b"ispe", at + 4)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    if width * height > min(limits.share("AVIF", max_pixels), AVIF_PIXELS):
        return limits.too_large(width * height, "AVIF", min(max_pixels, AVIF_PIXELS))
    if max(width, height) > AVIF_SIDE:
        return PhotoError(f"has a side longer than the {AVIF_SIDE:,} pixels that are read of AVIF")
    return PhotoError("is a damaged or an unusual AVIF picture: save it as JPEG or PNG")


def _media(head: bytes, size: int) -> str:
    movie = head[4:8] == b"ftyp" and head[8:12] not in PICTURES
    riff = head[:4] == b"RIFF"
    if movie or head.startswith(VIDEOS) or (riff and head[8:12] == b"AVI "):
        return VIDEO
    return _webp(head, size) if riff and head[8:12] == b"WEBP" else ""


def _webp(head: bytes, size: int) -> str:
    told = 8 + int.from_bytes(head[4:8], "little")
    cut = size < told
    return f"is truncated: {100 * size // told} % of its data are there" if cut else "is damaged"


def _text(head: bytes) -> str:
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "is empty"
    if b"<svg" in start and start.startswith(b"<"):
        return f"is an SVG drawing, {ELSE}"
    if start.startswith((b"<!doctype html", b"<html")):
        return "is a web page and no picture: save the picture itself"
    return ""


def _read(head: bytes) -> str:
    name = next((name for start, name in READ.items() if head.startswith(start)), "")
    if name == "Photoshop picture" and head[22:24] not in (b"\0\1", b"\0\x08"):
        bits = int.from_bytes(head[22:24])
        return f"is a Photoshop picture with {bits} bits, which is not read: save it with 8 bits"
    return f"is a damaged or an unusual {name}: save it as JPEG or PNG" if name else "is no picture"
