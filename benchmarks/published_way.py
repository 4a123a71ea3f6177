"""Colouring in colornet's way and in the published scripts' way, each in a process of its own.

The published way, with the same network: squares of 256 pixels, Keras's `predict` on TensorFlow,
scikit-image's Lab. `benchmarks.colorize` starts both processes and lets them take turns.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import crops
from colornet import colorize, paths
from colornet.colorizer import Colorizer
from colornet.system import quiet

RUN = paths.PRETRAINED / "beta-siamese"
SIZE, TOGETHER = 256, 40  # the published scripts coloured 40 pictures at once

Single = Callable[[Image.Image], Image.Image]  # picture -> coloured picture
Folder = Callable[[Path, Path], None]  # a folder of pictures and an empty one -> coloured files


def ours() -> tuple[Single, Folder]:
    """colornet's way."""
    colorizer = Colorizer(RUN)

    def folder(source: Path, target: Path) -> None:
        call = [str(source), "--run", str(RUN), "--output", str(target), "--overwrite"]
        assert colorize.main(call) == 0

    return colorizer, folder


def published() -> tuple[Single, Folder]:
    """The published way; its coloured pictures are squares."""
    quiet.import_tensorflow()
    import keras
    from skimage.color import lab2rgb, rgb2lab

    network = keras.models.load_model(RUN / "model.keras", compile=False)

    def batch(squares: list[Image.Image]) -> list[Image.Image]:
        lightness = [rgb2lab(np.asarray(square) / 255)[..., :1] for square in squares]
        ab = network.predict(np.stack(lightness) / 100, verbose=0) * 128
        joined = np.concatenate([np.stack(lightness), ab], axis=-1)
        return [Image.fromarray((lab2rgb(each) * 255).astype("uint8")) for each in joined]

    def folder(source: Path, target: Path) -> None:
        files = sorted(source.iterdir())
        for start in range(0, len(files), TOGETHER):
            some = files[start : start + TOGETHER]
            squares = [Image.open(file).convert("RGB").resize((SIZE, SIZE)) for file in some]
            for file, output in zip(some, batch(squares), strict=True):
                output.save(target / file.name)

    return lambda picture: batch([picture])[0], folder


WAYS = {"ours": ours, "published": published}


class Process:
    """A process that colours in one of WAYS when asked to, and measures itself."""

    def __init__(self, way: str):
        call = [sys.executable, "-m", "benchmarks.published_way", way]
        self.process = subprocess.Popen(
            call,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout.readline().strip() == "ready", f"{way} did not start"

    def seconds(self, *files: Path) -> float:
        """Seconds for one square picture, or for the folders source and target if given."""
        print(*files, sep="\t", file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()


def main(way: str) -> None:
    """Reads a line for each task, as `Process.seconds` writes it; prints the seconds it took."""
    single, folder = WAYS[way]()
    square = crops.crops(1, (SIZE, SIZE))[0]
    single(square)  # the first picture takes longer
    print("ready", flush=True)
    for line in sys.stdin:
        files = [Path(file) for file in line.strip("\n").split("\t") if file]
        start = time.perf_counter()
        if files:
            folder(*files)
        else:
            single(square)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
