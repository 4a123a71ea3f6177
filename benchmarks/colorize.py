"""Colouring photographs: seconds, memory, and how many times as fast as the published scripts.

Two processes take turns, colornet's way and the published way with the same network (beta). The
figures without a published counterpart are those of the network that colours by default.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from PIL import Image
from skimage.color import rgb2lab

from benchmarks.crops import crops
from benchmarks.published_way import WAYS, Process
from colornet.cli import original
from colornet.colorizer import Colorizer, default
from colornet.colour import lab
from colornet.inference import fullsize
from colornet.square import box_of

PICTURE, TWELVE = (500, 375), (4000, 3000)  # pixels; the second is 12 megapixels


def in_turn(folder: Path, *, pictures: int, repeats: int, folders: int) -> dict:
    """Milliseconds for a square, and pictures/s of a folder, of both ways, and their ratios."""
    for name in WAYS:
        (folder / name).mkdir()
    processes = {way: Process(way) for way in WAYS}
    single: dict[str, list[float]] = {way: [] for way in WAYS}
    whole: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way, process in processes.items():
            single[way].append(process.seconds())
    for _ in range(folders):
        for way, process in processes.items():
            whole[way].append(process.seconds(folder / "photos", folder / way))
    for process in processes.values():
        process.close()
    return {
        "single_ms": {way: 1000 * median(each) for way, each in single.items()},
        "pictures_per_s": {way: pictures / median(each) for way, each in whole.items()},
        "single_ratio": median(single["published"]) / median(single["ours"]),
        "folder_ratio": median(whole["published"]) / median(whole["ours"]),
    }


def command(*arguments: str | Path) -> tuple[float, float]:
    """Seconds of the command `colornet` from start to end, and its peak memory in MB."""
    # Keras loads JAX where it is installed; colornet needs it only in its tests
    code = (
        "import sys; sys.modules['jax'] = None; from colornet import colorize; colorize.command()"
    )
    call = [sys.executable, "-c", code, *map(str, arguments), "--overwrite"]
    start, most = time.perf_counter(), 0
    with subprocess.Popen(call, stderr=subprocess.DEVNULL) as process:
        seen = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                most = max(most, seen.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.005)
    assert process.returncode == 0
    return time.perf_counter() - start, most / 1e6


def twelve_megapixels(file: Path, repeats: int) -> float:
    """Seconds from a JPEG of 12 megapixels to the coloured JPEG, with the network loaded."""
    colorizer, seconds = Colorizer(default()), []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        given = original.read(file)
        output = colorizer(given.picture)
        original.save(output, file.with_name("out.jpg"), given, mark=colorizer.name)
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])


def same_at_any_size(count: int) -> float:
    """Mean difference in units of ab between one picture's colours at 512, 2,000 and 8,000 px.

    The largest of `count` pictures.
    """
    colorizer, worst = Colorizer(default()), 0.0
    for picture in crops(count, (8000, 6000)):
        small = []
        for side in (512, 2000, 8000):
            size = box_of(*picture.size, side)[2:]
            given = picture.resize(size, Image.Resampling.LANCZOS)
            output = fullsize.finish(given, colorizer.colours(given), saturation=1)
            small.append(lab.ab(np.asarray(output.resize((256, 192), Image.Resampling.BOX))))
        worst = max(worst, *(lab.AB_SCALE * abs(each - small[0]).mean() for each in small[1:]))
    return worst


def lightness_off(count: int, folder: Path) -> tuple[float, float]:
    """Differences of L from the grey picture's: at 99.9 % of pixels, and at 99 % of the JPEG's.

    The largest of `count` pictures of 3 megapixels, by the default network, at quality 95.
    """
    colorizer, worst = Colorizer(default()), (0.0, 0.0)
    for picture in crops(count, (2000, 1500)):
        picture.save(folder / "given.png")
        given = original.read(folder / "given.png")
        output = colorizer(given.picture)
        original.save(output, folder / "out.jpg", given, mark=None)
        before = _lightness(picture.convert("L").convert("RGB"))
        with Image.open(folder / "out.jpg") as encoded:
            both = [abs(_lightness(each) - before) for each in (output, encoded)]
        found = (np.quantile(both[0], 0.999), np.quantile(both[1], 0.99))
        worst = (max(worst[0], float(found[0])), max(worst[1], float(found[1])))
    return worst


def _lightness(picture: Image.Image) -> np.ndarray:
    """L in [0, 100], as scikit-image computes it."""
    return rgb2lab(np.asarray(picture))[..., 0]


def measure(folder: Path, *, quick: bool) -> dict:
    """All figures; `folder` is empty."""
    repeats, pictures = (3, 40) if quick else (9, 200)
    (folder / "photos").mkdir()
    for number, picture in enumerate(crops(pictures, PICTURE)):
        picture.save(folder / "photos" / f"{number:03}.jpg", quality=90)
    crops(1, TWELVE)[0].save(folder / "twelve.jpg", quality=90)
    figures = in_turn(folder, pictures=pictures, repeats=repeats, folders=1 if quick else 3)
    figures["twelve_megapixel_s"] = twelve_megapixels(folder / "twelve.jpg", repeats)
    out = ("--output", folder / "out")
    figures["twelve_megapixel_mb"] = command(folder / "twelve.jpg", *out)[1]
    starts = [command(folder / "photos" / "000.jpg", *out)[0] for _ in range(repeats)]
    figures["start_s"] = median(starts)
    off = lightness_off(3 if quick else 7, folder)
    figures["lightness_off"], figures["jpeg_lightness_off"] = off
    figures["sizes_ab"] = same_at_any_size(2 if quick else 5)
    return figures


def show(figures: dict) -> None:
    """Prints the figures as a table and sentences."""
    print("| | ours | published way | ratio |\n|---|--:|--:|--:|")
    for name, ratio in (("single_ms", "single_ratio"), ("pictures_per_s", "folder_ratio")):
        pair = figures[name]
        row = f"{pair['ours']:.1f} | {pair['published']:.1f} | {figures[ratio]:.1f}"
        print(f"| {name.replace('_', ' ')} | {row} |")
    print(f"\n12 megapixels, JPEG to JPEG: {figures['twelve_megapixel_s']:.2f} s;", end=" ")
    print(f"the command takes {figures['twelve_megapixel_mb']:.0f} MB.")
    print(f"From the command line to the first picture: {figures['start_s']:.1f} s.")
    print(f"L differs by {figures['lightness_off']:.2f} at 99.9 % of pixels,", end=" ")
    print(f"after JPEG by {figures['jpeg_lightness_off']:.2f} at 99 %.")
    print(f"At 512, 2,000, 8,000 px colours differ by {figures['sizes_ab']:.2f} units of ab.")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.colorize", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), quick=options.quick)
    show(figures)
    print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
