"""Colouring photographs: seconds, memory, and how many times as fast as the published scripts.

Two processes take turns: ours, and the published way with the same network (beta): squares of 256
pixels, Keras's `predict` on TensorFlow, scikit-image's Lab.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from PIL import Image
from skimage.color import rgb2lab

from colornet import colorize, paths
from colornet.cli import original
from colornet.colorizer import Colorizer, default
from colornet.colour import lab
from colornet.images import photo
from colornet.square import box_of
from colornet.inference import fullsize
from colornet.sources import bundled

RUN = paths.PRETRAINED / "beta-siamese-60"
SIZE, LONG, TOGETHER = 256, 500, 40  # the published scripts coloured 40 pictures at once
TWELVE = (4000, 3000)


def pictures(count: int, size: tuple[int, int]) -> list[Image.Image]:
    """Crops of the photographs that scikit-image carries, all different."""
    random, folder = np.random.default_rng(0), resources.files("skimage") / "data"
    whole = [photo.read((folder / one.file).read_bytes()) for one in bundled.PHOTOGRAPHS.values()]
    crops = []
    for number in range(count):
        source = whole[number % len(whole)]
        side = random.integers(min(source.size) // 2, min(source.size))
        left, top = random.integers(0, np.array(source.size) - side + 1)
        crop = source.crop((left, top, left + side, top + side))
        crops.append(crop.resize(size, Image.Resampling.BICUBIC))
    return crops


def ours() -> tuple:
    """(picture -> coloured picture, files and a folder -> coloured files)."""
    colorizer = Colorizer(RUN)

    def folder(source: Path, target: Path):
        call = [str(source), "--run", str(RUN), "--output", str(target), "--overwrite"]
        assert colorize.main(call) == 0

    return colorizer, folder


def published() -> tuple:
    """As `ours`, in the way of the published scripts; only squares come out."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    from skimage.color import lab2rgb, rgb2lab

    network = keras.models.load_model(RUN / "model.keras", compile=False)

    def batch(squares: list[Image.Image]) -> list[Image.Image]:
        lightness = [rgb2lab(np.asarray(square) / 255)[..., :1] for square in squares]
        ab = network.predict(np.stack(lightness) / 100, verbose=0) * 128
        joined = np.concatenate([np.stack(lightness), ab], axis=-1)
        return [Image.fromarray((lab2rgb(each) * 255).astype("uint8")) for each in joined]

    def folder(source: Path, target: Path):
        files = sorted(source.iterdir())
        for start in range(0, len(files), TOGETHER):
            some = files[start : start + TOGETHER]
            squares = [Image.open(file).convert("RGB").resize((SIZE, SIZE)) for file in some]
            for file, output in zip(some, batch(squares), strict=True):
                output.save(target / file.name)

    return lambda picture: batch([picture])[0], folder


def serve(kind: str) -> None:
    """Answers lines "single", "folder SOURCE TARGET" with seconds, once each is done."""
    single, folder = {"ours": ours, "published": published}[kind]()
    square = pictures(1, (SIZE, SIZE))[0]
    single(square)  # both are measured warm
    print("ready", flush=True)
    for line in sys.stdin:
        what, *files = line.split("\t")
        start = time.perf_counter()
        if what.strip() == "single":
            single(square)
        else:
            folder(*(Path(file.strip()) for file in files))
        print(time.perf_counter() - start, flush=True)


class Process:
    """One of the two that take turns."""

    def __init__(self, kind: str):
        call = [sys.executable, "-m", "benchmarks.colorize", "--serve", kind]
        env = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(
            call, **pipes, stderr=subprocess.DEVNULL, text=True, env=env
        )
        assert self.process.stdout.readline().strip() == "ready", f"{kind} did not start"

    def seconds(self, *line) -> float:
        print(*line, sep="\t", file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def command(*arguments) -> tuple[float, float]:
    """Seconds of `colornet` from start to end, and the most MB that it held."""
    # Keras loads JAX where it is installed, which colornet asks for in its tests alone
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
    """Seconds from a JPEG of 12 megapixels to the coloured one, the network being loaded."""
    colorizer, seconds = Colorizer(RUN), []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        given = original.read(file)
        original.save(colorizer(given.picture), file.with_name("out.jpg"), given, mark=RUN.name)
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])


