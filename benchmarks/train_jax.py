"""A run's training on JAX: pictures/s, the share of the device's peak, and minutes in all.

The training is `colornet.train_jax`'s own. The peak is the fastest of five large matrix products in
the same precision. Run it where params.yaml and data/ lie:
python -m benchmarks.train_jax beta-siamese
"""

import argparse
import csv
import json
import time
from statistics import median

import jax

from colornet import params, paths, train_jax
from colornet.training import stage

# Of a training step for one picture of 256x256: of beta and final counted from the layers
FLOP = {"beta": 46e9, "final": 59e9}


def peak(precision: str, *, side: int) -> float:
    """FLOP/s of a large matrix product, the fastest of five."""
    left, right = (jax.random.normal(jax.random.key(n), (side, side), precision) for n in (0, 1))
    multiply = jax.jit(jax.numpy.matmul)
    multiply(left, right).block_until_ready()
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(10):
            product = multiply(left, right)
        product.block_until_ready()
        seconds.append((time.perf_counter() - began) / 10)
    return 2 * side**3 / min(seconds)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_jax", description=__doc__)
    parser.add_argument("run", help="a run: a key of train.<network> in params.yaml")
    parser.add_argument("--minutes", type=float, help="as colornet.train_jax takes it")
    parser.add_argument("--matrix", type=int, default=8192, help="side of the matrix product")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    with params.sentences():
        model, parameters = stage.find(options.run)
        train_jax.run(options.run, model, parameters, minutes=options.minutes)
        from colornet.training import on_jax

        _, precision = on_jax.choose(parameters)
    minutes = (time.perf_counter() - began) / 60
    with open(paths.run(options.run) / "times.csv", newline="") as stream:
        speed = median(float(row["pictures_per_s"]) for row in csv.DictReader(stream))
    with open(paths.run(options.run) / "history.csv", newline="") as stream:
        last = list(csv.DictReader(stream))[-1]
    top = peak(precision, side=options.matrix)
    settings = params.load(paths.run(options.run) / "params.yaml")
    side = parameters.window or settings["preprocess"]["size"]
    figures = {
        "device": jax.devices()[0].device_kind,
        "precision": precision,
        "epochs": settings["train"]["epochs"],
        "minutes": round(minutes, 2),
        "pictures_per_s": round(speed, 1),
        "peak_tflops": round(top / 1e12, 2),
        **{key: round(float(last[key]), 6) for key in ("loss", "loss_grey")},
    }
    if model in FLOP:
        figures["train_share"] = round(FLOP[model] * (side / 256) ** 2 * speed / top, 3)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
