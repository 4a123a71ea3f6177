"""A trained network's file -> a function of arrays, computed by OpenVINO without TensorFlow.

docs/experiments.md has the measurements behind it, "what runs the networks".
"""

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from colornet.colour import inputs
from colornet.system import machine

Compute = Callable[[dict[str, np.ndarray]], np.ndarray]
_importing = threading.Lock()


@dataclass(frozen=True)
class Network:
    """A loaded network.

    compute: {input: (N, ...) float32} -> ab/128, (N, H, W, 2) float32 in [-1, 1]; threads may share
    it. inputs: the names of its inputs, of `colour.inputs`. parameters: how many it has.
    """

    compute: Compute
    inputs: tuple[str, ...]
    parameters: int


def import_keras() -> Any:
    """Keras on its OpenVINO backend, unless it is loaded already or KERAS_BACKEND names another."""
    with _importing:
        if "keras" in sys.modules or "KERAS_BACKEND" in os.environ:
            return importlib.import_module("keras")
        os.environ["KERAS_BACKEND"] = "openvino"
        try:
            return importlib.import_module("keras")
        finally:
            del os.environ["KERAS_BACKEND"]  # child processes choose for themselves


def load(file: Path) -> Network:
    """The network of a .keras file.

    It computes in bfloat16 if the processor has hardware for that, which changes the colours of
    beta and the U-Net by less than 1 unit of ab, and in float32 otherwise. If it has a layer that
    `graph` does not know, Keras computes it, several times slower and one call at a time, and a
    warning is logged that names the layer. Keras's safe mode holds: the file cannot run code of its
    own. Raises whatever Keras raises for a broken file.
    """
    keras = import_keras()
    network = keras.models.load_model(file, compile=False)
    from colornet.inference import graph

    try:
        compute = compiled(graph.convert(network))
    except graph.UnknownLayerError as unknown:
        logging.getLogger(__name__).warning(
            "%s: Keras computes this network, several times slower than OpenVINO, because"
            " colornet/inference/graph.py does not know %s.",
            file,
            unknown,
        )
        compute = _keras(network)
    names = tuple(each.name for each in network.inputs)
    return Network(compute, names, network.count_params())


def compiled(model: Any, **settings: Any) -> Compute:
    """The function that OpenVINO compiles from a graph of `graph.convert`; settings: OpenVINO's."""
    import openvino

    # Several pictures at once, one core each, give more pictures/s. OpenVINO itself does not know
    # the CPU limit of a container.
    settings |= {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": machine.cores()}
    program = openvino.Core().compile_model(model, "CPU", settings)

    def compute(given: dict[str, np.ndarray]) -> np.ndarray:
        # A request of its own for each call, as calls would wait for a shared one
        request, count = program.create_infer_request(), len(next(iter(given.values())))
        # One by one: not slower on a CPU, and a picture's colours do not depend on the others
        batch = ({name: each[n : n + 1] for name, each in given.items()} for n in range(count))
        return np.concatenate([request.infer(one)[0] for one in batch])

    return compute


def _keras(network: Any) -> Compute:
    lock = threading.Lock()

    def compute(given: dict[str, np.ndarray]) -> np.ndarray:
        with lock:
            return network.predict(inputs.for_keras(given), verbose=0)

    return compute
