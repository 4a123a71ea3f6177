"""A trained network's file -> a function of arrays, computed by OpenVINO without TensorFlow.

docs/experiments.md has the measurements behind it, "what runs the networks".
"""

import gc
import importlib
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from colornet.colour import inputs
from colornet.system import keras_settings, machine, quiet

Compute = Callable[[dict[str, np.ndarray]], np.ndarray]


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
    """Keras on the backend `keras_settings.chosen`, unless it is loaded already.

    Which one it is changes no colour, as long as OpenVINO computes: see `load`.
    """
    quiet.import_openvino()
    if "keras" in sys.modules:
        return importlib.import_module("keras")
    backend = keras_settings.chosen()
    if backend == "tensorflow":
        quiet.import_tensorflow()
    return keras_settings.import_keras(backend)


def load(file: Path) -> Network:
    """The network of a .keras file.

    It computes in bfloat16 if the processor has hardware for that, but for what `graph.parts` calls
    precise, which changes the colours by less than 1 unit of ab; and in float32 otherwise. If it
    has a layer that `graph` does not know, Keras computes it, several times slower and one call at
    a time, and a warning is logged that names the layer. Keras's safe mode holds: the file cannot
    run code of its own. Raises whatever Keras raises for a broken file.
    """
    keras = import_keras()
    network = keras.models.load_model(file, compile=False)
    from colornet.inference import graph

    names = tuple(each.name for each in network.inputs)
    parameters = network.count_params()
    try:
        parts = graph.parts(network)
    except graph.UnknownLayerError as unknown:
        logging.getLogger(__name__).warning(
            "%s: Keras computes this network, several times slower than OpenVINO, because"
            " colornet/inference/graph.py does not know %s.",
            file,
            unknown,
        )
        return Network(_keras(network), names, parameters)
    del network
    gc.collect()  # OpenVINO then compiles in the memory that Keras's layers and weights took
    return Network(compiled(parts), names, parameters)


def compiled(parts: list[Any]) -> Compute:
    """The function that OpenVINO compiles from `graph.parts`, or from some of its own."""
    import openvino

    # Several pictures at once, one core each, give more pictures/s. OpenVINO itself does not know
    # the CPU limit of a container.
    common = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": machine.cores()}
    core, programs = openvino.Core(), []
    for part in parts:
        settings = common | ({"INFERENCE_PRECISION_HINT": "f32"} if part.precise else {})
        programs.append(core.compile_model(part.model, "CPU", settings))

    def one(given: dict[str, np.ndarray], requests: list[Any]) -> np.ndarray:
        for request, program in zip(requests, programs, strict=True):
            names = [each.get_any_name() for each in program.inputs]
            # Without a copy, as the requests are this call's alone
            found = request.infer(
                {name: given[name] for name in names}, share_inputs=True, share_outputs=True
            )
            given = given | {each.get_any_name(): found[each] for each in program.outputs}
        return found[0]

    def compute(given: dict[str, np.ndarray]) -> np.ndarray:
        # Requests of its own for each call, as calls would wait for shared ones
        requests = [program.create_infer_request() for program in programs]
        count = len(next(iter(given.values())))
        # One by one: not slower on a CPU, and a picture's colours do not depend on the others
        batch = ({name: each[n : n + 1] for name, each in given.items()} for n in range(count))
        return np.concatenate([one(each, requests).copy() for each in batch])

    return compute


def _keras(network: Any) -> Compute:
    lock = threading.Lock()

    def compute(given: dict[str, np.ndarray]) -> np.ndarray:
        with lock:
            return network.predict(inputs.for_keras(given), verbose=0)

    return compute
