"""Hours that each published experiment trains on this machine, in each precision.

Measures steps of the real training, including its input, at 256x256 or the run's own windows, on
the bundled photographs. The precisions take turns, so that changes of the machine's speed affect
both. Run it where params.yaml lies.
"""

import argparse
import json
import time
from statistics import median

from benchmarks import training_set
from colornet import params
from colornet.system import quiet
from colornet.training import device

PRECISIONS = ("bfloat16", "float32")
LARGEST = 20  # pictures in a step; a run for a GPU may have more
OPTIONS = ("optimizer", "learning_rate", "weight_decay", "clip", "mean_of_weights", "vivid")


def pictures_per_second(
    model: str, run: dict, *, batch_size: int, seconds: float, rounds: int
) -> dict[str, float]:
    """precision -> pictures/s, the median of `rounds` measurements of `seconds` each.

    run: the section of params.yaml whose augmentation, optimizer and loss are used.
    """
    import keras

    from colornet.training import fused, network

    parameters = training_set.parameters(batch_size, **run | {"class_scores": None})
    batches = training_set.batches(model, parameters)
    options = {key: getattr(parameters, key) for key in OPTIONS}
    networks, on_gpu = {}, device.choose("auto") == "gpu"
    for precision in PRECISIONS:
        keras.utils.set_random_seed(0)
        xla = "auto" if on_gpu else False
        built = network.build(model, precision=precision, xla=xla, **options)
        networks[precision] = built if on_gpu else fused.normalize(built)
        networks[precision].fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    speeds: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
    for _ in range(rounds):
        for precision in PRECISIONS:
            steps = _steps_per_second(networks[precision], batches, seconds)
            speeds[precision].append(steps * batch_size)
    return {precision: median(values) for precision, values in speeds.items()}


def _steps_per_second(network, batches, seconds: float) -> float:
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        network.fit(batches, steps_per_epoch=2, shuffle=False, verbose=0)
        steps += 2
    return steps / (time.perf_counter() - began)


def hours(runs: dict[str, dict], speeds: dict[str, float]) -> dict[str, float]:
    """Prints the hours of each run of a network in each precision, and returns them."""
    figures = {}
    for name, run in runs.items():
        pictures = run["epochs"] * run["steps_per_epoch"] * run["batch_size"]
        cells = []
        for precision, speed in speeds.items():
            time_needed = pictures / speed / 3600
            figures[f"{name}_{precision}_h"] = round(time_needed, 2)
            cells.append(f"{speed:5.1f} /s {time_needed:6.1f} h")
        print(f"{name:16}" + "".join(f"{cell:>22}" for cell in cells))
    return figures


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hours", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    quick = parser.parse_args(argv).quick
    runs = {
        model: {name: run for name, run in found.items() if not name.endswith("-sample")}
        for model, found in params.load()["train"].items()
    }
    quiet.import_tensorflow()
    speeds = {}
    with training_set.prepared(24):
        for model, found in runs.items():
            first = next(iter(found.values()))
            speeds[model] = pictures_per_second(
                model,
                first,
                batch_size=4 if quick else min(first["batch_size"], LARGEST),
                seconds=1 if quick else 15,
                rounds=1 if quick else 3,
            )
    print(f"\n{device.describe(device.choose('auto'))}, 256x256, or the run's windows")
    print(f"{'':16}" + "".join(f"{precision:>22}" for precision in PRECISIONS))
    figures = {}
    for model, by_precision in speeds.items():
        figures |= hours(runs[model], by_precision)
        for precision, speed in by_precision.items():
            figures[f"{model}_{precision}_pictures_per_s"] = round(speed, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
