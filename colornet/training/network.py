"""A network's name -> the network, built and compiled; and its file."""

import importlib
import io
import json
import pkgutil
import re
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

import h5py
import keras
import numpy as np

from colornet import models
from colornet.params import UserError
from colornet.system import whole
from colornet.training import losses

RATE = 0.001  # Keras's default for rmsprop and adam


def architecture(model: str) -> ModuleType:
    """The module colornet.models.<model>, with `INPUTS` and `build`. UserError if it is missing."""
    name = f"colornet.models.{model}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        legal = ", ".join(sorted(each.name for each in pkgutil.iter_modules(models.__path__)))
        raise UserError(f"there is no network {model}; there are: {legal}.") from None


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
    """The network that `build()` makes without arguments, compiled, with its optimizer's state.

    precision: "float32" or "bfloat16" (weights stay in float32); xla: Keras's `jit_compile`;
    learning_rate: None for RATE; decay_steps: in so many steps it falls to 0 along a cosine
    (Loshchilov, Hutter, arXiv:1608.03983), None for a constant rate; vivid: `worth` of
    `losses.Vivid`, or None for the squared error, which is a metric in either case.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        network = architecture(model).build()
    finally:
        keras.config.set_dtype_policy(before)
    # With a name, because Keras numbers the unnamed ones of a process and saves the number
    rate = learning_rate or RATE
    if decay_steps:
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps)
    config = {"name": optimizer, "learning_rate": rate}
    named = keras.optimizers.get({"class_name": optimizer, "config": config})
    loss = losses.mse if vivid is None else losses.Vivid(vivid)
    network.compile(named, loss, metrics=[losses.mse, losses.grey], jit_compile=xla)
    network.optimizer.build(network.trainable_variables)
    # Metrics that exist before the first step save it a second tracing
    blank = np.zeros((1, 1, 1, 3), "float32")
    network.compute_metrics(None, blank, blank[..., :2])
    network.reset_metrics()
    return network


def variables(network: keras.Model) -> list[keras.Variable]:
    """Everything that training changes: weights, then the optimizer's state; a fixed order."""
    return [*network.variables, *network.optimizer.variables]


def assign(variables: list[keras.Variable], values: list) -> None:
    """Gives each variable its value."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def save(network: keras.Model, file: Path, *, half: bool = False) -> None:
    """Saves a .keras file with the same bytes each time for the same network.

    Keras's own file holds clock times, and memory addresses as the identity of shared objects.
    `half`: weights as float16, in half the space; Keras reads them into its float32 variables.
    """
    with tempfile.TemporaryDirectory() as folder, whole.file(file) as stream:
        network.save(Path(folder) / "network.keras")
        with (
            zipfile.ZipFile(Path(folder) / "network.keras") as source,
            zipfile.ZipFile(stream, "w") as target,
        ):
            for name in sorted(source.namelist()):
                content = _reproducible(name, source.read(name))
                if name == "model.weights.h5" and half:
                    content = _halved(content)
                target.writestr(zipfile.ZipInfo(name), content)


def _reproducible(name: str, content: bytes) -> bytes:
    if name == "metadata.json":
        dated = {**json.loads(content), "date_saved": "1980-01-01@00:00:00"}
        return json.dumps(dated).encode()
    return _renumbered(content.decode()).encode() if name == "config.json" else content


def _renumbered(config: str) -> str:
    seen: dict[str, int] = {}
    return re.sub(
        r'(?<="shared_object_id": )\d+',
        lambda found: str(seen.setdefault(found[0], len(seen))),
        config,
    )


def _halved(weights: bytes) -> bytes:
    """The content of an HDF5 file, its float32 arrays as float16."""
    halved = io.BytesIO()
    with h5py.File(io.BytesIO(weights)) as source, h5py.File(halved, "w") as target:
        target.attrs.update(source.attrs)

        def copy(name: str, node: h5py.Group | h5py.Dataset) -> None:
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
    """What structure.json holds: the layers, each with type, shape, parameters and inputs."""
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
