"""The published trainings on Keras's JAX backend: pictures/s, share of the peak, final loss.

For a machine with a GPU but without TensorFlow: it needs only keras, jax, numpy, pillow and h5py.
The complete dataset lies in the device's memory; augmentation and colour conversion run there too,
and an epoch is one compiled loop. Networks, losses, colours, augmentation and the order of the
pictures are colornet's.
Run it where data/ lies: python -m benchmarks.train_jax beta --dataset siamese
"""

import argparse
import csv
import json
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import ops
from PIL import Image

from colornet.colour import inputs, lab
from colornet.training import affine, losses, network

# network -> batch size, steps of an epoch, optimizer and augmentation, as published
PUBLISHED = {
    "beta": (20, 10, "rmsprop", {"rotation": 20, "shear": 0.2, "zoom": 0.2, "flip": True}),
    "final": (10, 6, "adam", {"rotation": 40, "shear": 0.4, "zoom": 0.4, "flip": True}),
}
FLOP = {"beta": 46e9, "final": 59e9}  # of a training step for one picture of 256x256


def load(dataset: str, *, class_scores: str | None, pictures: int | None = None) -> dict:
    """The train split: `images` (N, S, S, 3) uint8 and `masks` (N, S, S, 1) uint8, 1 in the box.

    With class_scores, their kind, also `scores`: (N, 1000) float32.
    """
    folder = Path("data/prepared") / dataset
    with open(folder / "index.csv", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "train"][:pictures]
    images = np.stack([np.asarray(Image.open(folder / row["file"])) for row in rows])
    masks = np.zeros((*images.shape[:3], 1), "uint8")
    for mask, row in zip(masks, rows, strict=True):
        left, top, width, height = (int(row[key]) for key in ("left", "top", "width", "height"))
        mask[top : top + height, left : left + width] = 1
    train = {"images": images, "masks": masks}
    if class_scores:
        with np.load(Path("data/classes") / dataset / "scores.npz") as archive:
            place = {file: i for i, file in enumerate(archive["files"])}
            train["scores"] = archive[class_scores][[place[row["file"]] for row in rows]]
    return train


def draws(count: int, batch_size: int, steps: int, *, first_step: int, seed: int):
    """The random numbers of `dataset.training`: places (steps, B) and draws (steps, B, 8).

    places: int32, of the pictures in the train split; draws: float32 in [-1, 1), for
    `affine.transformations`.
    """
    places, numbers = [], []
    for position in range(first_step * batch_size, (first_step + steps) * batch_size):
        number, start = divmod(position, count)
        if start == 0 or not places:
            order = np.random.default_rng((seed, number)).permutation(count)
        places.append(order[start])
        random = np.random.default_rng((seed, number, start))
        numbers.append(random.uniform(-1, 1, affine.DRAWS))
    shape = (steps, batch_size)
    return (
        np.reshape(places, shape).astype("int32"),
        np.reshape(numbers, (*shape, affine.DRAWS)).astype("float32"),
    )


def batch(train: dict, places, draws, *, loss_over: str, augment: dict):
    """A batch as `dataset.training` makes it: (inputs, target)."""
    images = ops.cast(ops.take(train["images"], places, axis=0), "float32")
    masks = ops.cast(ops.take(train["masks"], places, axis=0), "float32")
    height, width = images.shape[1:3]
    moves = affine.transformations(draws, height, width, **augment)
    transform = ops.image.affine_transform
    images = transform(images, moves, interpolation="bilinear", fill_mode="nearest")
    masks = transform(masks, moves, interpolation="nearest", fill_mode="constant")
    rgb = ops.cast(ops.round(images), "int32")
    weight = ops.ones_like(masks) if loss_over == "square" else masks
    target = ops.concatenate([lab.ab(rgb, ops), weight], axis=-1)
    scores = ops.take(train["scores"], places, axis=0) if "scores" in train else None
    names = ("lightness",) if scores is None else ("lightness", "class_scores")
    given = inputs.make(names, lab.grey(rgb, ops), class_scores=scores, xp=ops)
    return inputs.for_keras(given), target


