"""Prepared pictures -> augmented, batched tf.data; knows no network.

What a training step sees depends on the seed and the step's number alone, so that a training can
go on from any step as if it had never stopped.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras_cv.layers import VectorizedBaseImageAugmentationLayer
from keras_cv.src.utils import preprocessing
from PIL import Image

from colornet import paths
from colornet.colour import lab
from colornet.system import machine
from colornet.training import affine

HELD = 0.1  # of the free memory, at most, for pictures


class Pictures(NamedTuple):
    """One split: `files` N paths; `boxes` (N, 4) int32; `scores` (N, 1000) float32 or None.

    A box is left, top, width, height in pixels of the square. `images`: (N, S, S, 3) uint8 in
    TensorFlow's memory, or None where they are read from the files again and again.
    """

    files: list[str]
    boxes: np.ndarray
    scores: np.ndarray | None
    images: tf.Tensor | None = None


def load(dataset: str, split: str, *, class_scores: str | None = None) -> Pictures:
    """Reads index.csv and, for a kind of `class_scores`, scores.npz of a prepared dataset.

    ValueError, in a sentence, when the class scores are those of other pictures.
    """
    folder = paths.prepared(dataset)
    index = pd.read_csv(folder / "index.csv").query("split == @split")
    scores = None
    if class_scores:
        with np.load(paths.classes(dataset) / "scores.npz") as archive:
            row = {file: i for i, file in enumerate(archive["files"])}
            try:
                scores = archive[class_scores][[row[file] for file in index["file"]]]
            except KeyError as missing:
                raise ValueError(
                    f"{paths.classes(dataset)} has no class scores of {missing.args[0]}: "
                    f"python -m colornet.classify {dataset} makes them anew."
                ) from None
    boxes = index[["left", "top", "width", "height"]].to_numpy("int32")
    return Pictures([str(folder / file) for file in index["file"]], boxes, scores)


def first(pictures: Pictures, count: int) -> Pictures:
    """The first `count` of them."""
    scores = None if pictures.scores is None else pictures.scores[:count]
    return Pictures(pictures.files[:count], pictures.boxes[:count], scores)


def hold(pictures: Pictures) -> Pictures:
    """The same with their `images`, if these fit into the share HELD of the free memory."""
    count, free = len(pictures.files), machine.free_memory()
    shape = (count, *_size(pictures), 3)
    if np.prod(shape, dtype="int64") > HELD * free:
        return pictures
    images = np.empty(shape, "uint8")

    def read(place):
        images[place] = np.asarray(Image.open(pictures.files[place]))

    with ThreadPoolExecutor() as pool:
        list(pool.map(read, range(count)))
    # Where tf.data runs; as a constant of its graph they could not exceed 2 GB.
    with tf.device("CPU"):
        return pictures._replace(images=tf.constant(images))


class RandomAffine(VectorizedBaseImageAugmentationLayer):
    """Rotation, shear, zoom, flip and a window on a part of the picture, in one resampling.

    Draws amounts as ImageDataGenerator does, uniform: see `affine.transformations`. Pictures are
    continued by their nearest pixels, masks by 0. `labels`, (B, affine.DRAWS) float32 in [-1, 1),
    are draws made beforehand, for a caller who must know them. With `window`, pictures come out
    with so many pixels a side.
    """

    def __init__(
        self, *, rotation=0.0, shear=0.0, zoom=0.0, flip=False, window=None, seed=1, **kwargs
    ):
        super().__init__(seed=seed, **kwargs)
        self.amounts = {"rotation": rotation, "shear": shear, "zoom": zoom, "flip": flip}
        self.amounts["window"] = window
        self.size = window and (window, window)

    def get_random_transformation_batch(self, batch_size, images=None, labels=None, **kwargs):
        if labels is None:
            labels = self._random_generator.uniform((batch_size, affine.DRAWS), -1.0, 1.0)
        height, width = tf.unstack(tf.cast(tf.shape(images)[1:3], "float32"))
        return affine.transformations(labels, height, width, **self.amounts)  # (B, 8)

    def augment_images(self, images, transformations, **kwargs):
        return preprocessing.transform(
            images, transformations, fill_mode="nearest", output_shape=self.size
        )

    def augment_segmentation_masks(self, segmentation_masks, transformations, **kwargs):
        return preprocessing.transform(
            segmentation_masks,
            transformations,
            fill_mode="constant",
            interpolation="nearest",
            output_shape=self.size,
        )

    def augment_labels(self, labels, transformations, **kwargs):
        return labels


def training(
    pictures: Pictures,
    *,
    batch_size: int,
    first_step: int,
    seed: int,
    augment: RandomAffine,
    square: bool,
) -> tf.data.Dataset:
    """Endless batches of (inputs, target) from step `first_step` on, in passes of random order.

    inputs: lightness (B, S, S, 1) float32 in [0, 1], with class scores a dict of `lightness` and
    `class_scores`; target: (B, S, S, 3) float32, ab in [-1, 1] and the weight of the pixel: 1 in
    the box, 0 outside, or 1 everywhere for `square`.
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
        return _encode(batch, size=augment.size or _size(pictures), square=square)

    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((affine.DRAWS,), tf.float32))
    return (
        tf.data.Dataset.from_generator(draws, output_signature=signature)
        .batch(batch_size)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(2)
    )


def fixed(pictures: Pictures, *, batch_size: int, square: bool) -> tf.data.Dataset:
    """Every picture once, in order, as it is: batches like those of `training`."""

    def encode(index):
        return _encode(_read(pictures, index), size=_size(pictures), square=square)

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
    """index: (B,) int32 -> images (B, S, S, 3) uint8, their masks, their class scores."""
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


def _encode(batch: dict, *, size: tuple[int, int], square: bool):
    # Networks that interpolate want the size known.
    rgb = tf.ensure_shape(batch["images"], (None, *size, 3))
    rgb = tf.cast(tf.round(tf.cast(rgb, "float32")), "int32")
    mask = tf.cast(batch["segmentation_masks"], "float32")
    weight = tf.ones_like(mask) if square else mask
    target = tf.concat([lab.ab(rgb, keras.ops), weight], axis=-1)
    lightness = lab.lightness(lab.grey(rgb, keras.ops), keras.ops)
    if "class_scores" not in batch:
        return lightness, target
    return {"lightness": lightness, "class_scores": batch["class_scores"]}, target
