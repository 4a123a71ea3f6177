"""A trained network's file -> a function of arrays, run by OpenVINO; imports no TensorFlow.

Measured in docs/experiments.md, "what runs the networks".
"""

import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

_importing = threading.Lock()


def import_keras():
    """Keras on its OpenVINO backend, unless it is loaded already or KERAS_BACKEND names another."""
    with _importing:
        if "keras" in sys.modules or "KERAS_BACKEND" in os.environ:
            return importlib.import_module("keras")
        os.environ["KERAS_BACKEND"] = "openvino"
        try:
            return importlib.import_module("keras")
        finally:
            del os.environ["KERAS_BACKEND"]  # what this process starts is to choose for itself


def load(file: Path) -> tuple[Callable[[dict[str, np.ndarray]], np.ndarray], int]:
    """The network of a .keras file as a function that threads may share, and its parameters.

    The function takes {input's name: (N, ...) float32} and returns (N, H, W, 2) float32, H and W
    those of the pictures. It computes in bfloat16 where the processor multiplies that, which
    moves the colours of beta and the U-Net by less than 1 unit of ab, else in float32. A network
    with layers that `graph` does not know is computed by Keras, for one thread at a time. Keras's
    safe mode holds: a file cannot bring code of its own. Raises whatever Keras raises for a broken
    file.
    """
    keras = import_keras()
    import openvino

    from colornet.inference import graph

    network = keras.models.load_model(file, compile=False)
    parameters = network.count_params()
    try:
        model = graph.convert(network)
    except graph.Unknown:
        return _keras(network), parameters
    # Threads of a folder's pictures side by side make more of them than all cores on one picture
    compiled = openvino.Core().compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})

    def compute(inputs: dict[str, np.ndarray]) -> np.ndarray:
        # A request of its own: one that is shared would be waited for
        request, count = compiled.create_infer_request(), len(next(iter(inputs.values())))
        # One by one: on a CPU no slower, and a picture's colours don't depend on those beside it
        batch = ({name: each[n : n + 1] for name, each in inputs.items()} for n in range(count))
        return np.concatenate([request.infer(one)[0] for one in batch])

    return compute, parameters


def _keras(network) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    alone = threading.Lock()

    def compute(inputs: dict[str, np.ndarray]) -> np.ndarray:
        with alone:
            one = inputs if len(inputs) > 1 else next(iter(inputs.values()))
            return network.predict(one, verbose=0)

    return compute
