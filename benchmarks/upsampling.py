"""How to scale small colours up to the picture's size: the error of four ways, in units of ab.

A photograph's own colours are made small, scaled up again, and compared with the original ones. A
network whose output has that size cannot do better. By default on the photographs that scikit-image
carries; more photographs give a more reliable result.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.crops import photographs
from colornet.colour import lab
from colornet.images import photo
from colornet.inference import fullsize
from colornet.square import box_of

SIZES = (32, 64, 128, 256)


def scaled(values: np.ndarray, size: tuple[int, int], kind: Image.Resampling) -> np.ndarray:
    """(h, w, 2) float32 -> (H, W, 2) float32; size: (W, H)."""
    channels = [Image.fromarray(np.ascontiguousarray(each)) for each in np.moveaxis(values, 2, 0)]
    return np.stack([np.asarray(each.resize(size, kind)) for each in channels], axis=-1)


def published_filter(grey: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset as He and Sun have them: both averaged, which changes the small colours."""
    guide, ab, mean = grey[None], np.moveaxis(ab, 2, 0), fullsize.window_mean
    variance = mean(guide * guide) - mean(guide) ** 2
    slope = (mean(guide * ab) - mean(guide) * mean(ab)) / (variance + 1e-3)
    offset = mean(mean(ab) - slope * mean(guide))
    return np.moveaxis(mean(slope), 0, 2), np.moveaxis(offset, 0, 2)


def ways(picture: Image.Image, ab: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> (H, W, 2) float32: the small colours `ab` at the picture's size."""
    grey = picture.convert("L")
    small, light = fullsize.small_grey(grey, ab), np.asarray(grey, "float32")[..., None] / 255
    up = {
        "nearest": scaled(ab, picture.size, Image.Resampling.NEAREST),
        "bilinear": scaled(ab, picture.size, Image.Resampling.BILINEAR),
    }
    for name, lines in (("guided filter", published_filter), ("colornet", fullsize.guided)):
        slope, offset = (
            scaled(each, picture.size, Image.Resampling.BILINEAR) for each in lines(small, ab)
        )
        up[name] = slope * light + offset
    return up


def pictures(folder: Path | None, most: int) -> Iterable[Image.Image]:
    """About `most` photographs of a folder, evenly chosen; without one the bundled ones."""
    if folder is None:
        return photographs()
    files = sorted(file for file in folder.iterdir() if file.is_file())
    return (photo.read(file.read_bytes()) for file in files[:: max(1, len(files) // most)])


def errors(picture: Image.Image) -> dict[int, dict[str, float]]:
    """Longer side of the small colours -> way -> root mean square error in units of ab."""
    truth, found = lab.ab(np.asarray(picture)), {}
    for size in (size for size in SIZES if size < max(picture.size)):
        small = picture.resize(box_of(*picture.size, size)[2:], Image.Resampling.LANCZOS)
        found[size] = {
            name: lab.AB_SCALE * float(np.sqrt(((up - truth) ** 2).mean()))
            for name, up in ways(picture, lab.ab(np.asarray(small))).items()
        }
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upsampling", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of photographs")
    parser.add_argument("--quick", action="store_true", help="20 photographs at most")
    options = parser.parse_args(argv)
    found = [errors(picture) for picture in pictures(options.folder, 20 if options.quick else 100)]
    names = list(found[0][SIZES[0]])
    print(f"{len(found)} photographs, root mean square error of a and b\n")
    print(f"| longer side | {' | '.join(names)} |\n|---|{'--:|' * len(names)}")
    means = {}
    for size in SIZES:
        rows = [each[size] for each in found if size in each]
        if rows:
            means[size] = {
                name: round(float(np.mean([row[name] for row in rows])), 3) for name in names
            }
            print(f"| {size} | {' | '.join(f'{mean:.2f}' for mean in means[size].values())} |")
    print(json.dumps({"photographs": len(found), "rms_ab": means}))


if __name__ == "__main__":
    main()
