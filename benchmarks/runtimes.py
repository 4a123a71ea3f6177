"""Which runtime is fastest: ms for a picture, and how far its ab is from Keras's.

A picture is what the network sees of a photograph of 4:3: a square of 256x256 pixels with padding
for beta, 256x192 for lite.

All take turns in one process. Other runtimes than Keras read the file that `colornet.export`
writes, with two exceptions: OpenVINO with the graph that Keras makes where TensorFlow is not
installed, and OpenVINO as colornet uses it, with the graph of `colornet.inference.graph`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
import openvino

from benchmarks.crops import crops
from colornet import export, paths
from colornet.colour import lab
from colornet.inference import runtime

# run -> the width and height that its network sees
RUNS = {"beta-siamese": (256, 256), "lite-photos": (256, 192)}
EXPORT = """
import sys, keras
network = keras.models.load_model(sys.argv[1], compile=False)
shape = keras.InputSpec(dtype="float32", shape=(1, int(sys.argv[4]), int(sys.argv[3]), 1))
network.export(sys.argv[2], format="openvino", verbose=False, input_signature=[shape])
"""

Way = Callable[[dict[str, np.ndarray]], np.ndarray]  # {"lightness": (1, H, W, 1)} -> ab


def ways(run: Path, file: Path) -> dict[str, Way]:
    """Name -> function that computes ab; the first is Keras's. file: the exported network."""
    import keras  # on TensorFlow, which the export has imported

    network = keras.models.load_model(run / "model.keras", compile=False)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return {
        "Keras on TensorFlow": lambda inputs: network(inputs["lightness"]).numpy(),
        "ONNX Runtime, float32": lambda inputs: session.run(None, inputs)[0],
        "OpenVINO, float32": _openvino(file, "f32"),
        "OpenVINO, bfloat16": _openvino(file, "bf16"),
        "OpenVINO, bfloat16, the graph that Keras makes without TensorFlow": _openvino(
            _keras_graph(run, file.with_name("keras.xml")), "bf16"
        ),
        "OpenVINO, as colornet uses it": runtime.load(run / "model.keras").compute,
    }


def _openvino(file: Path, precision: str) -> Way:
    options = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(file, "CPU", options).create_infer_request()
    return lambda inputs: request.infer(list(inputs.values()))[0]


def _keras_graph(run: Path, file: Path) -> Path:
    """Writes the graph that Keras makes for OpenVINO, in a process with that backend."""
    call = [sys.executable, "-c", EXPORT, run / "model.keras", file, *map(str, RUNS[run.name])]
    subprocess.run(call, env=os.environ | {"KERAS_BACKEND": "openvino"}, check=True)
    return file


def measure(run: Path, pictures: list[dict[str, np.ndarray]]) -> tuple[dict, dict]:
    """Name -> seconds for each picture, and name -> the differences of ab, in units of ab."""
    seconds: dict[str, list[float]] = {}
    differences: dict[str, list[np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as folder:
        export.run(run, output=Path(folder, "onnx"))
        each = ways(run, Path(folder, "onnx", "model.onnx"))
        for number, inputs in enumerate(pictures):
            reference = None
            for name, way in each.items():
                start = time.perf_counter()
                ab = way(inputs)
                if number:  # the first picture takes longer
                    seconds.setdefault(name, []).append(time.perf_counter() - start)
                reference = ab if reference is None else reference
                differences.setdefault(name, []).append(lab.AB_SCALE * abs(ab - reference))
    return seconds, differences


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtimes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 50 s")
    options = parser.parse_args(argv)
    figures: dict[str, dict[str, float]] = {}
    for run, size in RUNS.items():
        pictures = [
            {"lightness": lab.lightness(np.asarray(picture.convert("L")))[None, ..., None]}
            for picture in crops((5 if options.quick else 30) + 1, size)
        ]
        seconds, differences = measure(paths.PRETRAINED / run, pictures)
        figures[run] = {name: round(1000 * median(each), 2) for name, each in seconds.items()}
        print(f"| {run} in | ms | ab, 99.9 % | ab, most |\n|---|--:|--:|--:|")
        for name, ms in figures[run].items():
            off = differences[name]
            print(f"| {name} | {ms:.1f} | {np.quantile(off, 0.999):.2f} | {np.max(off):.2f} |")
    print(json.dumps({"runtimes_ms": figures}))


if __name__ == "__main__":
    main()
