"""Windows/s of a step of lite in each precision, and what its depthwise convolutions take of it.

Windows of 192 pixels in batches of 16, one of them again and again. `mixed` is bfloat16 with
depthwise convolutions in float32. A depthwise convolution is measured alone, forward and both
gradients, and counted as often as the network has it. All take turns in each round.
"""

import argparse
import functools
import json
import time
from collections import Counter
from collections.abc import Callable
from statistics import median

from benchmarks.roofline import OPTIONS, RUNS
from colornet.system import quiet
from colornet.training import device

WAYS = ("float32", "bfloat16", "mixed")
BATCH, WINDOW = RUNS["lite"]["batch"], RUNS["lite"]["window"]


def step(way: str) -> Callable[[], float]:
    """A function that takes a training step of lite, one of WAYS, and returns its seconds."""
    import keras
    import tensorflow as tf

    from colornet.training import fused, network

    keras.utils.set_random_seed(0)
    options = {key: RUNS["lite"].get(key) for key in OPTIONS}
    precision = "float32" if way == "float32" else "bfloat16"
    built = fused.normalize(network.build("lite", precision=precision, xla=False, **options))
    if way == "mixed":
        for layer in built.layers:
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                layer.dtype_policy = "float32"
    batch = [tf.random.uniform((BATCH, WINDOW, WINDOW, channels)) for channels in (1, 3)]
    batches = iter(tf.data.Dataset.from_tensors(tuple(batch)).repeat())
    built.make_train_function()
    return functools.partial(_seconds, lambda: float(built.train_function(batches)["loss"]))


def convolutions() -> Counter:
    """How often lite has a depthwise convolution of (kernel, stride, input shape without batch)."""
    import keras

    from colornet.training import network

    built = network.architecture("lite").build()
    probe = keras.Model(built.inputs, [layer.input for layer in built.layers[1:]])
    inputs = probe.compute_output_spec([keras.KerasTensor((1, WINDOW, WINDOW, 1))])
    return Counter(
        (layer.kernel_size[0], layer.strides[0], layer.padding, given.shape[1:])
        for layer, given in zip(built.layers[1:], inputs, strict=True)
        if isinstance(layer, keras.layers.DepthwiseConv2D)
    )


def depthwise(kind: tuple, precision: str) -> Callable[[], float]:
    """A function that takes a depthwise convolution and its gradients, and returns its seconds."""
    import tensorflow as tf

    side, stride, padding, shape = kind
    picture = tf.cast(tf.random.normal((BATCH, *shape)), precision)
    kernel = tf.cast(tf.random.normal((side, side, shape[-1], 1)), precision)

    @tf.function(reduce_retracing=True)
    def both():
        with tf.GradientTape() as tape:
            tape.watch([picture, kernel])
            strides = (1, stride, stride, 1)
            found = tf.nn.depthwise_conv2d(picture, kernel, strides, padding.upper())
        return [tf.reduce_sum(gradient) for gradient in tape.gradient(found, [picture, kernel])]

    return functools.partial(_seconds, lambda: [float(value) for value in both()])


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.depthwise", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under a minute")
    rounds = 2 if parser.parse_args(argv).quick else 10
    quiet.import_tensorflow()
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    steps = {way: step(way) for way in WAYS}
    kinds = convolutions()
    alone = {(p, kind): depthwise(kind, p) for p in WAYS[:2] for kind in kinds}
    for each in [*steps.values(), *alone.values()]:
        each()
    times: dict[object, list[float]] = {}
    for _ in range(rounds):
        for name, each in (*steps.items(), *alone.items()):
            times.setdefault(name, []).append(each())
    speeds = {way: [BATCH / value for value in times[way]] for way in WAYS}
    cost = {p: sum(median(times[p, kind]) * kinds[kind] for kind in kinds) for p in WAYS[:2]}
    print(f"{device.describe(device.choose('auto'))}, medians of {rounds} rounds\n")
    figures = {"rounds": rounds}
    for way, values in speeds.items():
        figures[f"{way}_windows_per_s"] = round(median(values), 2)
        print(f"{way:10} {median(values):6.2f} windows/s ({min(values):.2f} to {max(values):.2f})")
    for precision, seconds in cost.items():
        share = seconds / median(times[precision])
        figures[f"{precision}_depthwise_ms"] = round(1000 * seconds / BATCH, 1)
        figures[f"{precision}_depthwise_share"] = round(share, 3)
        print(
            f"depthwise in {precision:10} {1000 * seconds / BATCH:6.1f} ms a window, "
            f"{share:.2f} of its step"
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
