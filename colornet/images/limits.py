"""Which pictures are too large or too small to be read, and the error that says so."""

from PIL import ImageFile

MAX_PIXELS, MAX_BYTES = 100_000_000, 500_000_000
MIN_SIDE = 32
# Some decoders hold a picture several times (measured: 16, 24, 10, 13 and 12 bytes per pixel).
# These fractions of the limit in pixels keep the memory for reading one picture below 1 GB.
SHARES = {
    "WEBP": 0.5,
    "JPEG2000": 0.3,
    "AVIF": 0.9,
    "HEIC": 0.7,
    "progressive JPEG": 0.75,
    "PPM as text": 0.05,  # for time: Pillow reads about 0.3 megapixels in a second
}
# Pillow opens no larger picture: twice its Image.MAX_IMAGE_PIXELS
PILLOW_PIXELS = 178_956_970


class PhotoError(ValueError):
    """Why a file cannot be used as a photograph; to be read after its name: "is truncated"."""


def check(image: ImageFile.ImageFile, max_pixels: int) -> None:
    """Raises PhotoError for an opened picture that is too large to be decoded, or too small."""
    kind = f"{'progressive ' if image.info.get('progressive') else ''}{image.format}"
    if image.tile and image.tile[0].codec_name == "ppm_plain":
        kind = "PPM as text"
    check_size(*image.size, kind, max_pixels)


def check_size(width: int, height: int, kind: str, max_pixels: int) -> None:
    """Raises PhotoError for a size in pixels that is too large or too small for this format."""
    if width * height > share(kind, max_pixels):
        raise too_large(width * height, kind, max_pixels)
    if min(width, height) < MIN_SIDE:
        raise PhotoError(f"is smaller than {MIN_SIDE} pixels")


def share(kind: str, max_pixels: int) -> int:
    """The limit in pixels for a format, a key of SHARES or any other."""
    return int(max_pixels * SHARES.get(kind, 1))


def too_large(pixels: int, kind: str, max_pixels: int) -> PhotoError:
    """The error for a picture of a format with so many pixels."""
    of = f" for {kind}" if kind in SHARES else ""
    limit = share(kind, max_pixels)
    return PhotoError(f"has {pixels:,} pixels, more than the limit of {limit:,}{of}")


def too_large_for_pillow(max_pixels: int) -> PhotoError:
    """The error for a picture that Pillow does not open, whose size it does not tell."""
    limit = min(max_pixels, PILLOW_PIXELS)
    text = f"has over {PILLOW_PIXELS:,} pixels, more than the limit of {limit:,}"
    return PhotoError(text)
