"""Seconds until Try it's downloads are made: one 48-megapixel PNG, and a zip of two."""

import argparse
import json
import time
from functools import partial
from statistics import median

import numpy as np

from benchmarks.visitors import SIZE, photograph
from colornet.system import memory
from dashboard import downloads
from dashboard.attempt import Given
from dashboard.downloads import Download


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.downloads", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each once")
    repeats = 1 if parser.parse_args(argv).quick else 3
    memory.give_back()  # as dashboard/router.py does
    content = photograph(SIZE, seed=0)
    ramp = np.linspace(-0.3, 0.3, 256 * 192, dtype="float32").reshape(192, 256)
    given, ab = Given("id", "large.jpg", lambda: content), np.stack([ramp, -ramp], axis=-1)
    one = partial(downloads.original, given, ab, saturation=1.0)
    two = partial(downloads.zipped, [Download(f"{n}.png", one, 0) for n in "ab"])
    figures = {}
    for name, make in (("one", one), ("zip_of_two", two)):
        seconds = []
        for _ in range(repeats):
            start, cpu = time.perf_counter(), time.process_time()
            size = len(make())
            seconds.append(time.perf_counter() - start)
            figures[f"{name}_cpu_s"] = round(time.process_time() - cpu, 2)
        figures[f"{name}_s"], figures[f"{name}_mb"] = round(median(seconds), 2), round(size / 1e6)
        print(f"{name:11} {figures[f'{name}_s']:.2f} s, {figures[f'{name}_mb']} MB")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
