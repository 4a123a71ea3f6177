"""Prepared pictures -> augmented, batched tf.data; knows no network.

What a training step sees depends on the seed and the step's number alone, so that a training can
go on from any step as if it had never stopped.
"""

from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras_cv.layers import VectorizedBaseImageAugmentationLayer
from keras_cv.src.utils import preprocessing

from colornet import lab, paths


class Pictures(NamedTuple):
    """One split: `files` N paths; `boxes` (N, 4) int32; `scores` (N, 1000) float32 or None.

    A box is left, top, width, height in pixels of the square.
    """

    files: list[str]
    boxes: np.ndarray
    scores: np.ndarray | None


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


class RandomAffine(VectorizedBaseImageAugmentationLayer):
    """Rotation, shear, zoom and flip about the centre, in one resampling.

    Draws amounts as ImageDataGenerator does: rotation and shear in degrees, uniform in
    [-amount, amount]; zoom a factor for each axis, uniform in [1 - zoom, 1 + zoom]; flip left to
    right half of the time. Pictures are continued by their nearest pixels, masks by 0. `labels`,
    (B, 5) float32 in [-1, 1), are draws made beforehand, for a caller who must know them.
    """

    def __init__(self, *, rotation=0.0, shear=0.0, zoom=0.0, flip=False, seed=1, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.spread = np.array(
            [np.deg2rad(rotation), np.deg2rad(shear), zoom, zoom, 1.0 if flip else 0.0], "float32"
        )

    def get_random_transformation_batch(self, batch_size, images=None, labels=None, **kwargs):
        if labels is None:
            labels = self._random_generator.uniform((batch_size, 5), -1.0, 1.0)
        angle, shear, zoom_x, zoom_y, flip = tf.unstack(labels * self.spread, axis=-1)
        zoom_x, zoom_y = 1 + zoom_x, 1 + zoom_y
        # Output place -> input place: rotation times shear times zoom, as in keras-preprocessing's
        # apply_affine_transform, then the flip.
        zoom_x = tf.where(flip > 0, -zoom_x, zoom_x)
        m00, m01 = tf.cos(angle) * zoom_x, -tf.sin(angle + shear) * zoom_y
        m10, m11 = tf.sin(angle) * zoom_x, tf.cos(angle + shear) * zoom_y
        centre = (tf.cast(tf.shape(images)[1:3][::-1], "float32") - 1) / 2
        move_x = centre[0] - m00 * centre[0] - m01 * centre[1]
        move_y = centre[1] - m10 * centre[0] - m11 * centre[1]
        zero = tf.zeros_like(m00)
        return tf.stack([m00, m01, move_x, m10, m11, move_y, zero, zero], axis=-1)  # (B, 8)

    def augment_images(self, images, transformations, **kwargs):
        return preprocessing.transform(images, transformations, fill_mode="nearest")

    def augment_segmentation_masks(self, segmentation_masks, transformations, **kwargs):
        return preprocessing.transform(
            segmentation_masks, transformations, fill_mode="constant", interpolation="nearest"
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
                yield order[place], random.uniform(-1, 1, 5)
            position = (number + 1) * count

    def encode(index, draws):
        batch = augment({**_read(pictures, index), "labels": draws})
        return _encode(batch, square=square)

    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((5,), tf.float32))
    return (
        tf.data.Dataset.from_generator(draws, output_signature=signature)
        .batch(batch_size)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(2)
    )


def fixed(pictures: Pictures, *, batch_size: int, square: bool) -> tf.data.Dataset:
    """Every picture once, in order, as it is: batches like those of `training`."""

    def encode(index):
        return _encode(_read(pictures, index), square=square)

    return (
        tf.data.Dataset.range(len(pictures.files), output_type=tf.int32)
        .batch(batch_size)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(1)
    )


def _read(pictures: Pictures, index) -> dict:
    """index: (B,) int32 -> images (B, S, S, 3) uint8, their masks, their class scores."""

    def image(file):
        return tf.io.decode_png(tf.io.read_file(file), channels=3)

    images = tf.map_fn(image, tf.gather(pictures.files, index), fn_output_signature=tf.uint8)
    images = tf.ensure_shape(images, (None, None, None, 3))
    side = tf.range(tf.shape(images)[1])
    left, top, width, height = tf.unstack(tf.gather(pictures.boxes, index)[..., None], axis=1)
    across = (side >= left) & (side < left + width)  # (B, S)
    down = (side >= top) & (side < top + height)
    mask = tf.cast(down[:, :, None] & across[:, None, :], "float32")[..., None]
    batch = {"images": images, "segmentation_masks": mask}
    if pictures.scores is not None:
        batch["class_scores"] = tf.gather(pictures.scores, index)
    return batch


def _encode(batch: dict, *, square: bool):
    rgb = tf.cast(tf.round(tf.cast(batch["images"], "float32")), "int32")
    mask = tf.cast(batch["segmentation_masks"], "float32")
    weight = tf.ones_like(mask) if square else mask
    target = tf.concat([lab.ab(rgb, keras.ops), weight], axis=-1)
    lightness = lab.lightness(lab.grey(rgb, keras.ops), keras.ops)
    if "class_scores" not in batch:
        return lightness, target
    return {"lightness": lightness, "class_scores": batch["class_scores"]}, target
