"""How much colour is left of a network's gain when the photograph is worn: a table.

Old pictures are not the grey that networks train on: early plates saw no red, prints fade, film has
grain. Each kind is made here from colour photographs, so that the truth is known.
Run it where data/ lies: python -m benchmarks.worn pretrained/lite-photos --dataset gallery
"""

import argparse
import json
from collections.abc import Callable
from itertools import islice

import numpy as np
from PIL import Image

from colornet import evaluate, metrics, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.square import resized

LUMA = (0.299, 0.587, 0.114)  # BT.601
BLACK, WHITE, GAMMA = 0.15, 0.85, 1.25  # of a faded print
GRAIN = 0.05  # standard deviation, of grey in [0, 1]

Wear = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def mixed(*weights: float) -> Wear:
    """A plate or film that sees red, green and blue with these weights."""
    return lambda rgb, _: rgb @ np.array(weights)


def faded(grey: np.ndarray) -> np.ndarray:
    return BLACK + (WHITE - BLACK) * grey**GAMMA


def grainy(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return grey + GRAIN * random.standard_normal(grey.shape)


# Orthochromatic and blue-sensitive plates as Luo et al., "Time-Travel Rephotography"
# (arXiv:2012.12261), simulate them
KINDS: dict[str, Wear] = {
    "plain": mixed(*LUMA),
    "orthochromatic": mixed(0, 0.5, 0.5),
    "blue-sensitive": mixed(0, 0, 1),
    "faded": lambda rgb, _: faded(rgb @ np.array(LUMA)),
    "grain": lambda rgb, random: grainy(rgb @ np.array(LUMA), random),
    "all": lambda rgb, random: grainy(faded(rgb @ np.array([0, 0.5, 0.5])), random),
}


def gains(colorizer: Colorizer, dataset: str, *, limit: int | None) -> dict[str, float]:
    """{kind: mean gain}: the ab error in dB below that of leaving the picture grey.

    Over the first `limit` test pictures, at saturation 1.
    """
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    pictures = evaluate.squares(paths.prepared(dataset), "test", dataset)
    for number, (_, square, box) in enumerate(islice(pictures, limit)):
        truth = box.cut(square)
        ab = lab.ab(truth)
        grey_error = metrics.mse_ab(np.zeros_like(ab), ab)
        for kind, wear in KINDS.items():
            worn = wear(truth / 255, np.random.default_rng(number)).clip(0, 1)
            picture = Image.fromarray(np.rint(255 * worn).astype("uint8"))
            predicted = colorizer.colours(picture, size=len(square))
            error = metrics.mse_ab(resized(predicted, box.width, box.height), ab)
            found[kind].append(10 * np.log10(grey_error / error))
    return {kind: round(float(np.mean(values)), 2) for kind, values in found.items()}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worn", description=__doc__)
    parser.add_argument("runs", nargs="+", help="folders of trained runs")
    parser.add_argument("--dataset", action="append", required=True, help="of data/prepared")
    parser.add_argument("--quick", action="store_true", help="rougher: ten pictures of each")
    options = parser.parse_args(argv)
    limit = 10 if options.quick else None
    found = {
        dataset: {run: gains(Colorizer(run), dataset, limit=limit) for run in options.runs}
        for dataset in options.dataset
    }
    print("\n| dataset | run | " + " | ".join(KINDS) + " |\n" + "|---" * (2 + len(KINDS)) + "|")
    for dataset, runs in found.items():
        for run, row in runs.items():
            cells = " | ".join(f"{gain:+.2f}" for gain in row.values())
            print(f"| {dataset} | {run} | {cells} |")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
