"""How each format is compressed: the options of Pillow's save, of speed and quality."""

import zlib
from typing import Any

from colornet.system import machine

# Colours keep the resolution of the picture, and transparent parts their colours. Measured by
# benchmarks/encoders.py: speed 9 takes a sixth of the time of AVIF's usual speed 6, for 7 % more
# bytes and 0.3 dB less. Run lengths take a third of the time of PNG's usual compression, and 4 %
# more bytes: the noise of photographs repeats nowhere.
LOSSY: dict[str, dict[str, Any]] = {
    "JPEG": {"subsampling": 0},
    "AVIF": {"subsampling": "4:4:4", "speed": 9},
    "WEBP": {"exact": True},
}
PNG: dict[str, Any] = {"compress_level": 1, "compress_type": zlib.Z_RLE}


def options(kind: str, quality: int = 95) -> dict[str, Any]:
    """The options for a format, Pillow's name of it; quality, 0 to 100, for JPEG, WebP and AVIF."""
    if kind == "PNG":
        return PNG
    if kind not in LOSSY:
        return {}
    threads = {"max_threads": machine.cores()} if kind == "AVIF" else {}
    return LOSSY[kind] | {"quality": quality} | threads
