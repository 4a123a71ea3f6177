"""Batch normalization as one operation, for TensorFlow on a CPU.

Keras computes it in a dozen, and each reads all that a layer gave: in a training of lite they took
a third of the time.
"""

import functools
from typing import Any

import keras
import tensorflow as tf


def normalize(network: keras.Model) -> keras.Model:
    """The same network, which trains with another computation of batch normalization.

    Its file, its weights, its answers outside of training and, but for rounding, its results stay.
    A layer that TensorFlow's operation cannot compute stays with Keras.
    """
    for layer in network.layers:
        if type(layer) is keras.layers.BatchNormalization and _usual(layer):
            layer.call = functools.partial(_call, layer)
    return network


def _usual(layer: keras.layers.BatchNormalization) -> bool:
    """Whether it scales and shifts the channels, in the last place, of pictures."""
    pictures = layer.input_spec.ndim == 4 and layer.axis in (-1, 3)
    return pictures and layer.scale and layer.center and not (layer.renorm or layer.synchronized)


def _call(
    layer: keras.layers.BatchNormalization,
    inputs: Any,
    training: bool | None = None,
    mask: Any = None,
) -> Any:
    """What `layer.call` computes: in training by the batch, otherwise by the running averages."""
    if mask is not None or not (training and layer.trainable):
        return type(layer).call(layer, inputs, training=training, mask=mask)
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=layer.gamma.value,
        offset=layer.beta.value,
        mean=tf.zeros([0]),
        variance=tf.zeros([0]),
        epsilon=layer.epsilon,
        is_training=True,
    )
    # Of n values TensorFlow divides by n - 1, and Keras by n
    count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), "float32")
    variance *= (count - 1) / count
    for average, now in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
        average.assign(average * layer.momentum + now * (1 - layer.momentum))
    return outputs
