"""How near a training step of beta comes to the machine's peak speed, and what its input costs.

The peak is the fastest of five large matrix products in the same precision. The work of a step is
counted from the layers: twice the multiplications of each convolution, once forward and once for
each gradient. All measurements take turns. The same step is measured with the real input, read from
files and augmented, and with one batch again and again.
"""

import argparse
import json
import time
from collections.abc import Callable
from statistics import median

from benchmarks import training_set
from colornet.system import quiet
from colornet.training import device

BATCH = 20
AMOUNTS = {"rotation": 20, "shear": 0.2, "zoom": 0.2, "flip": True}


def work(network, size: int) -> float:
    """FLOP of a training step for one picture of `size` x `size` pixels."""
    import keras

    probe = keras.Model(network.inputs, [layer.output for layer in network.layers])
    shapes = dict(zip(network.layers, probe.compute_output_shape((1, size, size, 1)), strict=True))
    total, first = 0, True
    for layer, (_, height, width, channels) in shapes.items():
        if isinstance(layer, keras.layers.Conv2D):
            flop = 2 * height * width * channels * int(layer.kernel.shape[0] ** 2)
            flop *= int(layer.kernel.shape[2])
            total += flop * (2 if first else 3)  # the picture itself needs no gradient
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


def figures(precision: str, *, rounds: int, steps: int) -> dict[str, float]:
    """Peak and step in FLOP/s; pictures/s of the input alone; the share of time it takes.

    `real`, `constant`: the step with each input; `float32`: the peak in that precision; `share`:
    of the peak that the step reaches with the constant input.
    """
    import keras

    from colornet.training import network

    keras.utils.set_random_seed(0)
    batches = training_set.batches("beta", training_set.parameters(BATCH, **AMOUNTS))
    xla = "auto" if device.choose("auto") == "gpu" else False
    built = network.build("beta", optimizer="rmsprop", precision=precision, xla=xla)
    inputs = {"real": iter(batches), "constant": iter(batches.take(1).cache().repeat())}
    train = steps_of(built, inputs)
    multiply = product(4096, precision)
    flop = work(built, training_set.SIZE) * BATCH
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
    multiply = product(4096, "float32")
    return {
        "input": _pictures_per_second(inputs["real"], 5 * rounds),
        "float32": max(multiply() for _ in range(5)),
        "peak": peak,
        "constant": median(speeds["constant"]),
        "real": median(speeds["real"]),
        "share": median(speeds["constant"]) / peak,
        "overhead": 1 - median(real / constant for real, constant in pairs),
    }


def _pictures_per_second(batches, count: int) -> float:
    next(batches)
    began = time.perf_counter()
    for _ in range(count):
        next(batches)
    return count * BATCH / (time.perf_counter() - began)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roofline", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    quick = parser.parse_args(argv).quick
    quiet.import_tensorflow()
    processor = device.choose("auto")
    precision = device.fastest_precision(processor)
    with training_set.prepared(24):
        found = figures(precision, rounds=3 if quick else 6, steps=1 if quick else 6)
    print(f"\n{device.describe(processor)}, {precision}, beta at 256x256")
    print(f"  matrix product          {found['peak'] / 1e9:8.0f} GFLOP/s")
    print(f"  step, constant input    {found['constant'] / 1e9:8.0f} GFLOP/s")
    print(f"  step, real input        {found['real'] / 1e9:8.0f} GFLOP/s")
    print(f"  matrix product, float32 {found['float32'] / 1e9:8.0f} GFLOP/s")
    print(f"  input alone             {found['input']:8.0f} pictures/s")
    result = {
        "train_share": round(found["share"], 3),
        "input_overhead": round(found["overhead"], 3),
        "peak_gflops": round(found["peak"] / 1e9),
        "peak_float32_gflops": round(found["float32"] / 1e9),
        "input_pictures_per_s": round(found["input"]),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
