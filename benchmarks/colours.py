"""Gain in PSNR over grey against colourfulness, for runs on test pictures, pale to vivid.

Each of the two numbers alone can be cheated: a picture left grey loses no PSNR to wrong guesses,
and any colour at all is colourful. One set of weights gives a curve: its saturation is varied.
Run it where data/ lies: python -m benchmarks.colours pretrained/beta-siamese pretrained/lite-photos
--dataset siamese --dataset cats-dogs
"""

import argparse
import json
import time
from itertools import islice
from pathlib import Path

import numpy as np

from colornet import evaluate, metrics, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.colour.colourfulness import colourfulness, saturate

TIMED = 16  # squares that are coloured at once while the time is measured
SATURATIONS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0)


def curve(
    colorizer: Colorizer, dataset: str, split: str, limit: int | None, weights: np.ndarray
) -> dict:
    """Means over the first `limit` pictures at each saturation: gain in dB, colourfulness, AuC.

    Colourfulness is a share of the photographs' own. The last saturation is the run's own.
    weights: `rarity` of the dataset.
    """
    saturations = [*SATURATIONS, colorizer.saturation]
    rows, truths, greys = [], [], []
    for _, square, box in islice(evaluate.squares(paths.prepared(dataset), split, dataset), limit):
        truth, grey = box.cut(square), box.cut(lab.grey(square))
        predicted = evaluate.predicted(colorizer, grey, size=len(square))
        lightness, truth_ab = lab.lightness(grey), lab.ab(truth)
        rare = weights[metrics.colour_classes(truth_ab)]
        rows.append(
            [
                _scores(saturate(predicted, at), lightness, truth, truth_ab, rare)
                for at in saturations
            ]
        )
        truths.append(colourfulness(truth))
        greys.append(metrics.psnr(np.repeat(grey, 3, axis=-1).astype("uint8"), truth))
    means = np.mean(rows, axis=0)
    gains, shares = means[:, 0] - np.mean(greys), means[:, 1] / np.mean(truths)
    return {
        "pictures": len(rows),
        "psnr_grey": round(float(np.mean(greys)), 3),
        "colourfulness_truth": round(float(np.mean(truths)), 2),
        "saturations": saturations,
        "gain_db": gains.round(3).tolist(),
        "share": shares.round(3).tolist(),
        "auc": means[:, 2].round(4).tolist(),
        "auc_rebalanced": means[:, 3].round(4).tolist(),
        **_summary(gains[:-1], shares[:-1]),
    }


def _scores(
    ab: np.ndarray,
    lightness: np.ndarray,
    truth: np.ndarray,
    truth_ab: np.ndarray,
    rare: np.ndarray,
) -> tuple[float, float, float, float]:
    """PSNR, colourfulness, AuC and rebalanced AuC of one picture.

    ab, truth_ab: (H, W, 2) float32 in [-1, 1]; lightness: (H, W, 1) float32 in [0, 1]; truth:
    (H, W, 3) uint8; rare: (H, W), the weight of each pixel.
    """
    output = lab.rgb(lightness, lab.fit(lightness, ab))
    auc = metrics.auc(ab, truth_ab), metrics.auc(ab, truth_ab, rare)
    return metrics.psnr(output, truth), colourfulness(output), *auc


def _summary(gains: np.ndarray, shares: np.ndarray) -> dict:
    """The best gain, and the gain at half of the photographs' colourfulness or None."""
    best = int(np.argmax(gains))
    beyond = np.flatnonzero(shares >= 0.5)
    half = None
    if len(beyond):
        last = beyond[0]
        pair = slice(max(last - 1, 0), last + 1)
        half = round(float(np.interp(0.5, shares[pair], gains[pair])), 3)
    return {
        "best_gain_db": round(float(gains[best]), 3),
        "best_share": round(float(shares[best]), 3),
        "half_gain_db": half,
    }


def rarity(dataset: str) -> np.ndarray:
    """The weights of `metrics.auc` from the train split of a dataset."""
    return metrics.rarity(evaluate.colour_counts(paths.prepared(dataset)))


