"""A picture file -> what is coloured and what its coloured copy keeps; that copy -> a file.

Knows neither networks nor runs.
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from colornet.cli import metadata, names
from colornet.images import photo, srgb
from colornet.images.photo import PhotoError
from colornet.system import whole

# The longest side in pixels that WebP's fields, libjpeg and libavif allow
LONGEST = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768}
# Options of Pillow's save for formats with a quality: colours keep the resolution of the picture,
# and transparent parts their colours
OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"subsampling": 0},
    "AVIF": {"subsampling": "4:4:4"},
    "WEBP": {"exact": True},
}


@dataclass(frozen=True)
class Original:
    """A file's picture and what its coloured copy keeps of it."""

    picture: Image.Image  # "RGB", upright, sRGB; transparent parts with the colours stored there
    alpha: Image.Image | None  # "L", of the same size; None for an opaque picture
    coloured: bool  # the picture has colour: not photo.is_grey(picture)
    exif: bytes | None  # date, camera, place; neither orientation nor thumbnail
    dpi: tuple[float, float] | None
    pages: int = 1  # how many pictures the file has
    notes: tuple[str, ...] = ()  # those of photo.Decoded, and what else was done to the picture


def read(
    file: photo.File,
    *,
    max_pixels: int = photo.MAX_PIXELS,
    max_bytes: int = photo.MAX_BYTES,
    page: int = 1,
) -> Original:
    """The original in a file (path, content or open stream); `page` counts from 1.

    Raises PhotoError and OSError as photo.read does; broken metadata is left out.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as stream:
            return read(stream, max_pixels=max_pixels, max_bytes=max_bytes, page=page)
    decoded = photo.load(file, max_pixels=max_pixels, max_bytes=max_bytes, page=page)
    exif, dpi = metadata.exif(decoded.image), metadata.dpi(decoded.image)
    picture, alpha = photo.split(decoded.image)
    coloured = not photo.is_grey(picture)
    return Original(picture, alpha, coloured, exif, dpi, decoded.pages, decoded.notes)


def side_by_side(before: Original, after: Image.Image) -> tuple[Original, Image.Image]:
    """Grey and coloured picture in one, and the original with an alpha of the same size."""
    width, size = after.width, (2 * after.width, after.height)
    both = Image.new("RGB", size)
    both.paste(before.picture.convert("L"), (0, 0))
    both.paste(after, (width, 0))
    if before.alpha is None:
        return before, both
    alpha = Image.new(before.alpha.mode, size)
    alpha.paste(before.alpha, (0, 0))
    alpha.paste(before.alpha, (width, 0))
    return replace(before, alpha=alpha), both


def save(
    picture: Image.Image, target: Path, original: Original, *, quality: int = 95, mark: str | None
) -> None:
    """Writes a picture into the file `target`, as `encode` does; its suffix names the format.

    `target` appears only when it is complete. Raises what `encode` raises, and OSError where the
    file cannot be written.
    """
    content = encode(picture, original, suffix=target.suffix, quality=quality, mark=mark)
    # Not by Pillow: when a full disk cuts a write short, it reports no error
    with whole.file(target) as stream:
        stream.write(content)


def encode(
    picture: Image.Image, original: Original, *, suffix: str, quality: int = 95, mark: str | None
) -> bytes:
    """The content of a file of `picture`, mode "RGB", with the original's alpha and metadata.

    `picture` has the original's size. `suffix` names the format; `quality`, 0 to 100, is for JPEG,
    WebP and AVIF. `mark`, a run's name, adds XMP that says what made the colours. BMP holds neither
    EXIF nor XMP; in JPEG and BMP transparent parts become white. Raises PhotoError for a picture
    that the format cannot hold.
    """
    kind = names.WRITTEN.get(suffix.lower())
    if kind is None:
        raise PhotoError(f"cannot be written as {suffix or 'a file without a suffix'}")
    if max(picture.size) > LONGEST.get(kind, max(picture.size)):
        raise PhotoError(f"has a side longer than the {LONGEST[kind]:,} pixels that {kind} holds")
    if kind in ("JPEG", "BMP"):
        picture = srgb.on_white(picture, original.alpha)
    elif original.alpha is not None:
        picture = picture.copy()
        picture.putalpha(original.alpha)
    options = metadata.options(kind, exif=original.exif, dpi=original.dpi, mark=mark)
    if kind in OPTIONS:
        options |= OPTIONS[kind] | {"quality": quality}
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()
