"""Grey pictures -> 1000 ImageNet class scores, by InceptionResNetV2."""

import random
from pathlib import Path

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


def load(weights: str, *, seed: int = 0):
    """The network with its weights: "imagenet", "none", or a file's path.

    "imagenet" are those that Keras offers, downloaded once into the shared download cache. "none"
    are random weights, the same for the same seed: class scores without any meaning, for samples
    and tests without a network. Raises ValueError, in a sentence, where the weights can't be had or
    don't fit.
    """
    import keras

    if weights == "none":
        state = random.getstate()  # which layers that are built change
        network = keras.applications.InceptionResNetV2(weights=None, classifier_activation=None)
        random.setstate(state)
        _scatter(network, seed)
        return network
    if weights == "imagenet":
        try:
            weights = str(download.get(URL, checksum=CHECKSUM, name=Path(URL).name))
        except (ValueError, OSError) as error:
            why = disk.sentence(error) if isinstance(error, OSError) else error
            raise ValueError(
                f"the classifier's weights: {why} Without a network, a file's path serves:"
                f" bring {URL} and put its path in params.yaml, as `weights` of classify"
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


def scores(model, grey: np.ndarray, *, kinds=KINDS) -> dict[str, np.ndarray]:
    """The class scores of grey pictures, each kind (N, 1000) float32.

    grey: (N, H, W) uint8 in [0, 255]. `logits` and their `softmax` come from the picture scaled to
    [-1, 1] as the network was trained; `published` is the softmax after the published mistake, a
    picture in [0, 1] scaled as if it were in [0, 255], so that it is almost black; `zeros` says
    nothing and needs no network (`model` may be None).
    """
    found = {"zeros": np.zeros((len(grey), CLASSES), "float32")}
    if set(kinds) <= set(found):
        return found
    square = np.stack(
        [Image.fromarray(g).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for g in grey]
    )
    square = np.repeat(square[..., None], 3, axis=-1).astype("float32")  # (N, 299, 299, 3)
    if {"logits", "softmax"} & set(kinds):
        found["logits"] = model.predict(square / 127.5 - 1, verbose=0)
        found["softmax"] = _softmax(found["logits"])
    if "published" in kinds:
        found["published"] = _softmax(model.predict(square / 255 / 127.5 - 1, verbose=0))
    return {kind: found[kind] for kind in kinds}


def _scatter(network, seed: int) -> None:
    """Gives a network Glorot's uniform weights from NumPy: the same on each of Keras's backends."""
    numbers = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        if len(variable.shape) > 1:  # biases and what normalization learns start as they are
            *place, ins, outs = variable.shape
            limit = (6 / (np.prod(place, initial=1) * (ins + outs))) ** 0.5
            variable.assign(numbers.uniform(-limit, limit, variable.shape).astype("float32"))


def _softmax(logits: np.ndarray) -> np.ndarray:
    power = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return power / power.sum(axis=-1, keepdims=True)