def same_at_any_size(repeats: int) -> float:
    """Mean difference in units of ab between one picture's colours at 512, 2,000 and 8,000 px."""
    colorizer, worst = Colorizer(RUN), 0.0
    for picture in pictures(repeats, (8000, 6000)):
        small = []
        for side in (512, 2000, 8000):
            given = picture.resize(box_of(*picture.size, side)[2:], Image.Resampling.LANCZOS)
            output = fullsize.finish(given, colorizer.colours(given), saturation=1)
            small.append(lab.ab(np.asarray(output.resize((256, 192), Image.Resampling.BOX))))
        worst = max(worst, *(lab.AB_SCALE * abs(each - small[0]).mean() for each in small[1:]))
    return worst


def lightness_off(count: int, folder: Path) -> tuple[float, float]:
    """Differences of L from the grey picture's: at 99.9 % of pixels, and at 99 % of the JPEG's.

    The worst of photographs of 3 megapixels, by the default network, at quality 95.
    """
    colorizer, worst = Colorizer(default()), (0.0, 0.0)
    for picture in pictures(count, (2000, 1500)):
        picture.save(folder / "given.png")
        given = original.read(folder / "given.png")
        output = colorizer(given.picture)
        original.save(output, folder / "out.jpg", given, mark=None)
        with Image.open(folder / "out.jpg") as encoded:
            after = [rgb2lab(np.asarray(each))[..., 0] for each in (output, encoded)]
        before = rgb2lab(np.asarray(picture.convert("L").convert("RGB")))[..., 0]
        found = (
            np.quantile(abs(L - before), at) for L, at in zip(after, (0.999, 0.99), strict=True)
        )
        worst = tuple(map(max, worst, map(float, found)))
    return worst


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.colorize", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    parser.add_argument("--serve", choices=["ours", "published"], help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        return serve(options.serve)
    repeats, many = (3, 40) if options.quick else (9, 200)
    figures = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("photos", "ours", "published"):
            (folder / name).mkdir()
        for number, picture in enumerate(pictures(many, (LONG, LONG * 3 // 4))):
            picture.save(folder / "photos" / f"{number:03}.jpg", quality=90)
        pictures(1, TWELVE)[0].save(folder / "twelve.jpg", quality=90)
        both = {kind: Process(kind) for kind in ("ours", "published")}
        single, whole = {kind: [] for kind in both}, {kind: [] for kind in both}
        for _ in range(repeats):
            for kind, process in both.items():
                single[kind].append(process.seconds("single"))
        for _ in range(1 if options.quick else 3):
            for kind, process in both.items():
                seconds = process.seconds("folder", folder / "photos", folder / kind)
                whole[kind].append(seconds)
        for process in both.values():
            process.close()
        figures["single_ms"] = {kind: 1000 * median(each) for kind, each in single.items()}
        figures["pictures_per_s"] = {kind: many / median(each) for kind, each in whole.items()}
        figures["single_ratio"] = median(single["published"]) / median(single["ours"])
        figures["folder_ratio"] = median(whole["published"]) / median(whole["ours"])
        figures["twelve_megapixel_s"] = twelve_megapixels(folder / "twelve.jpg", repeats)
        out = ("--output", folder / "out", "--run", RUN)
        figures["twelve_megapixel_mb"] = command(folder / "twelve.jpg", *out)[1]
        starts = [command(folder / "photos" / "000.jpg", *out)[0] for _ in range(repeats)]
        figures["start_s"] = median(starts)
        figures["lightness_off"], figures["jpeg_lightness_off"] = lightness_off(
            3 if options.quick else 7, folder
        )
    figures["sizes_ab"] = same_at_any_size(2 if options.quick else 5)
    print("| | ours | published way | ratio |\n|---|--:|--:|--:|")
    for name, ratio in (("single_ms", "single_ratio"), ("pictures_per_s", "folder_ratio")):
        pair = figures[name]
        title = name.replace("_", " ")
        row = f"{pair['ours']:.1f} | {pair['published']:.1f} | {figures[ratio]:.1f}"
        print(f"| {title} | {row} |")
    print(f"\n12 megapixels, JPEG to JPEG: {figures['twelve_megapixel_s']:.2f} s;", end=" ")
    print(f"the command {figures['twelve_megapixel_mb']:.0f} MB.")
    print(f"From the command line to the first picture: {figures['start_s']:.1f} s.")
    print(f"L differs by {figures['lightness_off']:.2f} at 99.9 % of pixels,", end=" ")
    print(f"after JPEG by {figures['jpeg_lightness_off']:.2f} at 99 %.")
    print(f"At 512, 2,000, 8,000 px colours differ by {figures['sizes_ab']:.2f} units of ab.")
    print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
