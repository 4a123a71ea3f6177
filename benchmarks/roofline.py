"""How near a training step comes to the machine's peak speed, and what its input costs.

For each network, with the augmentation of its published run. The peak is the fastest of five large
matrix products in the same precision. The work of a step is counted from the layers: twice the
multiplications of each convolution, once forward and once for each gradient. All measurements take
turns. The same step is measured with the real input, read from files and augmented, and with one
batch again and again.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks import training_set
from colornet.system import quiet
from colornet.training import device

# Of the published run: its parameters
RUNS: dict[str, dict[str, Any]] = {
    "beta": {"batch": 20, "optimizer": "rmsprop", "rotation": 20, "shear": 0.2, "zoom": 0.2},
    "final": {"batch": 10, "optimizer": "adam", "rotation": 40, "shear": 0.4, "zoom": 0.4},
    "lite": {
        "batch": 16,
        "optimizer": "adamw",
        "weight_decay": 0.02,
        "clip": 5,
        "mean_of_weights": 0.998,
        "vivid": 0.07,
        "window": 192,
        "narrowest": 105,
        "zoom": 0.12,
        "other_greys": 0.25,
        "worn": 0.4,
    },
}
OPTIONS = ("optimizer", "weight_decay", "clip", "mean_of_weights", "vivid")


def work(network, size: int) -> float:
    """FLOP of a training step for one picture of `size` x `size` pixels."""
    import keras

    probe = keras.Model(network.inputs, [layer.output for layer in network.layers])
    given = [
        keras.KerasTensor((1, *(size if side is None else side for side in each.shape[1:])))
        for each in network.inputs
    ]
    total, first = 0, True
    outputs = probe.compute_output_spec(given)
    for layer, output in zip(network.layers, outputs, strict=True):
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            multiplications = math.prod(layer.kernel.shape) * math.prod(output.shape[1:3])
            # The picture itself needs no gradient
            total += 2 * multiplications * (2 if first else 3)
            first = False
    return total


def product(side: int, precision: str) -> Callable[[], float]:
    """A function that multiplies two matrices and returns the FLOP/s."""
    import tensorflow as tf

    left, right = (tf.cast(tf.random.normal((side, side)), precision) for _ in range(2))
    multiply = tf.function(lambda: tf.reduce_sum(tf.cast(tf.matmul(left, right), "float32")))
    multiply()

    def timed() -> float:
        began = time.perf_counter()
        multiply().numpy()
        return 2 * side**3 / (time.perf_counter() - began)

    return timed


def steps_of(network, inputs: dict) -> Callable[[str, int], None]:
    """A function that takes so many training steps on the input of that name."""
    network.make_train_function()  # `fit` calls it too, but starts the input again each time

    def train(name: str, count: int) -> None:
        for _ in range(count):
            logs = network.train_function(inputs[name])
        float(logs["loss"])

    for name in inputs:
        train(name, 2)
    return train


def figures(model: str, precision: str, *, rounds: int, steps: int) -> dict[str, Any]:
    """Peak and step in FLOP/s; pictures/s of the input alone; the share of time it takes.

    `real`, `constant`: the step with each input; `share`: of the peak that the step reaches with
    the constant input; `overheads`: of each round; `overhead`: their median.
    """
    import keras

    from colornet.training import fused, network

    keras.utils.set_random_seed(0)
    batch, run = RUNS[model]["batch"], {k: v for k, v in RUNS[model].items() if k != "batch"}
    parameters = training_set.parameters(batch, flip=True, **run)
    batches = training_set.batches(model, parameters)
    on_gpu = device.choose("auto") == "gpu"
    options = {key: getattr(parameters, key) for key in OPTIONS}
    xla = "auto" if on_gpu else False
    built = network.build(model, precision=precision, xla=xla, **options)
    built = built if on_gpu else fused.normalize(built)
    inputs = {"real": iter(batches), "constant": iter(batches.take(1).cache().repeat())}
    train = steps_of(built, inputs)
    multiply = product(4096, precision)
    flop = work(built, parameters.window or training_set.SIZE) * batch
    peaks: list[float] = []
    speeds: dict[str, list[float]] = {name: [] for name in inputs}
    for _ in range(rounds):
        for name in inputs:
            peaks.append(multiply())
            began = time.perf_counter()
            train(name, steps)
            speeds[name].append(steps * flop / (time.perf_counter() - began))
    # The fastest of five neighbours: a product is short, and other processes may disturb it
    peak = median(max(peaks[n : n + 5]) for n in range(max(1, len(peaks) - 4)))
    pairs = zip(speeds["real"], speeds["constant"], strict=True)
    overheads = [1 - real / constant for real, constant in pairs]
    return {
        "input": _pictures_per_second(inputs["real"], batch, 5 * rounds),
        "peak": peak,
        "constant": median(speeds["constant"]),
        "real": median(speeds["real"]),
        "pictures": median(speeds["real"]) / flop * batch,
        "share": median(speeds["constant"]) / peak,
        "overhead": median(overheads),
        "overheads": overheads,
    }


def _pictures_per_second(batches, batch: int, count: int) -> float:
    next(batches)
    began = time.perf_counter()
    for _ in range(count):
        next(batches)
    return count * batch / (time.perf_counter() - began)


def show(model: str, precision: str, found: dict[str, Any]) -> dict[str, Any]:
    """Prints the figures of a network, and returns those that other tools read."""
    low, high = min(found["overheads"]), max(found["overheads"])
    print(f"\n{model}, {precision}, {RUNS[model].get('window', training_set.SIZE)} pixels")
    print(f"  matrix product          {found['peak'] / 1e9:8.0f} GFLOP/s")
    print(f"  step, constant input    {found['constant'] / 1e9:8.0f} GFLOP/s")
    print(f"  step, real input        {found['real'] / 1e9:8.0f} GFLOP/s")
    print(f"  the same                {found['pictures']:8.2f} pictures/s")
    print(f"  input alone             {found['input']:8.0f} pictures/s")
    print(f"  share of the input      {found['overhead']:8.3f}, {low:.3f} to {high:.3f}")
    before = "" if model == "beta" else f"{model}_"
    return {
        f"{before}train_share": round(found["share"], 3),
        f"{before}input_overhead": round(found["overhead"], 3),
        f"{before}input_overhead_lowest_highest": [round(low, 3), round(high, 3)],
        f"{before}peak_gflops": round(found["peak"] / 1e9),
        f"{before}pictures_per_s": round(found["pictures"], 2),
        f"{before}input_pictures_per_s": round(found["input"]),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roofline", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in 2 minutes")
    quick = parser.parse_args(argv).quick
    quiet.import_tensorflow()
    import tensorflow as tf

    from colornet.training import network

    tf.config.experimental.enable_op_determinism()  # as a training does
    processor = device.choose("auto")
    rounds, result = 3 if quick else 12, {}
    print(f"{device.describe(processor)}, medians of {rounds} rounds, and the lowest and highest")
    with training_set.prepared(24):
        for model in RUNS:
            precision = device.fastest_precision(processor)
            if processor == "cpu":
                precision = getattr(network.architecture(model), "CPU_PRECISION", precision)
            found = figures(model, precision, rounds=rounds, steps=1 if quick else 3)
            result |= show(model, precision, found)
    multiply = product(4096, "float32")
    result["peak_float32_gflops"] = round(max(multiply() for _ in range(5)) / 1e9)
    print(json.dumps({**result, "rounds": rounds}))


if __name__ == "__main__":
    main()
