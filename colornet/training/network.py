"""A network by its name -> built and compiled; and how it lies on disk."""

import importlib
import io
import json
import os
import re
import zipfile
from pathlib import Path
from types import ModuleType

import h5py
import keras
import numpy as np

from colornet.training import losses

RATE = 0.001  # Keras's own of rmsprop and adam


def architecture(model: str) -> ModuleType:
    """The module of a model: "beta", "final", "unet"."""
    return importlib.import_module(f"colornet.models.{model}")


def build(
    model: str,
    *,
    optimizer: str,
    precision: str,
    xla: bool | str,
    learning_rate: float | None = None,
    decay_steps: int | None = None,
    vivid: float | None = None,
) -> keras.Model:
    """The network as it is without arguments, compiled, with its optimizer's state.

    precision: "float32" or "bfloat16" (weights stay in float32); xla: as Keras's `jit_compile`;
    learning_rate: None for RATE; decay_steps: of the cosine by which it falls to 0 (Loshchilov,
    Hutter, arXiv:1608.03983), or None where it stays; vivid: the worth of `losses.Vivid`, or None
    for the squared error, which is measured in either case.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        network = architecture(model).build()
    finally:
        keras.config.set_dtype_policy(before)
    # Named, since Keras counts the unnamed ones of a process and saves the count.
    rate = learning_rate or RATE
    if decay_steps:
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps)
    config = {"name": optimizer, "learning_rate": rate}
    named = keras.optimizers.get({"class_name": optimizer, "config": config})
    loss = losses.mse if vivid is None else losses.Vivid(vivid)
    network.compile(named, loss, metrics=[losses.mse, losses.grey], jit_compile=xla)
    network.optimizer.build(network.trainable_variables)
    # What exists before the first step, metrics too, spares it a second tracing
    blank = np.zeros((1, 1, 1, 3), "float32")
    network.compute_metrics(None, blank, blank[..., :2])
    network.reset_metrics()
    return network


def variables(network: keras.Model) -> list[keras.Variable]:
    """All that training changes: weights and the optimizer's state, always in the same order."""
    return [*network.variables, *network.optimizer.variables]


def save(network: keras.Model, file: Path, *, half: bool = False) -> None:
    """Saves a .keras file that is the same, byte by byte, for the same network.

    Keras's own carries clock times, and addresses in memory as the identity of shared objects.
    `half`: weights as float16, in half the space; Keras reads them into its float32 variables.
    """
    part = file.with_name("part.keras")
    network.save(part)
    bare = file.with_name("part.zip")
    with zipfile.ZipFile(part) as source, zipfile.ZipFile(bare, "w") as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": "1980-01-01@00:00:00"})
            elif name == "config.json":
                content = _renumbered(content.decode())
            elif name == "model.weights.h5" and half:
                content = _halved(content)
            target.writestr(zipfile.ZipInfo(name), content)
    part.unlink()
    os.replace(bare, file)


def _renumbered(config: str) -> str:
    seen: dict[str, int] = {}
    return re.sub(
        r'(?<="shared_object_id": )\d+',
        lambda found: str(seen.setdefault(found[0], len(seen))),
        config,
    )


def _halved(weights: bytes) -> bytes:
    """An HDF5 file with its float32 arrays in float16."""
    halved = io.BytesIO()
    with h5py.File(io.BytesIO(weights)) as source, h5py.File(halved, "w") as target:
        target.attrs.update(source.attrs)

        def copy(name, node):
            if isinstance(node, h5py.Group):
                copied = target.require_group(name)
            else:
                array = node[()]
                small = array.dtype == np.float32
                copied = target.create_dataset(
                    name, data=array.astype("float16" if small else array.dtype)
                )
            copied.attrs.update(node.attrs)

        source.visititems(copy)
    return halved.getvalue()


def structure(network: keras.Model) -> dict:
    """For drawing: name, parameters, and of each layer name, type, shape, parameters, inputs."""
    layers = [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "shape": list(layer.output.shape),
            "parameters": layer.count_params(),
            "inputs": [node.operation.name for node in layer._inbound_nodes[0].parent_nodes],
        }
        for layer in network.layers
    ]
    return {"name": network.name, "parameters": network.count_params(), "layers": layers}
