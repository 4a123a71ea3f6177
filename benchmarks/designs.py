"""What each part of lite's recipe is worth: trainings with one change each, scored in one way.

All begin from the same seed and take the same number of steps. The scores are those of
`benchmarks.colours`, on validation splits. Run it where data/ lies, with the datasets prepared:
python -m benchmarks.designs --train coco-test --dataset siamese --dataset cats-dogs
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from benchmarks import colour_classes, colours
from colornet import paths, train
from colornet.colorizer import Colorizer
from colornet.training import dataset as data
from colornet.training import network, pictures
from colornet.training.parameters import Parameters

RECIPE = {
    "encoder": "efficientnet-lite2",
    "batch_size": 16,
    "optimizer": "adamw",
    "learning_rate": 0.0005,  # 0.002 is for 256 windows in a step
    "decay": "cosine",
    "weight_decay": 0.02,
    "clip": 5.0,
    "mean_of_weights": 0.99,
    "window": 192,
    "narrowest": 105,
    "zoom": 0.12,
    "flip": True,
    "other_greys": 0.25,
    "worn": 0.4,
    "vivid": 0.07,
}
CELLS = "a second head: cross-entropy over cells of ab"
# name -> how it differs from the recipe
VARIANTS = {
    "none": {},
    "no ImageNet weights in the encoder": {"encoder": None},
    "squared error": {"vivid": None},
    CELLS: {},
    "no worn and other greys": {"worn": 0.0, "other_greys": 0.0},
    "no mean of the weights": {"mean_of_weights": None},
}


def trained(name: str, train_on: str, steps: int, window: int) -> Path:
    """Trains a variant in runs/; returns the folder of the run."""
    per_epoch = max(1, steps // 5)
    section = {**RECIPE, "dataset": train_on, "epochs": steps // per_epoch, "window": window}
    section |= {"steps_per_epoch": per_epoch, "narrowest": min(105, window)} | VARIANTS[name]
    parameters = Parameters(**section)
    run = f"variant-{list(VARIANTS).index(name)}"
    with contextlib.ExitStack() as stack:
        if name == CELLS:
            rare = colour_classes.rebalancing(_shares(parameters))
            stack.enter_context(colour_classes.training_with_cells(rare))
        train.run(run, "lite", parameters)
    if name == CELLS:
        file = paths.run(run) / "model.keras"
        network.save(colour_classes.plain(keras.models.load_model(file, compile=False)), file)
    return paths.run(run)


def _shares(parameters: Parameters) -> np.ndarray:
    """The share of each cell among the pixels of the first training pictures."""
    few = pictures.load(parameters.dataset, "train")
    found = np.zeros(len(colour_classes.cells()))
    for _, target in data.fixed(pictures.first(few, 500), parameters):
        near = np.asarray(colour_classes.distances(target[:, ::8, ::8, :2])).argmin(axis=-1)
        found += np.bincount(near.ravel(), minlength=len(found))
    return found / found.sum()


def _cell(scores: dict) -> str:
    """The best gain and its colourfulness, and the gain at half of the colourfulness."""
    half = "–" if scores["half_gain_db"] is None else f"{scores['half_gain_db']:+.2f}"
    return f"{scores['best_gain_db']:+.2f} at {scores['best_share']:.0%}, {half}"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.designs", description=__doc__)
    parser.add_argument("--train", required=True, help="the dataset to train on")
    parser.add_argument("--dataset", action="append", required=True, help="to score; repeatable")
    parser.add_argument("--steps", type=int, default=1000, help="of 16 windows each")
    parser.add_argument("--window", type=int, default=192, help="pixels")
    parser.add_argument("--only", action="append", choices=VARIANTS, help="repeatable")
    options = parser.parse_args(argv)
    weights = {dataset: colours.rarity(dataset) for dataset in options.dataset}
    found, here = {}, Path("data").resolve()
    print("| change | minutes | " + " | ".join(options.dataset) + " |")
    print("|---" * (2 + len(options.dataset)) + "|", flush=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.symlink(here, "data")
        for name in options.only or VARIANTS:
            began = time.perf_counter()
            with contextlib.redirect_stdout(None):
                run = trained(name, options.train, options.steps, options.window)
            minutes = (time.perf_counter() - began) / 60
            scores = {
                dataset: colours.curve(Colorizer(run), dataset, "validation", None, weight)
                for dataset, weight in weights.items()
            }
            found[name] = {"minutes": round(minutes, 1), **scores}
            cells = [name, f"{minutes:.1f}", *map(_cell, scores.values())]
            print("| " + " | ".join(cells) + " |", flush=True)
            keras.backend.clear_session()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
