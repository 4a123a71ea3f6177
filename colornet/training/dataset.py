"""Prepared pictures -> augmented batches as tf.data.

What a training step sees depends on the seed and the number of the step alone, so that a training
can continue from any step as if it had never stopped.
"""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from PIL import Image

from colornet import paths
from colornet.colour import inputs, lab
from colornet.params import UserError
from colornet.square import Box
from colornet.system import machine
from colornet.training import affine
from colornet.training.augmentation import RandomAffine

HELD = 0.1  # the share of the free memory that decoded pictures may take


class Pictures(NamedTuple):
    """The pictures of one split, and which of `colour.inputs` a network takes of them.

    `files`: N paths. `boxes`: (N, 4) int32, left, top, width, height in pixels of the square.
    `inputs`: names. `scores`: (N, 1000) float32, or None where the network takes no class scores.
    `images`: (N, S, S, 3) uint8 in TensorFlow's memory, or None to read the files in every epoch.
    """

    files: list[str]
    boxes: np.ndarray
    inputs: tuple[str, ...] = ("lightness",)
    scores: np.ndarray | None = None
    images: tf.Tensor | None = None

    def box(self, number: int) -> Box:
        """Where the picture lies in its square."""
        return Box(*map(int, self.boxes[number]))


def load(
    dataset: str,
    split: str,
    *,
    inputs: tuple[str, ...] = ("lightness",),
    class_scores: str | None = None,
) -> Pictures:
    """Reads index.csv of a prepared dataset and, if `inputs` name class scores, its scores.npz.

    class_scores: their kind, as "logits". Raises UserError if a file is broken or the class scores
    are those of other pictures, OSError if a file is missing.
    """
    folder = paths.prepared(dataset)
    try:
        index = pd.read_csv(folder / "index.csv")
        index = index[index["split"] == split]
        boxes = index[list(Box._fields)].to_numpy("int32")
    except (ValueError, KeyError) as error:
        raise UserError(
            f"{folder / 'index.csv'} is broken: python -m colornet.preprocess {dataset} makes it "
            "again."
        ) from error
    pictures = Pictures([str(folder / file) for file in index["file"]], boxes, inputs)
    if "class_scores" not in inputs:
        return pictures
    file = paths.classes(dataset) / "scores.npz"
    try:
        with open(file, "rb") as stream, np.load(stream) as archive:
            row = {name: i for i, name in enumerate(archive["files"])}
            return pictures._replace(
                scores=archive[class_scores][[row[name] for name in index["file"]]]
            )
    except KeyError as missing:
        why = f"{file.parent} has no class scores of {missing.args[0]}"
        raise UserError(f"{why}: python -m colornet.classify {dataset} makes them again.") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        why = f"{file} is broken"
        raise UserError(f"{why}: python -m colornet.classify {dataset} makes it again.") from error


def first(pictures: Pictures, count: int) -> Pictures:
    """The first `count` pictures."""
    scores = None if pictures.scores is None else pictures.scores[:count]
    return pictures._replace(
        files=pictures.files[:count], boxes=pictures.boxes[:count], scores=scores
    )


def hold(pictures: Pictures) -> Pictures:
    """The same pictures with `images`, if these fit into the share HELD of the free memory."""
    count, free = len(pictures.files), machine.free_memory()
    shape = (count, *_size(pictures), 3)
    if np.prod(shape, dtype="int64") > HELD * free:
        return pictures
    images = np.empty(shape, "uint8")

    def read(place: int) -> None:
        images[place] = np.asarray(Image.open(pictures.files[place]))

    with ThreadPoolExecutor() as pool:
        list(pool.map(read, range(count)))
    # On the CPU, where tf.data runs. As a constant in its graph they could not exceed 2 GB.
    with tf.device("CPU"):
        return pictures._replace(images=tf.constant(images))


def training(
    pictures: Pictures,
    *,
    batch_size: int,
    first_step: int,
    seed: int,
    augment: RandomAffine,
    loss_over: str,
) -> tf.data.Dataset:
    """Endless batches of (inputs, target) from step `first_step` on.

    Each pass over the pictures has a random order of its own. inputs: what the network takes, in
    the form of `inputs.for_keras`; target: (B, S, S, 3) float32, ab in [-1, 1] and the weight of
    the pixel, which is 1 in the box and 0 outside, or 1 everywhere for `loss_over` "square".
    """
    count = len(pictures.files)

    def draws():
        position = first_step * batch_size
        while True:
            number, start = divmod(position, count)
            order = np.random.default_rng((seed, number)).permutation(count)
            for place in range(start, count):
                random = np.random.default_rng((seed, number, place))
                yield order[place], random.uniform(-1, 1, affine.DRAWS)
            position = (number + 1) * count

    def encode(index, draws):
        batch = augment({**_read(pictures, index), "labels": draws})
        size = augment.size or _size(pictures)
        return _encode(batch, pictures.inputs, size=size, loss_over=loss_over)

    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((affine.DRAWS,), tf.float32))
    return (
        tf.data.Dataset.from_generator(draws, output_signature=signature)
        .batch(batch_size)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(2)
    )


def fixed(pictures: Pictures, *, batch_size: int, loss_over: str) -> tf.data.Dataset:
    """Batches as `training` makes them, of every picture once, in order, not augmented."""

    def encode(index):
        batch = _read(pictures, index)
        return _encode(batch, pictures.inputs, size=_size(pictures), loss_over=loss_over)

    return (
        tf.data.Dataset.range(len(pictures.files), output_type=tf.int32)
        .batch(batch_size)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(1)
    )


def _size(pictures: Pictures) -> tuple[int, int]:
    """Height and width of the squares."""
    with Image.open(pictures.files[0]) as square:
        return square.height, square.width


def _read(pictures: Pictures, index) -> dict:
    """A batch of pictures as keras-cv's layers take it, with class scores if there are any.

    index: (B,) int32. `images`: (B, S, S, 3) uint8; `segmentation_masks`: (B, S, S, 1) uint8, 1 in
    the box.
    """
    size = _size(pictures)

    def image(file):
        return tf.io.decode_png(tf.io.read_file(file), channels=3)

    if pictures.images is None:
        images = tf.map_fn(image, tf.gather(pictures.files, index), fn_output_signature=tf.uint8)
        images = tf.ensure_shape(images, (None, *size, 3))
    else:
        images = tf.gather(pictures.images, index)
    side = tf.range(size[0])
    left, top, width, height = tf.unstack(tf.gather(pictures.boxes, index)[..., None], axis=1)
    across = (side >= left) & (side < left + width)  # (B, S)
    down = (side >= top) & (side < top + height)
    mask = tf.cast(down[:, :, None] & across[:, None, :], "uint8")[..., None]
    batch = {"images": images, "segmentation_masks": mask}
    if pictures.scores is not None:
        batch["class_scores"] = tf.gather(pictures.scores, index)
    return batch


def _encode(batch: dict, names: tuple[str, ...], *, size: tuple[int, int], loss_over: str):
    # Networks that interpolate need a known size
    rgb = tf.ensure_shape(batch["images"], (None, *size, 3))
    rgb = tf.cast(tf.round(tf.cast(rgb, "float32")), "int32")
    mask = tf.cast(batch["segmentation_masks"], "float32")
    weight = tf.ones_like(mask) if loss_over == "square" else mask
    target = tf.concat([lab.ab(rgb, keras.ops), weight], axis=-1)
    grey, scores = lab.grey(rgb, keras.ops), batch.get("class_scores")
    given = inputs.make(names, grey, class_scores=scores, xp=keras.ops)
    return inputs.for_keras(given), target