def epoch_of(built: keras.Model, train: dict, *, loss_over: str, augment: dict):
    """A compiled function, (state, places, draws) -> (state, losses); state: as `state_of` has it.

    losses: (steps, 2) float32, of the network and of leaving the pictures grey.
    """

    def loss(trainable, other, given, target):
        ab, other = built.stateless_call(trainable, other, given, training=True)
        return ops.mean(losses.mse(target, ab)), (other, ops.mean(losses.grey(target, ab)))

    gradient = jax.value_and_grad(loss, has_aux=True)

    def step(state, drawn):
        trainable, other, optimizer = state
        given, target = batch(train, *drawn, loss_over=loss_over, augment=augment)
        (value, (other, grey)), gradients = gradient(trainable, other, given, target)
        trainable, optimizer = built.optimizer.stateless_apply(optimizer, gradients, trainable)
        return (trainable, other, optimizer), ops.stack([value, grey])

    return jax.jit(lambda state, *drawn: jax.lax.scan(step, state, drawn), donate_argnums=0)


def state_of(built: keras.Model) -> tuple[list, list, list]:
    """The values of the trainable, the other, and the optimizer's variables."""
    trainable, other = built.trainable_variables, built.non_trainable_variables
    groups = (trainable, other, built.optimizer.variables)
    return tuple([variable.value for variable in group] for group in groups)


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


def trained(
    model: str, train: dict, epochs: int, precision: str
) -> tuple[np.ndarray, float, float]:
    """Trains as published: the last epoch's losses, (2,); the median of pictures/s; minutes.

    Prints the losses every ten seconds. Raises SystemExit if the loss is not a number.
    """
    batch_size, steps, optimizer, augment = PUBLISHED[model]
    train = {name: jax.device_put(values) for name, values in train.items()}
    keras.utils.set_random_seed(0)
    built = network.build(model, optimizer=optimizer, precision=precision, xla=True)
    state = state_of(built)
    run = epoch_of(built, train, loss_over="square", augment=augment)
    began, speeds, shown = time.perf_counter(), [], time.perf_counter()
    for epoch in range(epochs):
        drawn = draws(len(train["images"]), batch_size, steps, first_step=epoch * steps, seed=0)
        start = time.perf_counter()
        state, losses_of_steps = run(state, *drawn)
        found = np.asarray(losses_of_steps).mean(axis=0)
        speeds.append(steps * batch_size / (time.perf_counter() - start))
        if time.perf_counter() - shown > 10 or epoch + 1 == epochs:
            shown = time.perf_counter()
            print(f"epoch {epoch + 1}/{epochs}, loss {found[0]:.5f} (grey {found[1]:.5f})")
        if not np.isfinite(found[0]):
            raise SystemExit(f"the loss is not a number in epoch {epoch + 1}")
    return found, float(np.median(speeds)), (time.perf_counter() - began) / 60


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_jax", description=__doc__)
    parser.add_argument("model", choices=PUBLISHED)
    parser.add_argument("--dataset", required=True, help="a dataset in data/prepared")
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--pictures", type=int, help="use only the first ones of the train split")
    parser.add_argument("--class-scores", help="for final: logits, softmax, published or zeros")
    parser.add_argument("--precision", default="bfloat16", choices=["bfloat16", "float32"])
    parser.add_argument("--matrix", type=int, default=8192, help="side of the matrix product")
    options = parser.parse_args(argv)
    takes_scores = "class_scores" in network.architecture(options.model).INPUTS
    if takes_scores != bool(options.class_scores):
        parser.error("final needs --class-scores, and beta does not take it")
    train = load(options.dataset, class_scores=options.class_scores, pictures=options.pictures)
    found, speed, minutes = trained(options.model, train, options.epochs, options.precision)
    top = peak(options.precision, side=options.matrix)
    size = train["images"].shape[1]
    share = FLOP[options.model] * (size / 256) ** 2 * speed / top
    print(f"{jax.devices()[0].device_kind}, {options.precision}, {options.model} at {size}x{size}")
    figures = {
        "pictures_per_s": round(speed, 1),
        "minutes": round(minutes, 2),
        "peak_tflops": round(top / 1e12, 2),
        "train_share": round(share, 3),
        "loss_square": round(float(found[0]), 6),
        "loss_square_grey": round(float(found[1]), 6),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
