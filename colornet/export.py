"""A trained run -> an ONNX file, checked against Keras, with a card for those who use it."""

import argparse
import importlib
import shutil
import tempfile
import warnings
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import ImageOps

from colornet import card, params
from colornet.colorizer import sees_padding
from colornet.colour import inputs, lab
from colornet.images import photo
from colornet.inference import classifier
from colornet.sources import bundled
from colornet.square import letterbox, rounded
from colornet.system import disk, quiet, whole

LIMIT = 0.1  # units of ab by which ONNX Runtime may differ from Keras
NEEDS = ("tf2onnx", "onnx", "onnxruntime")
FILES = {"model.onnx", "README.md", "LICENSE", "lab.py"}


def run(folder: Path, *, output: Path) -> None:
    """Writes model.onnx, its card README.md, and lab.py into `output`, which is replaced whole.

    Raises UserError, and writes nothing, if the run cannot be read, a package is missing, `output`
    holds other files, or ONNX Runtime and Keras differ by more than LIMIT on ten pictures.
    """
    if output.exists() and not (output.is_dir() and {f.name for f in output.iterdir()} <= FILES):
        raise params.UserError(f"{output} is there and is no export: name another --output.")
    settings = _settings(folder)
    quiet.import_tensorflow()  # whose networks tf2onnx converts
    _require_packages()
    network, size = _network(folder), settings["preprocess"]["size"]
    padded = sees_padding(settings)
    model = _convert(folder, network, size, padded=padded)
    page = card.page(folder, settings, network)
    facts = {
        "run": folder.resolve().name,
        "model": network.name,
        "size": size,
        "saturation": settings.get("saturation", 1),
        "padded": padded,
        "licence": card.licence(page),
    }
    for key, value in facts.items():
        model.metadata_props.add(key=key, value=str(value))
    content = model.SerializeToString()
    off = _difference(network, content, _examples(size, padded=padded))
    if not off <= LIMIT:  # also if it is not a number
        raise params.UserError(
            f"What ONNX Runtime makes of {folder / 'model.keras'} is up to {off:.5f} units of ab "
            f"from Keras's colours, more than {LIMIT}: nothing is written."
        )
    opset = model.opset_import[0].version
    page += card.section(facts, settings, network, needs=NEEDS, off=off, opset=opset)
    _write(output, content, page, terms=folder.resolve().parent / "LICENSE")
    print(
        f"{output}: model.onnx, {disk.megabytes(len(content))}, and its card README.md; "
        f"on ten pictures at most {off:.5f} units of ab from Keras"
    )


def _write(output: Path, content: bytes, page: str, *, terms: Path) -> None:
    with whole.folder(output.resolve()) as part:
        (part / "model.onnx").write_bytes(content)
        shutil.copy(lab.__file__, part / "lab.py")
        if "](../LICENSE)" in page and terms.is_file():
            (part / "LICENSE").write_bytes(terms.read_bytes())
            page = page.replace("../LICENSE", "LICENSE")
        (part / "README.md").write_text(page, encoding="utf-8", newline="\n")


def _settings(folder: Path) -> dict:
    """The run's params.yaml, checked as far as an export needs it."""
    for file in ("params.yaml", "model.keras"):
        if not (folder / file).is_file():
            raise params.UserError(f"{folder} holds no trained run: {file} is missing there.")
    settings = params.load(folder / "params.yaml")
    try:
        (
            float(settings.get("saturation", 1)),
            settings["preprocess"]["size"] // 8,
            settings["train"]["dataset"],
        )
    except (LookupError, TypeError, ValueError):
        raise params.UserError(f"{folder / 'params.yaml'} is not what training leaves.") from None
    return settings


def _require_packages() -> None:
    for package in NEEDS:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise params.UserError(
                f"Export needs {package} ({error}): `pip install -r requirements-dev.txt`, or "
                f"`pip install {' '.join(NEEDS)}`."
            ) from error


def _network(folder: Path):
    import keras

    try:
        network = keras.models.load_model(folder / "model.keras", compile=False)
        if not {each.name for each in network.inputs} <= set(inputs.KNOWN):
            raise ValueError("inputs of another kind of network")
    except Exception as error:
        raise params.UserError(
            f"{folder / 'model.keras'} cannot be loaded: it is broken, of another version of "
            "Keras, or none of colornet's networks."
        ) from error
    return network


def _convert(folder: Path, network, size: int, *, padded: bool):
    """An ONNX model of the network with the output `ab`.

    For squares of one size if it sees `padded` pictures, else for any multiples of 32.
    """
    import keras
    import onnx

    specs = []
    for each in network.inputs:
        shape = (None, *(size if side is None else side for side in each.shape[1:]))
        specs.append(keras.InputSpec(dtype="float32", shape=shape, name=each.name))
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # from Keras's patch of tf2onnx
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
    predicted = [side.dim_value for side in output.type.tensor_type.shape.dim][1:3]
    shape = ["N", *(predicted if padded else ("h", "w")), 2]
    output.CopyFrom(onnx.helper.make_tensor_value_info("ab", onnx.TensorProto.FLOAT, shape))
    for each in model.graph.input:
        sides = each.type.tensor_type.shape.dim
        sides[0].dim_param = "N"
        # What is converted at one size computes at others: its layers know factors, not sizes
        if not padded and len(sides) == 4:
            sides[1].dim_param, sides[2].dim_param = "H", "W"
    return model


def _examples(size: int, *, padded: bool) -> list[np.ndarray]:
    """Ten grey pictures as a network sees them, in batches (n, H, W) uint8 of 1 to 3."""
    shipped = resources.files("skimage") / "data"
    files = [(shipped / credit.file).read_bytes() for credit in bundled.PHOTOGRAPHS.values()]
    pictures = [photo.read(file).convert("L") for file in files]
    mirrored = [ImageOps.mirror(picture) for picture in pictures[:3]]
    if not padded:  # a picture and its mirror image have one size
        pairs = [pictures[:3], mirrored]
        batches = [list(pair) for pair in zip(*pairs, strict=True)] + [[p] for p in pictures[3:]]
        return [
            np.stack([np.asarray(p.resize(rounded(*p.size, size))) for p in batch])
            for batch in batches
        ]
    squares = [np.asarray(letterbox(p, size=size)[0]) for p in pictures + mirrored]
    return [np.stack(squares[start:end]) for start, end in ((0, 1), (1, 4), (4, 7), (7, 10))]


def _difference(network, content: bytes, batches: list[np.ndarray]) -> float:
    """The largest difference between ONNX Runtime and Keras, in units of ab.

    With random class scores if the network takes them.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    random, off = np.random.default_rng(0), []
    for batch in batches:
        scores = random.normal(size=(len(batch), classifier.CLASSES)).astype("float32")
        names = [each.name for each in network.inputs]
        given = inputs.make(names, batch[..., None], class_scores=scores)
        theirs = np.asarray(network(inputs.for_keras(given), training=False))
        (ours,) = session.run(["ab"], given)
        off.append(lab.AB_SCALE * np.abs(ours - theirs).max())
    return float(np.max(off))  # not a number if one is not


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
    main()
