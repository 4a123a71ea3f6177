"""Hours that each published experiment trains on this machine, in each precision.

Times steps of the real training path, input and all, at 256x256 on the bundled photographs, the
precisions in turn so that the machine's mood cancels out. Run it where params.yaml lies.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from colornet import fetch, params, preprocess
from colornet.system import quiet
from colornet.training import device

AMOUNTS = ("rotation", "shear", "zoom", "flip", "window")


def pictures_per_second(
    runs: dict[str, dict], *, seconds: float, rounds: int
) -> dict[str, dict[str, float]]:
    """model -> precision -> pictures/s, the median of `rounds` timings of `seconds` each.

    runs: of each model the one whose batch, augmentation, optimizer and loss are timed.
    """
    import keras
    import numpy as np

    from colornet.training import dataset, network

    processor = device.choose("auto")
    train = dataset.load("bench", "train")
    found = {}
    for model, run in runs.items():
        batch_size = run["batch_size"]
        scores = np.zeros((len(train.files), 1000), "float32") if model == "final" else None
        batches = dataset.training(
            train._replace(scores=scores),
            batch_size=batch_size,
            first_step=0,
            seed=0,
            augment=dataset.RandomAffine(**{key: run[key] for key in AMOUNTS if key in run}),
            square=False,
        )
        xla = "auto" if processor == "gpu" else False
        students = {}
        for precision in ("bfloat16", "float32"):
            keras.utils.set_random_seed(0)
            students[precision] = network.build(
                model,
                optimizer=run["optimizer"],
                vivid=run.get("vivid"),
                precision=precision,
                xla=xla,
            )
            students[precision].fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
        speeds = {precision: [] for precision in students}
        for _ in range(rounds):
            for precision, student in students.items():
                speeds[precision].append(_speed(student, batches, batch_size, seconds))
        found[model] = {precision: median(values) for precision, values in speeds.items()}
    return found


def _speed(student, batches, batch_size: int, seconds: float) -> float:
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        student.fit(batches, steps_per_epoch=2, shuffle=False, verbose=0)
        steps += 2
    return steps * batch_size / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hours", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    quick = parser.parse_args().quick
    runs = {
        model: {name: run for name, run in found.items() if not name.endswith("-sample")}
        for model, found in params.load()["train"].items()
    }
    quiet.import_tensorflow()
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fetch.run("bench", source="bundled")
        preprocess.run("bench", size=256, train=24, validation=4, test=4)
        first = {model: next(iter(found.values())) for model, found in runs.items()}
        speeds = pictures_per_second(first, seconds=1 if quick else 15, rounds=1 if quick else 3)
        os.chdir(before)

    figures = {}
    print(f"\n{device.describe(device.choose('auto'))}, 256x256")
    print(f"{'':16}{'bfloat16':>22}{'float32':>22}")
    for model, by_precision in speeds.items():
        for name, run in runs[model].items():
            pictures = run["epochs"] * run["steps_per_epoch"] * run["batch_size"]
            cells = []
            for precision, speed in by_precision.items():
                hours = pictures / speed / 3600
                figures[f"{name}_{precision}_h"] = round(hours, 2)
                cells.append(f"{speed:5.1f} /s {hours:6.1f} h")
            print(f"{name:16}" + "".join(f"{cell:>22}" for cell in cells))
        for precision, speed in by_precision.items():
            figures[f"{model}_{precision}_pictures_per_s"] = round(speed, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