def milliseconds(colorizers: list[Colorizer], size: int, *, rounds: int = 9) -> list[float]:
    """Milliseconds for the colours of a square of `size` pixels, of each; medians of `rounds`."""
    grey = np.random.default_rng(0).integers(0, 256, (TIMED, size, size), "uint8")
    seconds = np.empty((rounds + 1, len(colorizers)))
    for turn in seconds:  # the first includes compiling
        for place, colorizer in enumerate(colorizers):
            began = time.perf_counter()
            colorizer.predict(grey)
            turn[place] = time.perf_counter() - began
    return (1000 / TIMED * np.median(seconds[1:], axis=0)).tolist()


def draw(found: dict[str, dict[str, dict]], file: Path) -> None:
    """Draws a panel for each dataset, a curve for each run, a dot at the run's own saturation."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "colornet"  # the same bytes for the same curves
    from matplotlib import pyplot

    datasets = list(found)
    figure, axes = pyplot.subplots(
        1, len(datasets), figsize=(3 * len(datasets), 3.6), sharey=True, squeeze=False
    )
    for axis, dataset in zip(axes[0], datasets, strict=True):
        for run, one in found[dataset].items():
            auc = f"AuC {one['auc'][-1]:.3f}, rebalanced {one['auc_rebalanced'][-1]:.3f}"
            count = len(one["saturations"]) - 1
            (line,) = axis.plot(one["share"][:count], one["gain_db"][:count], label=f"{run}\n{auc}")
            axis.plot(one["share"][-1], one["gain_db"][-1], "o", color=line.get_color())
        axis.axhline(0, color="grey", linewidth=0.8, linestyle="--")
        axis.axvline(0.5, color="grey", linewidth=0.8, linestyle=":")
        axis.set(title=f"{dataset}, {one['pictures']} pictures", xlim=(0, 1), ylim=(-4.5, 3.5))
        axis.set_xlabel("colourfulness, share of the photographs'", fontsize=8)
        axis.legend(fontsize=7, loc="lower left")
    axes[0][0].set_ylabel("PSNR over grey, dB")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def show(found: dict[str, dict[str, dict]]) -> None:
    """Prints a row for each dataset and run."""
    head = ["data set", "run", "pictures", "best gain, dB", "at", "gain at half, dB"]
    head += ["own saturation", "gain, dB", "colourfulness", "AuC", "rebalanced"]
    print("\n| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for dataset, runs in found.items():
        for run, one in runs.items():
            half = "not reached" if one["half_gain_db"] is None else f"{one['half_gain_db']:+.2f}"
            cells = [dataset, run, one["pictures"], f"{one['best_gain_db']:+.2f}"]
            cells += [f"{one['best_share']:.0%}", half, f"{one['saturations'][-1]:.2f}"]
            cells += [f"{one['gain_db'][-1]:+.2f}", f"{one['share'][-1]:.0%}"]
            cells += [f"{one['auc'][-1]:.3f}", f"{one['auc_rebalanced'][-1]:.3f}"]
            print("| " + " | ".join(map(str, cells)) + " |")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.colours", description=__doc__)
    parser.add_argument("runs", nargs="+", help="folders of trained runs")
    parser.add_argument("--dataset", action="append", required=True, help="of data/prepared")
    parser.add_argument("--split", default="test", choices=paths.SPLITS)
    parser.add_argument("--figure", type=Path, help="the SVG file for a drawing of the curves")
    parser.add_argument("--quick", action="store_true", help="rougher: five pictures of each")
    options = parser.parse_args(argv)
    found: dict[str, dict[str, dict]] = {}
    colorizers = [Colorizer(run) for run in options.runs]
    limit = 5 if options.quick else None
    for dataset in options.dataset:
        weights = rarity(dataset)
        found[dataset] = {
            each.name: curve(each, dataset, options.split, limit, weights) for each in colorizers
        }
    show(found)
    size = min(colorizer.size for colorizer in colorizers)
    print(f"\n| run | parameters | ms for a square of {size} pixels |\n|---|---|---|")
    for colorizer, ms in zip(colorizers, milliseconds(colorizers, size), strict=True):
        print(f"| {colorizer.name} | {colorizer.parameters:,} | {ms:.1f} |")
    if options.figure:
        draw(found, options.figure)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
