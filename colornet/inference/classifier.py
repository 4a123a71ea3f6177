"""Grey pictures -> 1000 ImageNet class scores, by InceptionResNetV2."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from colornet.system import disk, download

# What keras.applications.InceptionResNetV2(weights="imagenet") downloads, and its checksum there
URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/inception_resnet_v2/"
    "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5"
)
CHECKSUM = "md5:e693bd0210a403b3192acc6073ad2e96"
SIDE = 299
CLASSES = 1000
KINDS = ("logits", "softmax", "published", "zeros")


def load(weights: str, *, seed: int = 0) -> Any:
    """InceptionResNetV2 with weights: "imagenet", "none", or the path of a file.

    "imagenet" downloads Keras's weights once, into the shared download cache. "none" gives random
    weights, the same for the same seed; its class scores have no meaning, for samples and tests
    without a network connection. Raises ValueError, with a sentence, if the weights are not
    available or do not fit.
    """
    import keras

    if weights == "none":
        state = random.getstate()  # building layers changes it
        network = keras.applications.InceptionResNetV2(weights=None, classifier_activation=None)
        random.setstate(state)
        _randomize(network, seed)
        return network
    if weights == "imagenet":
        try:
            weights = str(download.get(URL, checksum=CHECKSUM, name=Path(URL).name))
        except (ValueError, OSError) as error:
            why = disk.sentence(error) if isinstance(error, OSError) else error
            raise ValueError(
                f"the classifier's weights: {why} Without a network connection, use a file: copy"
                f" {URL} to this machine and write its path into params.yaml, as `weights` of"
                " classify"
            ) from error
    if not Path(weights).is_file():
        raise ValueError(
            f"there is no file {weights} with the classifier's weights; "
            "legal are imagenet, none and the path of a file"
        )
    try:
        return keras.applications.InceptionResNetV2(weights=weights, classifier_activation=None)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"the classifier's weights in {weights} do not fit: {reason}") from error


def scores(model: Any, grey: np.ndarray, *, kinds: Iterable[str] = KINDS) -> dict[str, np.ndarray]:
    """The class scores of grey pictures, {kind: (N, 1000) float32}.

    model: what `load` returns; grey: (N, H, W) uint8 in [0, 255]. `logits` and their `softmax` come
    from pictures scaled to [-1, 1], as the network was trained. `published` is the softmax with the
    published mistake: pictures in [0, 1] are scaled as if they were in [0, 255], so that they are
    almost black. `zeros` carry no information and need no network (`model` may be None).
    """
    found = {"zeros": np.zeros((len(grey), CLASSES), "float32")}
    if set(kinds) <= set(found):
        return found
    pictures = [
        Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for picture in grey
    ]
    square = np.stack([np.asarray(picture) for picture in pictures])
    square = np.repeat(square[..., None], 3, axis=-1).astype("float32")  # (N, 299, 299, 3)
    if {"logits", "softmax"} & set(kinds):
        found["logits"] = model.predict(square / 127.5 - 1, verbose=0)
        found["softmax"] = _softmax(found["logits"])
    if "published" in kinds:
        found["published"] = _softmax(model.predict(square / 255 / 127.5 - 1, verbose=0))
    return {kind: found[kind] for kind in kinds}


def _randomize(network: Any, seed: int) -> None:
    """Gives a network Glorot's uniform weights, from NumPy: the same on every Keras backend."""
    numbers = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        if len(variable.shape) > 1:  # biases and normalization keep their initial values
            *place, ins, outs = variable.shape
            limit = (6 / (np.prod(place, initial=1) * (ins + outs))) ** 0.5
            variable.assign(numbers.uniform(-limit, limit, variable.shape).astype("float32"))


def _softmax(logits: np.ndarray) -> np.ndarray:
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return power / power.sum(axis=-1, keepdims=True)
