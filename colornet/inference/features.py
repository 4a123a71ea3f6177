"""Pictures -> features, by which pictures that show alike things are found.

They are what EfficientNet-Lite2 knows of a picture before it names its class: the mean over all
places of its last convolution. docs/experiments.md compares them with those of networks that
colour.
"""

import functools
from collections.abc import Callable

import numpy as np
from PIL import Image

from colornet import square
from colornet.inference import runtime
from colornet.system import keras_settings

Features = Callable[[np.ndarray], np.ndarray]
LONGER = 192  # pixels of the longer side: half the time of 260x260, and nearly as good


@functools.cache
def load() -> Features:
    """The function of a grey picture, (H, W) uint8 in [0, 255], to its (1280,) float16 >= 0.

    Raises ValueError, with a sentence, if the package with the weights is not installed.
    """
    keras = runtime.import_keras()
    from colornet.efficientnet import layers, weights
    from colornet.inference import graph

    with keras_settings.defaults():
        network = layers.classifier()
        weights.adopt(network)
        network = keras.Model(network.inputs, network.get_layer("mean").output)
    compute = runtime.compiled([graph.Part(graph.convert(network), precise=True)])
    return lambda grey: compute({"rgb": _rgb(grey)})[0].astype("float16")


def _rgb(grey: np.ndarray) -> np.ndarray:
    """What `efficientnet.layers.encode` takes of a grey picture."""
    image = Image.fromarray(grey)
    image = image.resize(square.rounded(*image.size, LONGER), Image.Resampling.BICUBIC)
    scaled = (np.asarray(image, "float32") - 127) / 128
    return np.repeat(scaled[None, ..., None], 3, axis=-1)
