"""A picture file -> what is coloured and what its coloured copy keeps; that copy -> a file.

Knows neither networks nor runs.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from colornet.cli import embedding, encoders, metadata, names, tiff
from colornet.cli.metadata import Metadata
from colornet.images import dots, photo, srgb
from colornet.images.photo import PhotoError
from colornet.system import whole

# The longest side in pixels that WebP's fields, libjpeg and libavif allow
LONGEST = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768}


@dataclass(frozen=True)
class Original:
    """A file's picture and what its coloured copy keeps of it."""

    picture: Image.Image  # "RGB", upright, sRGB; transparent parts with the colours stored there
    alpha: Image.Image | None  # "L", of the same size; None for an opaque picture
    coloured: bool  # the picture has colour: not photo.is_grey(picture)
    metadata: Metadata = Metadata()
    pages: int = 1  # how many pictures the file has
    notes: tuple[str, ...] = ()  # those of photo.Decoded, and what else was done to the picture


def read(
    file: photo.File,
    *,
    max_pixels: int = photo.MAX_PIXELS,
    max_bytes: int = photo.MAX_BYTES,
    page: int = 1,
    keep_dots: bool = False,
) -> Original:
    """The original in a file (path, content or open stream); `page` counts from 1.

    Dots of black and white are smoothed, unless `keep_dots`. Raises PhotoError and OSError as
    photo.read does; broken metadata is left out.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as stream:
            limits: dict[str, Any] = {"max_pixels": max_pixels, "max_bytes": max_bytes}
            return read(stream, **limits, page=page, keep_dots=keep_dots)
    decoded = photo.load(file, max_pixels=max_pixels, max_bytes=max_bytes, page=page)
    picture, alpha = photo.split(decoded.image)
    about, coloured = metadata.read(decoded.image), not photo.is_grey(picture)
    picture, notes = _without_dots(picture, keep_dots)
    return Original(picture, alpha, coloured, about, decoded.pages, decoded.notes + notes)


def _without_dots(picture: Image.Image, keep: bool) -> tuple[Image.Image, tuple[str, ...]]:
    """What is coloured, and what is to be said about it."""
    smooth = dots.removed(picture)
    if smooth and keep:
        return picture, ("stays grey: dots of pure black and white hold no colour",)
    if smooth:
        return smooth, ("dots smoothed",)
    if dots.stays_grey(picture):
        return picture, ("stays grey: pure black and white hold no colour",)
    return picture, ()


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
) -> tuple[str, ...]:
    """Writes a picture into the file `target`, as `encode` does; its suffix names the format.

    Returns the names of the original's metadata that this format cannot hold or that are broken,
    such as "IPTC", "comment", "broken XMP". `target` appears only when it is complete. Raises what
    `encode` raises, and OSError where the file cannot be written.
    """
    ending = target.suffix
    content, lost = _encoded(picture, original, suffix=ending, quality=quality, mark=mark)
    # Not by Pillow: when a full disk cuts a write short, it reports no error
    with whole.file(target) as stream:
        stream.write(content)
    return lost


@contextmanager
def pages(
    target: Path, count: int, *, mark: str | None
) -> Iterator[Callable[[Image.Image, Original], tuple[str, ...]]]:
    """Gives a function that appends a page to the TIFF `target`: add(picture, original).

    It returns what `save` returns. There are at most `count` pages, of which only one at a time is
    in memory. `target` appears only when the block ends without an exception. Raises what `save`
    raises.
    """
    with whole.file(target) as stream, tiff.Pages(stream, pages=count) as writer:

        def add(picture: Image.Image, original: Original) -> tuple[str, ...]:
            tags, lost = embedding.tags(original.metadata, mark=mark)
            writer.add(_with_alpha(picture, original), tags, original.metadata.dpi)
            return lost

        yield add


def encode(
    picture: Image.Image, original: Original, *, suffix: str, quality: int = 95, mark: str | None
) -> bytes:
    """The content of a file of `picture`, mode "RGB", with the original's alpha and metadata.

    `picture` has the original's size. `suffix` names the format; `quality`, 0 to 100, is for JPEG,
    WebP and AVIF. `mark`, a run's name, adds XMP that says what made the colours. BMP holds neither
    EXIF nor XMP; in JPEG and BMP transparent parts become white. Raises PhotoError for a picture
    that the format cannot hold.
    """
    return _encoded(picture, original, suffix=suffix, quality=quality, mark=mark)[0]


def _encoded(
    picture: Image.Image, original: Original, *, suffix: str, quality: int, mark: str | None
) -> tuple[bytes, tuple[str, ...]]:
    kind = names.WRITTEN.get(suffix.lower())
    if kind is None:
        raise PhotoError(f"cannot be written as {suffix or 'a file without a suffix'}")
    if max(picture.size) > LONGEST.get(kind, max(picture.size)):
        raise PhotoError(f"has a side longer than the {LONGEST[kind]:,} pixels that {kind} holds")
    content, about = io.BytesIO(), original.metadata
    if kind == "TIFF":
        tags, lost = embedding.tags(about, mark=mark)
        with tiff.Pages(content) as writer:
            writer.add(_with_alpha(picture, original), tags, about.dpi)
        return content.getvalue(), lost
    options, lost = embedding.options(kind, about, mark=mark)
    if kind in ("JPEG", "BMP"):
        picture = srgb.on_white(picture, original.alpha)
    else:
        picture = _with_alpha(picture, original)
    picture.save(content, kind, **options, **encoders.options(kind, quality))
    return content.getvalue(), lost


def _with_alpha(picture: Image.Image, original: Original) -> Image.Image:
    if original.alpha is None:
        return picture
    picture = picture.copy()
    picture.putalpha(original.alpha)
    return picture
