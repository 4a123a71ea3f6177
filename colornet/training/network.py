"""A network's name -> the network, built and compiled; and its file."""

import importlib
import io
import json
import pkgutil
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import h5py
import keras
import numpy as np

from colornet import models
from colornet.params import UserError
from colornet.system import whole
from colornet.training import losses
from colornet.training.rates import RATE


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
    weight_decay: float | None = None,
    clip: float | None = None,
    mean_of_weights: float | None = None,
    vivid: float | None = None,
    encoder: str | None = None,
) -> keras.Model:
    """The network that `build()` makes without arguments, compiled, with its optimizer's state.

    precision: "float32" or "bfloat16" (weights stay in float32); xla: Keras's `jit_compile`;
    learning_rate: None for `rates.RATE`; vivid: `worth` of `losses.Vivid`, or None for the squared
    error, which is a metric in either case; encoder: None, or that with which the network's
    `load_encoder` lets it begin. The others are those of `Parameters`. Raises UserError if the
    encoder's weights are not there.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        network = architecture(model).build()
    finally:
        keras.config.set_dtype_policy(before)
    if encoder:
        try:
            architecture(model).load_encoder(network)
        except ValueError as error:
            raise UserError(f"{error}.") from error
    # With a name, because Keras numbers the unnamed ones of a process and saves the number
    config = {"name": optimizer, "learning_rate": learning_rate or RATE, "global_clipnorm": clip}
    if weight_decay:
        config["weight_decay"] = weight_decay
    if mean_of_weights:
        config |= {"use_ema": True, "ema_momentum": mean_of_weights}
    named = keras.optimizers.get({"class_name": optimizer, "config": config})
    named.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = losses.mse if vivid is None else losses.Vivid(vivid)
    network.compile(named, loss, metrics=[losses.mse, losses.grey], jit_compile=xla)
    network.optimizer.build(network.trainable_variables)
    # Metrics that exist before the first step save it a second tracing
    blank = np.zeros((1, 1, 1, 3), "float32")
    network.compute_metrics(None, blank, blank[..., :2])
    network.reset_metrics()
    return network


@contextmanager
def averaged(network: keras.Model) -> Iterator[None]:
    """Inside the block a network has the mean of its weights, if its optimizer keeps one."""
    if not network.optimizer.use_ema:
        yield
        return
    trained = [variable.numpy() for variable in network.trainable_variables]
    network.optimizer.finalize_variable_values(network.trainable_variables)
    yield
    assign(network.trainable_variables, trained)


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
