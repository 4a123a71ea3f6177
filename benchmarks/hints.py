"""What colour hints do and take: the error with 0, 1, 3 and 10 of them, and seconds.

The hints are taken from colour photographs, for the network that colours by default. The first one
lies on the largest object: of the connected parts in which the error of ab is above the picture's
mean the largest, and there the place that is farthest from its border. Each further one lies where
the mean square error of 9 x 9 pixels, with the hints so far, is largest. Gains are mean
differences of the error of ab in dB, at the size of the network's colours.
first_s and next_ms are of the processor, so of one core: the first hint and each further one at
128 pixels, once the network's colours are there. twelve_megapixel_s is all of a Colorizer's work
on a decoded picture with ten hints, on all cores. It runs where data/gallery lies.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from colornet.colorizer import Colorizer, default
from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.hints import Hint
from colornet.images import photo
from colornet.inference import spread
from colornet.inference.fullsize import finish, small_grey
from colornet.inference.spread import Spread

COUNTS = {"one": 1, "three": 3, "ten": 10}
PHOTOGRAPHS, AROUND = 10, 9  # of the gallery, evenly chosen; pixels
LARGE = (4000, 3000)
ROUNDS = 5  # of which the fastest counts
PAIRS = 1_000_000  # of a colour and a grey


def gallery(count: int) -> list[Image.Image]:
    files = sorted(Path("data/gallery").glob("*.jpg"))
    return [photo.read(files[len(files) * n // count]) for n in range(count)]


def gains(colorizer: Colorizer, picture: Image.Image) -> tuple[dict[str, float], list[Hint]]:
    """The gains of one, three and ten hints in dB, and the hints."""
    shown, truth, rgb = _pair(colorizer, picture)
    grey = picture.convert("L")
    work, hints, ab, found = Spread(small_grey(grey, shown), grey), list[Hint](), shown, {}
    for number in range(1, max(COUNTS.values()) + 1):
        place = _farthest(ab - truth) if number == 1 else _worst(ab - truth)
        hints.append(_hint(rgb, *place))
        ab = work(shown, hints)
        found[number] = 10 * np.log10(_error(shown, truth) / _error(ab, truth))
    return {name: float(found[number]) for name, number in COUNTS.items()}, hints


def _pair(colorizer: Colorizer, picture: Image.Image) -> tuple[np.ndarray, ...]:
    """The colours without hints, those of the photograph, and its RGB, at the same small size."""
    shown = saturate(colorizer.colours(picture), colorizer.saturation)
    rgb = np.asarray(picture.resize(shown.shape[1::-1], Image.Resampling.BOX))
    return shown, lab.ab(rgb), rgb


def _error(ab: np.ndarray, truth: np.ndarray) -> float:
    return float(((ab - truth) ** 2).mean())


def _farthest(error: np.ndarray) -> tuple[int, int]:
    size = np.linalg.norm(error, axis=2)
    parts, _ = ndimage.label(size > size.mean())
    largest = parts == 1 + np.bincount(parts.ravel())[1:].argmax()
    inside = ndimage.distance_transform_edt(np.pad(largest, 1))[1:-1, 1:-1]
    return np.unravel_index(inside.argmax(), inside.shape)


def _worst(error: np.ndarray) -> tuple[int, int]:
    mean = ndimage.uniform_filter((error**2).sum(axis=2), AROUND, mode="nearest")
    return np.unravel_index(mean.argmax(), mean.shape)


def _hint(rgb: np.ndarray, row: int, column: int) -> Hint:
    red, green, blue = (int(each) for each in rgb[row, column])
    return Hint((column + 0.5) / rgb.shape[1], (row + 0.5) / rgb.shape[0], (red, green, blue))


@contextmanager
def without_edges() -> Iterator[None]:
    """All neighbours belong together alike."""
    kept, spread.SHARPNESS = spread.SHARPNESS, np.inf
    try:
        yield
    finally:
        spread.SHARPNESS = kept


def mean_gains(colorizer: Colorizer, pictures: list[Image.Image]) -> dict[str, float]:
    rows = [gains(colorizer, picture)[0] for picture in pictures]
    return {
        f"gain_{name}_db": round(float(np.mean([row[name] for row in rows])), 2) for name in COUNTS
    }


def errors(colorizer: Colorizer, pictures: list[Image.Image]) -> list[float]:
    """Root mean square errors of ab in units with 0, 1, 3 and 10 hints: means over the pictures."""
    rows = []
    for picture in pictures:
        shown, truth, _ = _pair(colorizer, picture)
        start = lab.AB_SCALE * np.sqrt(_error(shown, truth))
        found, _ = gains(colorizer, picture)
        rows.append([start, *(start * 10 ** (-gain / 20) for gain in found.values())])
    return np.mean(rows, axis=0).round(2).tolist()


def met(pairs: int) -> float:
    """The share of random sRGB colours that, at a random grey, are within 2 units of `lab.fit`."""
    random = np.random.default_rng(0)
    grey = Image.fromarray(random.integers(0, 256, (1, pairs), "uint8"))
    ab = lab.ab(random.integers(0, 256, (1, pairs, 3), "uint8"))
    shown = lab.ab(np.asarray(finish(grey, ab, saturation=1)))
    fitted = lab.fit(lab.lightness(np.asarray(grey))[..., None], ab)
    return round(float((lab.distance(shown, fitted) < 2).mean()), 5)


def seconds(colorizer: Colorizer, picture: Image.Image) -> dict[str, float]:
    _, hints = gains(colorizer, picture)
    shown, grey = saturate(colorizer.colours(picture), 1), picture.convert("L")
    first, following = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        work = Spread(small_grey(grey, shown), grey)
        work(shown, hints[:1])
        first.append(time.process_time() - start)
        start = time.process_time()
        for count in range(2, len(hints) + 1):
            work(shown, hints[:count])
        following.append((time.process_time() - start) / (len(hints) - 1))
    large = picture.resize(LARGE, Image.Resampling.BICUBIC)
    return {
        "first_s": round(min(first), 3),
        "next_ms": round(1000 * min(following), 1),
        "twelve_megapixel_s": round(min(_whole(colorizer, large, hints) for _ in range(3)), 2),
        "twelve_megapixel_without_s": round(min(_whole(colorizer, large, []) for _ in range(3)), 2),
    }


def _whole(colorizer: Colorizer, picture: Image.Image, hints: list[Hint]) -> float:
    start = time.perf_counter()
    colorizer(picture, hints=hints)
    return time.perf_counter() - start


def sheet(colorizer: Colorizer, pictures: list[Image.Image], file: Path) -> None:
    """Writes rows of grey, without hints, with one, with ten, and the photograph."""
    height, rows = 200, []
    for picture in pictures:
        _, hints = gains(colorizer, picture)
        row = [picture.convert("L").convert("RGB")]
        row += [colorizer(picture, hints=hints[:count]) for count in (0, 1, 10)]
        width = round(height * picture.width / picture.height)
        rows.append(np.hstack([each.resize((width, height)) for each in (*row, picture)]))
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 4), (0, width - row.shape[1]), (0, 0))) for row in rows]
    Image.fromarray(np.vstack(padded)).save(file)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hints", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three photographs")
    parser.add_argument("--sheet", type=Path, help="a picture file for all of them side by side")
    options = parser.parse_args(argv)
    colorizer, pictures = Colorizer(default()), gallery(3 if options.quick else PHOTOGRAPHS)
    found: dict = seconds(colorizer, pictures[0]) | mean_gains(colorizer, pictures)
    found["rms_ab"] = errors(colorizer, pictures)
    found["met"] = met(PAIRS)
    with without_edges():
        found["without_edges"] = mean_gains(colorizer, pictures)
    if options.sheet:
        sheet(colorizer, pictures, options.sheet)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
