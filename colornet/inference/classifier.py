"""Pictures -> 1000 ImageNet class scores, by InceptionResNetV2 or EfficientNet-Lite2.

Both have ImageNet's order of classes, that of their WordNet ids.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from colornet.system import disk, download, keras_settings, quiet

# What keras.applications.InceptionResNetV2(weights="imagenet") downloads, and its checksum there
URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/inception_resnet_v2/"
    "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5"
)
CHECKSUM = "md5:e693bd0210a403b3192acc6073ad2e96"
CLASSES = 1000
KINDS = ("logits", "softmax", "published", "zeros")


@dataclass(frozen=True)
class Classifier:
    """A network, and the pictures that it was trained on.

    logits: (N, side, side, 3) float32 -> (N, CLASSES) float32. A value of a picture in [0, 255]
    enters as value / scale - offset.
    """

    logits: Callable[[np.ndarray], np.ndarray]
    side: int
    scale: float
    offset: float


def load(weights: str, *, seed: int = 0) -> Classifier:
    """The classifier with weights: "efficientnet-lite2", "imagenet", "none", or a file's path.

    "efficientnet-lite2" takes this network's weights from an installed package. The others are
    InceptionResNetV2: "imagenet" downloads Keras's weights once, into the shared download cache.
    "none" gives random weights, the same for the same seed; its class scores have no meaning, for
    tests without a network connection. Raises ValueError, with a sentence, if the weights are not
    available or do not fit.
    """
    with keras_settings.defaults():
        if weights == "efficientnet-lite2":
            return Classifier(_efficientnet(), side=260, scale=128, offset=127 / 128)
        network = _random(seed) if weights == "none" else _inception(weights)

    def logits(pictures: np.ndarray) -> np.ndarray:
        return network.predict(pictures, verbose=0)

    return Classifier(logits, side=299, scale=127.5, offset=1)


def scores(
    classifier: Classifier | None, pictures: np.ndarray, *, kinds: Iterable[str] = KINDS
) -> dict[str, np.ndarray]:
    """The class scores of pictures, {kind: (N, CLASSES) float32}.

    pictures: (N, H, W), grey, or (N, H, W, 3), RGB, uint8 in [0, 255]. `logits` and their `softmax`
    come from pictures scaled as in the network's training. `published` is the softmax with the
    published mistake: pictures in [0, 1] are scaled as if they were in [0, 255], so that they are
    almost black. `zeros` carry no information and need no classifier (it may be None).
    """
    found = {"zeros": np.zeros((len(pictures), CLASSES), "float32")}
    if classifier is None or set(kinds) <= set(found):
        return {kind: found[kind] for kind in kinds}
    squares = _squares(pictures, classifier.side)
    if {"logits", "softmax"} & set(kinds):
        found["logits"] = classifier.logits(squares / classifier.scale - classifier.offset)
        found["softmax"] = _softmax(found["logits"])
    if "published" in kinds:
        black = squares / 255 / classifier.scale - classifier.offset
        found["published"] = _softmax(classifier.logits(black))
    return {kind: found[kind] for kind in kinds}


def _squares(pictures: np.ndarray, side: int) -> np.ndarray:
    """(N, side, side, 3) float32 in [0, 255]; grey stands in all three channels."""
    images = [
        Image.fromarray(each).resize((side, side), Image.Resampling.BICUBIC) for each in pictures
    ]
    squares = np.stack([np.asarray(image) for image in images])
    if squares.ndim == 3:
        squares = np.repeat(squares[..., None], 3, axis=-1)
    return squares.astype("float32")


def _efficientnet() -> Callable[[np.ndarray], np.ndarray]:
    """EfficientNet-Lite2, computed by OpenVINO, at least twice as fast as by Keras.

    In float32, as bfloat16 in the classifier changes the colours of final by up to 6 units of ab.
    """
    quiet.import_openvino()
    from colornet.efficientnet import layers, weights
    from colornet.inference import graph, runtime

    network = layers.classifier()
    weights.adopt(network)
    (given,) = network.inputs
    compute = runtime.compiled([graph.Part(graph.convert(network), precise=True)])
    return lambda pictures: compute({given.name: pictures})


def _random(seed: int) -> Any:
    """InceptionResNetV2 with Glorot's uniform weights from NumPy, the same on every backend."""
    import keras

    state = random.getstate()  # building layers changes it
    network = keras.applications.InceptionResNetV2(weights=None, classifier_activation=None)
    random.setstate(state)
    numbers = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        if len(variable.shape) > 1:  # biases and normalization keep their initial values
            *place, ins, outs = variable.shape
            limit = (6 / (np.prod(place, initial=1) * (ins + outs))) ** 0.5
            variable.assign(numbers.uniform(-limit, limit, variable.shape).astype("float32"))
    return network


def _inception(weights: str) -> Any:
    """InceptionResNetV2 with "imagenet" or the path of a file."""
    import keras

    if weights == "imagenet":
        weights = _downloaded()
    if not Path(weights).is_file():
        raise ValueError(
            f"there is no file {weights} with the classifier's weights; "
            "legal are efficientnet-lite2, imagenet, none and the path of a file"
        )
    try:
        return keras.applications.InceptionResNetV2(weights=weights, classifier_activation=None)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"the classifier's weights in {weights} do not fit: {reason}") from error


def _downloaded() -> str:
    try:
        return str(download.get(URL, checksum=CHECKSUM, name=Path(URL).name))
    except (ValueError, OSError) as error:
        why = disk.sentence(error) if isinstance(error, OSError) else error
        raise ValueError(
            f"the classifier's weights: {why} Without a network connection, use a file: copy"
            f" {URL} to this machine and write its path into params.yaml, as `weights` of"
            " classify; or write efficientnet-lite2 there, which needs no download"
        ) from error


def _softmax(logits: np.ndarray) -> np.ndarray:
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return power / power.sum(axis=-1, keepdims=True)
