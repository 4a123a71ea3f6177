"""A trained run -> an ONNX file and the card that its readers need, held to what Keras predicts."""

import argparse
import importlib
import os
import tempfile
import warnings
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import ImageOps

from colornet import card, params
from colornet.colour import lab
from colornet.images import photo
from colornet.square import letterbox
from colornet.sources import bundled
from colornet.system import disk, quiet, whole

LIMIT = 0.1  # units of ab by which ONNX Runtime may differ from Keras
NEEDS = ("tf2onnx", "onnx", "onnxruntime")
FILES = {"model.onnx", "README.md", "LICENSE"}


def run(folder: Path, *, output: Path) -> None:
    """Writes model.onnx and README.md, its card, into `output`, which is replaced as a whole.

    UserError, and nothing written, where the run cannot be read, a package is missing, `output`
    holds other things, or ONNX Runtime and Keras differ by more than LIMIT on ten pictures.
    """
    if output.exists() and not (output.is_dir() and {f.name for f in output.iterdir()} <= FILES):
        raise params.UserError(f"{output} is there and is no export: name another --output.")
    papers, network = _load(folder)
    model = _convert(folder, network, papers["preprocess"]["size"])
    page = card.page(folder, papers, network)
    facts = {
        "run": folder.resolve().name,
        "model": network.name,
        "size": papers["preprocess"]["size"],
        "saturation": papers.get("saturation", 1),
        "licence": card.licence(page),
    }
    for key, value in facts.items():
        model.metadata_props.add(key=key, value=str(value))
    content = model.SerializeToString()
    off = _difference(network, content, facts["size"])
    if not off <= LIMIT:  # not a number, for instance
        raise params.UserError(
            f"What ONNX Runtime makes of {folder / 'model.keras'} is up to {off:.5f} units of ab "
            f"from Keras's colours, more than {LIMIT}: nothing is written."
        )
    opset = model.opset_import[0].version
    page += card.section(facts, papers, network, needs=NEEDS, off=off, opset=opset)
    with whole.folder(output.resolve()) as part:
        (part / "model.onnx").write_bytes(content)
        terms = folder.resolve().parent / "LICENSE"
        if "](../LICENSE)" in page and terms.is_file():
            (part / "LICENSE").write_bytes(terms.read_bytes())
            page = page.replace("../LICENSE", "LICENSE")
        (part / "README.md").write_text(page, encoding="utf-8", newline="\n")
    print(
        f"{output}: model.onnx, {disk.megabytes(len(content))}, and its card README.md; "
        f"on ten pictures at most {off:.5f} units of ab from Keras"
    )


def _load(folder: Path):
    """The papers and the network of a run, once all that export needs is known to be there."""
    for file in ("params.yaml", "model.keras"):
        if not (folder / file).is_file():
            raise params.UserError(f"{folder} holds no trained run: {file} is missing there.")
    papers = params.load(folder / "params.yaml")
    try:
        (
            float(papers.get("saturation", 1)),
            papers["preprocess"]["size"] // 8,
            papers["train"]["dataset"],
        )
    except (LookupError, TypeError, ValueError):
        raise params.UserError(f"{folder / 'params.yaml'} is not what training leaves.") from None
    quiet.import_tensorflow()
    for package in NEEDS:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise params.UserError(
                f"Export needs {package} ({error}): `pip install -r requirements-dev.txt`, or "
                f"`pip install {' '.join(NEEDS)}`."
            ) from error
    import keras

    try:
        network = keras.models.load_model(folder / "model.keras", compile=False)
        names = [each.name for each in network.inputs]
        if names not in (["lightness"], ["lightness", "class_scores"]):
            raise ValueError(names)
    except Exception as error:
        raise params.UserError(
            f"{folder / 'model.keras'} cannot be loaded: it is broken, of another version of "
            "Keras, or none of colornet's networks."
        ) from error
    return papers, network


def _convert(folder: Path, network, size: int):
    """The network for squares of one size as an ONNX model, its output named `ab`."""
    import keras
    import onnx

    shapes = {"lightness": (size, size, 1), "class_scores": network.inputs[-1].shape[1:]}
    specs = [
        keras.InputSpec(dtype="float32", shape=(None, *shapes[each.name]), name=each.name)
        for each in network.inputs
    ]
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of Keras's own patch of tf2onnx
        file = Path(place) / "model.onnx"
        try:
            signature = specs if len(specs) == 1 else [specs]
            network.export(file, format="onnx", verbose=False, input_signature=signature)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise params.UserError(
                f"{folder / 'model.keras'} cannot be converted: {reason}"
            ) from error
        model = onnx.load(file)
    output = model.graph.output[0]
    model.graph.node.add(op_type="Identity", input=[output.name], output=["ab"])
    shape = ["N", size, size, 2]
    output.CopyFrom(onnx.helper.make_tensor_value_info("ab", onnx.TensorProto.FLOAT, shape))
    for each in model.graph.input:
        each.type.tensor_type.shape.dim[0].dim_param = "N"
    return model


def _difference(network, content: bytes, size: int) -> float:
    """The most, in units of ab, by which ONNX Runtime and Keras differ; in batches of 1 and 3."""
    import onnxruntime

    shipped = resources.files("skimage") / "data"
    files = [(shipped / credit.file).read_bytes() for credit in bundled.PHOTOGRAPHS.values()]
    pictures = [photo.read(file).convert("L") for file in files]
    pictures += [ImageOps.mirror(picture) for picture in pictures[:3]]
    squares = np.stack([letterbox(picture, size=size)[0] for picture in pictures])
    inputs = {"lightness": lab.lightness(squares)[..., None]}
    if len(network.inputs) > 1:
        shape = (len(squares), network.inputs[1].shape[1])
        inputs["class_scores"] = np.random.default_rng(0).normal(size=shape).astype("float32")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    given = inputs if len(inputs) > 1 else inputs["lightness"]
    theirs = network.predict(given, batch_size=2, verbose=0)
    ours = [
        session.run(["ab"], {name: each[part] for name, each in inputs.items()})[0]
        for part in np.split(np.arange(len(squares)), [1, 4, 7])
    ]
    return lab.AB_SCALE * float(np.abs(np.concatenate(ours) - theirs).max())


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m colornet.export", description=__doc__)
    parser.add_argument("--run", required=True, type=Path, help="as runs/beta-siamese")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write; else exported/<run>"
    )
    options = parser.parse_args(argv)
    with params.sentences():
        try:
            output = options.output or Path("exported", options.run.resolve().name)
            run(options.run, output=output)
        except OSError as error:
            raise params.UserError(disk.sentence(error)) from error


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "tensorflow"  # which tf2onnx converts
    main()
