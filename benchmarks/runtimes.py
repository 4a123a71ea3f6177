"""What runs a network fastest: ms for a 256x256 picture, and how far ab is from Keras's.

All take turns in one process. The runtimes other than Keras get the file that `colornet.export`
writes, but for two: OpenVINO with the graph that Keras makes where TensorFlow is not installed, and
as colornet uses it, with the graph of `colornet.inference.graph`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ["KERAS_BACKEND"] = "tensorflow"  # the reference

import keras
import numpy as np
import onnxruntime
import openvino

from benchmarks.colorize import SIZE, pictures
from colornet import export, paths
from colornet.colour import lab
from colornet.inference import runtime

EXPORT = """
import sys, keras
network = keras.models.load_model(sys.argv[1], compile=False)
shape = keras.InputSpec(dtype="float32", shape=(1, int(sys.argv[3]), int(sys.argv[3]), 1))
network.export(sys.argv[2], format="openvino", verbose=False, input_signature=[shape])
"""


def ways(run: Path, file: Path) -> dict:
    """Name -> function of {"lightness": (1, 256, 256, 1) float32}; Keras's first."""
    network = keras.models.load_model(run / "model.keras", compile=False)
    found = {"Keras on TensorFlow": lambda inputs: network(inputs["lightness"]).numpy()}
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    found["ONNX Runtime, float32"] = lambda inputs: session.run(None, inputs)[0]
    core = openvino.Core()
    for name, kind in (("float32", "f32"), ("bfloat16", "bf16")):
        options = {"INFERENCE_PRECISION_HINT": kind, "PERFORMANCE_HINT": "LATENCY"}
        request = core.compile_model(file, "CPU", options).create_infer_request()
        found[f"OpenVINO, {name}"] = lambda inputs, each=request: each.infer(inputs)[0]
    made = file.with_name("keras.xml")
    call = [sys.executable, "-c", EXPORT, run / "model.keras", made, str(SIZE)]
    subprocess.run(call, env=os.environ | {"KERAS_BACKEND": "openvino"}, check=True)
    request = core.compile_model(made, "CPU", options).create_infer_request()
    found["OpenVINO, bfloat16, the graph that Keras makes without TensorFlow"] = lambda inputs: (
        request.infer(list(inputs.values()))[0]
    )
    found["OpenVINO, as colornet uses it"] = runtime.load(run / "model.keras")[0]
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtimes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, in under 40 s")
    options = parser.parse_args(argv)
    runs = [paths.PRETRAINED / name for name in ("beta-siamese-60", "unet-pets")]
    repeats, figures = 5 if options.quick else 30, {}
    lightness = [
        {"lightness": lab.lightness(np.asarray(picture.convert("L")))[None, ..., None]}
        for picture in pictures(repeats + 1, (SIZE, SIZE))
    ]
    for run in runs:
        with tempfile.TemporaryDirectory() as folder:
            export.run(run, output=Path(folder, "onnx"))
            seconds, off = {}, {}
            each = ways(run, Path(folder, "onnx", "model.onnx"))
            for number, inputs in enumerate(lightness):
                reference = None
                for name, way in each.items():
                    start = time.perf_counter()
                    ab = way(inputs)
                    if number:  # the first one prepares
                        seconds.setdefault(name, []).append(time.perf_counter() - start)
                    reference = ab if reference is None else reference
                    off.setdefault(name, []).append(lab.AB_SCALE * abs(ab - reference))
        print(f"| {run.name} in | ms | ab, 99.9 % | ab, most |\n|---|--:|--:|--:|")
        figures[run.name] = {}
        for name in each:
            ms, most = 1000 * median(seconds[name]), np.max(off[name])
            print(f"| {name} | {ms:.1f} | {np.quantile(off[name], 0.999):.2f} | {most:.2f} |")
            figures[run.name][name] = round(ms, 2)
    print(json.dumps({"runtimes_ms": figures}))


if __name__ == "__main__":
    main()
