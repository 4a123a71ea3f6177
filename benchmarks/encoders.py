"""Writing a picture of 12 megapixels in each format: seconds, megabytes, and the loss.

The picture is a mosaic of photographs at the size at which they were taken: enlarged ones would be
smoother than photographs are. Beside colornet's settings, with their cause: the settings of Pillow.
"""

import argparse
import io
import json
import time
import zlib
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.crops import photographs
from colornet.cli import encoders, original
from colornet.metrics import psnr
from colornet.system import machine

SIZE, BLOCK = (4000, 3000), 250  # pixels
# Name -> format, and options of Pillow's save, which colornet does not use
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "AVIF, speed 6 (Pillow's)": ("AVIF", encoders.options("AVIF") | {"speed": 6}),
    "AVIF, speed 8": ("AVIF", encoders.options("AVIF") | {"speed": 8}),
    "PNG, level 6 (Pillow's)": ("PNG", {}),
    "PNG, level 3": ("PNG", {"compress_level": 3}),
    "PNG, level 1": ("PNG", {"compress_level": 1}),
    "PNG, run lengths": ("PNG", {"compress_level": 1, "compress_type": zlib.Z_RLE}),
    "TIFF, LZW": ("TIFF", {"compression": "tiff_lzw", "tiffinfo": {317: 2}}),
    "WebP, method 2": ("WEBP", encoders.options("WEBP") | {"method": 2}),
}


def mosaic(size: tuple[int, int]) -> Image.Image:
    """Parts of photographs beside and below each other, none enlarged, no two alike."""
    picture, random = Image.new("RGB", size), np.random.default_rng(0)
    whole = [each for each in photographs() if min(each.size) > BLOCK]
    for number, place in enumerate(np.ndindex(size[1] // BLOCK + 1, size[0] // BLOCK + 1)):
        source = whole[number % len(whole)]
        left, top = random.integers(0, np.array(source.size) - BLOCK).tolist()
        part = source.crop((left, top, left + BLOCK, top + BLOCK))
        picture.paste(part, (place[1] * BLOCK, place[0] * BLOCK))
    return picture


def measured(encode: Callable[[], bytes], picture: Image.Image, repeats: int) -> dict[str, float]:
    """Seconds, those of all cores together, megabytes, PSNR in dB, 100 without loss."""
    seconds, work, content = [], [], b""
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        content = encode()
        seconds.append(time.perf_counter() - start)
        work.append(time.process_time() - cpu)
    with Image.open(io.BytesIO(content)) as copy:
        loss = psnr(np.asarray(picture), np.asarray(copy.convert("RGB")))
    return {"seconds": median(seconds), "cpu": median(work), "mb": len(content) / 1e6, "psnr": loss}


def by_pillow(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    """The content of a file by Pillow alone."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def measure(size: tuple[int, int], repeats: int) -> dict[str, dict[str, float]]:
    """Figures by name: colornet's formats by their endings, then OTHERS."""
    picture = mosaic(size)
    given, figures = original.Original(picture, None, True), {}
    for ending in (".jpg", ".png", ".tif", ".webp", ".avif", ".bmp"):

        def ours(ending: str = ending) -> bytes:
            return original.encode(picture, given, suffix=ending, mark="benchmark")

        figures[ending] = measured(ours, picture, repeats)
    for name, (kind, options) in OTHERS.items():

        def other(kind: str = kind, options: dict[str, Any] = options) -> bytes:
            return by_pillow(picture, kind, options)

        figures[name] = measured(other, picture, repeats)
    return figures


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoders", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(argv)
    figures = measure(SIZE, options.repeats)
    print(f"{machine.cores()} cores, {SIZE[0]} x {SIZE[1]} pixels, quality 95")
    print("| | seconds | of all cores | MB | PSNR |\n|---|--:|--:|--:|--:|")
    for name, row in figures.items():
        times = f"{row['seconds']:.2f} | {row['cpu']:.2f}"
        print(f"| {name} | {times} | {row['mb']:.1f} | {row['psnr']:.1f} |")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
