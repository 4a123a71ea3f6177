"""HEIC content -> the same picture as PNG content, with EXIF, XMP, colour profile.

It is decoded in another process: pi-heif 1.4 ends with a segmentation fault on one of 500 damaged
files (benchmarks/fuzz.py), and a fault there must not end a batch or the dashboard.
"""

import importlib.util
import io
import subprocess
import sys

# Brands of files that libheif reads. Pillow reads those that also list AVIF as a brand.
BRANDS = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftyphevx", b"ftypmif1", b"ftypmsf1")
SECONDS = 60
TOO_LARGE, NO_PICTURE = 3, 4  # exit codes


class TooLargeError(Exception):
    """A picture has more pixels than allowed: `pixels`."""

    def __init__(self, pixels: int):
        super().__init__(f"has {pixels:,} pixels")
        self.pixels = pixels


def is_heic(head: bytes) -> bool:
    """Whether a file that begins with `head`, 64 bytes, is a HEIC picture."""
    return head[4:12] in BRANDS and b"avif" not in head


def readable() -> bool:
    """Whether pi-heif is installed."""
    return importlib.util.find_spec("pi_heif") is not None


def png(content: bytes, *, max_pixels: int) -> bytes:
    """HEIC content as PNG content: upright, not compressed.

    Raises TooLargeError for more than `max_pixels`, before anything is decoded; OSError with a
    reason ("is damaged") for content that is no picture or damaged.
    """
    # -P: the folder of this file is not searched for modules
    command = [sys.executable, "-P", __file__, str(max_pixels)]
    try:
        # A process group of its own: Ctrl-C in a terminal must not make the picture "damaged"
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, process_group=0
        )
    except subprocess.TimeoutExpired as error:
        raise OSError("is damaged") from error
    if done.returncode == TOO_LARGE:
        raise TooLargeError(int(done.stdout))
    if done.returncode:
        raise OSError("is no picture" if done.returncode == NO_PICTURE else "is damaged")
    return done.stdout


def main() -> None:
    """The other process: HEIC on its standard input -> PNG on its standard output."""
    import pi_heif
    from PIL import Image, PngImagePlugin

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    Image.MAX_IMAGE_PIXELS = None  # the caller gives the limit
    try:
        image: Image.Image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=["HEIF"])
    except Exception:
        sys.exit(NO_PICTURE)
    if image.width * image.height > int(sys.argv[1]):
        print(image.width * image.height, end="")
        sys.exit(TOO_LARGE)
    image.load()
    kept = {key: image.info[key] for key in ("exif", "icc_profile") if image.info.get(key)}
    texts = PngImagePlugin.PngInfo()
    if xmp := image.info.get("xmp"):
        texts.add_itxt("XML:com.adobe.xmp", xmp)
    image = image.convert("RGBA") if image.mode == "RGBa" else image
    image.save(sys.stdout.buffer, "PNG", compress_level=0, pnginfo=texts, **kept)


if __name__ == "__main__":
    main()
