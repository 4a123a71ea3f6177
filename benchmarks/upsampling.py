"""How small colours are best brought up to full size: the error of four ways, in units of ab.

Photographs' own colours, made small and brought up again, beside those they had: what a network
of that size could reach at best. By default those that scikit-image carries; others tell more.
"""

import argparse
import json
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

from colornet.colour import lab
from colornet.images import photo
from colornet.square import box_of
from colornet.inference import fullsize
from colornet.sources import bundled

SIZES = (32, 64, 128, 256)


def bilinear(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    channels = [Image.fromarray(np.ascontiguousarray(each)) for each in np.moveaxis(values, 2, 0)]
    up = [each.resize(size, Image.Resampling.BILINEAR) for each in channels]
    return np.stack([np.asarray(each) for each in up], axis=-1)


def whole_filter(grey: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """He and Sun's own: the offset is averaged too, so the small colours don't stay."""
    guide, ab, mean = grey[None], np.moveaxis(ab, 2, 0), fullsize.window_mean
    variance = mean(guide * guide) - mean(guide) ** 2
    slope = (mean(guide * ab) - mean(guide) * mean(ab)) / (variance + 1e-3)
    lines = mean(slope), mean(mean(ab) - slope * mean(guide))
    return tuple(np.moveaxis(each, 0, 2) for each in lines)


def ways(picture: Image.Image, ab: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> (H, W, 2) float32: small colours at the picture's size."""
    grey = picture.convert("L")
    small, light = fullsize.small_grey(grey, ab), np.asarray(grey, "float32")[..., None] / 255
    up = {
        "nearest": np.stack(
            [
                np.asarray(Image.fromarray(np.ascontiguousarray(each)).resize(picture.size, 0))
                for each in np.moveaxis(ab, 2, 0)
            ],
            axis=-1,
        ),
        "bilinear": bilinear(ab, picture.size),
    }
    for name, lines in (("guided filter", whole_filter), ("colornet", fullsize.guided)):
        slope, offset = (bilinear(each, picture.size) for each in lines(small, ab))
        up[name] = slope * light + offset
    return up


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upsampling", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="of photographs")
    parser.add_argument("--quick", action="store_true", help="20 photographs at most")
    options = parser.parse_args(argv)
    if options.folder:
        files = sorted(file for file in options.folder.iterdir() if file.is_file())
    else:
        data = resources.files("skimage") / "data"
        files = [data / one.file for one in bundled.PHOTOGRAPHS.values()]
    files = files[:: max(1, len(files) // (20 if options.quick else 100))]
    errors: dict[int, dict[str, list[float]]] = {size: {} for size in SIZES}
    for file in files:
        picture = photo.read(file.read_bytes())
        truth = lab.ab(np.asarray(picture))
        for size in (size for size in SIZES if size < max(picture.size)):
            side = box_of(*picture.size, size)[2:]
            ab = lab.ab(np.asarray(picture.resize(side, Image.Resampling.LANCZOS)))
            for name, up in ways(picture, ab).items():
                error = lab.AB_SCALE * float(np.sqrt(((up - truth) ** 2).mean()))
                errors[size].setdefault(name, []).append(error)
    names = list(errors[SIZES[0]])
    print(f"{len(files)} photographs, root mean square error of a and b\n")
    print(f"| longer side | {' | '.join(names)} |\n|---|{'--:|' * len(names)}")
    means = {}
    for size, found in errors.items():
        if found:
            means[size] = {name: round(float(np.mean(values)), 3) for name, values in found.items()}
            print(f"| {size} | {' | '.join(f'{mean:.2f}' for mean in means[size].values())} |")
    print(json.dumps({"photographs": len(files), "rms_ab": means}))


if __name__ == "__main__":
    main()
