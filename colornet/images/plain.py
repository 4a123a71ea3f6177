"""Picture files of all formats but TIFF, HEIC and raw files: opened and decoded by Pillow."""

import io
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageFile

from colornet.images import frames, ico, jpeg, limits, naming, pillow, png
from colornet.images.limits import PhotoError
from colornet.system import formats


class Loaded(NamedTuple):
    """A decoded picture, how many the file has, and notes as those of photo.Decoded."""

    image: Image.Image
    pages: int
    notes: tuple[str, ...] = ()


class _UnreadableError(Exception):
    """Pillow does not open a file, or does not decode it; it may when the file is mended."""

    def __init__(self, *, opened: bool = False, truncated: bool = False):
        super().__init__()
        self.opened, self.truncated = opened, truncated


def load(stream: BinaryIO, name: str, *, max_pixels: int, page: int) -> Loaded:
    """A decoded picture of a file; `page` counts from 1, and `name` is the file's, or "".

    What keeps Pillow from reading intact pixels is left out or added. Raises PhotoError.
    """
    try:
        return _read(stream, name, max_pixels, page)
    except _UnreadableError as fault:
        stream.seek(0)
        head = stream.read(len(png.SIGNATURE))
        if head == png.SIGNATURE:
            return _mended_png(stream, max_pixels, page)
        if head.startswith(jpeg.START) and fault.opened == fault.truncated:
            return _mended_jpeg(stream, fault, max_pixels, page)
        raise _refused(stream, fault, max_pixels) from fault


def _mended_png(stream: BinaryIO, max_pixels: int, page: int) -> Loaded:
    bare = png.bare(stream)
    try:
        image, pages, notes = _read(bare.stream, "", max_pixels, page)
    except _UnreadableError as fault:
        there = png.there(stream) if fault.truncated else ""
        if there:
            raise PhotoError(f"is truncated: {there}") from fault
        raise _refused(stream, fault, max_pixels) from fault
    if bare.profile:
        image.info["icc_profile"] = bare.profile
    return Loaded(image, pages, notes + bare.notes)


def _mended_jpeg(stream: BinaryIO, fault: _UnreadableError, max_pixels: int, page: int) -> Loaded:
    stream.seek(0)
    content = stream.read()
    if fault.truncated and page == 1:
        try:
            image, there = jpeg.with_end(content, lambda more: _open(io.BytesIO(more), ["JPEG"]))
        except (OSError, _UnreadableError) as error:
            raise PhotoError("is truncated") from error
        if there:
            raise PhotoError(f"is truncated: {there}") from fault
        return Loaded(image, len(frames.places(image)))
    try:
        mended = io.BytesIO(jpeg.without_broken_metadata(content))
        return _read(mended, "", max_pixels, page)
    except _UnreadableError as again:
        raise _refused(stream, again, max_pixels) from again


def _refused(stream: BinaryIO, fault: _UnreadableError, max_pixels: int) -> PhotoError:
    if fault.truncated:
        return PhotoError("is truncated")
    named = naming.refused(stream, max_pixels=max_pixels)
    return PhotoError("is damaged") if fault.opened and "not read" not in str(named) else named


def _read(stream: BinaryIO, name: str, max_pixels: int, page: int) -> Loaded:
    stream.seek(0)
    if stream.read(4) == ico.SIGNATURE:
        content = ico.png(stream)
        if content is None:
            return Loaded(ico.bitmap(stream, max_pixels), 1)
        return _read(content, "", max_pixels, 1)
    try:
        image = _open(stream, formats.readers(name))
    except Image.DecompressionBombError as error:
        raise limits.too_large_for_pillow(max_pixels) from error
    limits.check(image, max_pixels)
    places = frames.places(image)
    if not 1 <= page <= len(places):
        raise PhotoError(f"has {len(places)} pictures, and no picture {page}")
    try:
        if page > 1:
            image.seek(places[page - 1])
            limits.check(image, max_pixels)
        if image.format == "PNG":
            png.decode(image, stream)
        else:
            image.load()
    except (MemoryError, KeyboardInterrupt, PhotoError):
        raise
    except Exception as error:
        cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
        raise _UnreadableError(opened=True, truncated=cut) from error
    return Loaded(image, len(places))


def _open(stream: BinaryIO, readers: list[str]) -> ImageFile.ImageFile:
    stream.seek(0)
    try:
        with pillow.quiet():
            return Image.open(stream, formats=readers)
    except (MemoryError, KeyboardInterrupt, Image.DecompressionBombError):
        raise
    except Exception as error:
        raise _UnreadableError() from error
