"""Prepared pictures -> batches as tf.data: what `batches.make` makes, on TensorFlow."""

import numpy as np
import tensorflow as tf

from colornet.training import batches
from colornet.training.augmentation import RandomAffine
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures


def training(
    pictures: Pictures,
    parameters: Parameters,
    *,
    first_step: int = 0,
    batch_size: int | None = None,
) -> tf.data.Dataset:
    """Endless batches of (inputs, target), as `batches.make` returns them, from `first_step` on.

    batch_size: that of the parameters without a number.
    """
    moved = parameters.window is None
    augment = RandomAffine(**batches.amounts(parameters)) if moved else None
    width = batches.fixed(1, parameters).shape[1]
    numbers = tf.data.Dataset.from_generator(
        lambda: batches.drawn(len(pictures.files), parameters, first_step=first_step),
        output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec((width,), tf.float32)),
    )
    return _encoded(
        numbers.batch(batch_size or parameters.batch_size), pictures, parameters, augment
    )


def fixed(
    pictures: Pictures, parameters: Parameters, *, batch_size: int | None = None
) -> tf.data.Dataset:
    """Batches as `training` makes them, of every picture once, in order, not changed."""
    count = len(pictures.files)
    every = np.arange(count, dtype="int32"), batches.fixed(count, parameters)
    numbers = tf.data.Dataset.from_tensor_slices(every).batch(batch_size or parameters.batch_size)
    return _encoded(numbers, pictures, parameters, None)


def _encoded(numbers: tf.data.Dataset, pictures: Pictures, parameters: Parameters, augment):
    """Batches from those of places and numbers."""
    size = pictures.size()

    # Without AutoGraph: nothing depends on a tensor's value, and converting takes half a second
    # In NumPy, because as a constant of TensorFlow's graph pictures could not exceed 2 GB
    @tf.autograph.experimental.do_not_convert
    def read(places, numbers):
        images = tf.numpy_function(pictures.squares, [places], tf.uint8, stateful=False)
        return tf.ensure_shape(images, (None, size, size, 3)), places, numbers

    # Compiled, it takes a quarter of the processor's time; XLA cannot compile the moving
    @tf.function(jit_compile=True, autograph=False)
    def encoded(images, boxes, numbers, scores):
        options = {"names": pictures.inputs, "scores": scores}
        return batches.make(images, boxes, numbers, parameters, **options)

    @tf.autograph.experimental.do_not_convert
    def encode(images, places, numbers):
        scores = None if pictures.scores is None else tf.gather(pictures.scores, places)
        if augment:
            images = augment({"images": images, "labels": numbers})["images"]
        return encoded(images, tf.gather(pictures.boxes, places), numbers, scores)

    return (
        numbers.map(read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .map(encode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .prefetch(2)
    )
