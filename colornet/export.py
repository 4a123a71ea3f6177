"""A trained run -> an ONNX file, checked against Keras, with a card for those who use it.

Or, with --web, a page that colours photographs in a browser with this network, offline.
"""

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
from colornet.colorizer import default, sees_padding
from colornet.colour import inputs, lab
from colornet.images import photo
from colornet.inference import classifier
from colornet.sources import bundled
from colornet.square import letterbox, rounded
from colornet.system import disk, quiet, stop, whole
from colornet.web import page as web_page
from colornet.web import runtime as web_runtime

LIMIT = 0.1  # units of ab by which ONNX Runtime may differ from Keras
NEEDS = ("tf2onnx", "onnx", "onnxruntime")
CARD = {"README.md", "LICENSE"}
FILES = {False: CARD | {"model.onnx", "lab.py"}, True: CARD | web_page.FILES}  # without, with --web


def run(folder: Path, *, output: Path, web: bool = False, onnxruntime: Path | None = None) -> None:
    """Writes model.onnx, its card README.md, and lab.py into `output`, which is replaced whole.

    web: the card, and the files of `web.page` instead of the others; onnxruntime: the npm package
    for it, see `web.runtime.files`. Raises UserError, and writes nothing, if the run cannot be
    read, a package is missing, `output` holds other files, the page cannot compute the network's
    inputs, or ONNX Runtime and Keras differ by more than LIMIT on ten pictures.
    """
    held = {f.name for f in output.iterdir()} if output.is_dir() else set()
    if output.exists() and not (output.is_dir() and held <= FILES[web]):
        raise params.UserError(f"{output} is there and is no export: name another --output.")
    settings = _settings(folder)
    if web:
        web_page.check(folder, settings)
    program = web_runtime.files(onnxruntime) if web else {}  # before what takes long
    _require_packages()
    stop.check()  # `colornet` has installed it: a signal raises nothing by itself
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
    stop.check()
    content = model.SerializeToString()
    off = _difference(network, content, _examples(size, padded=padded))
    if not off <= LIMIT:  # also if it is not a number
        raise params.UserError(
            f"What ONNX Runtime makes of {folder / 'model.keras'} is up to {off:.5f} units of ab "
            f"from Keras's colours, more than {LIMIT}: nothing is written."
        )
    opset = model.opset_import[0].version
    page += card.section(facts, settings, network, needs=NEEDS, off=off, opset=opset)
    stop.check()
    with whole.folder(output.resolve()) as part:
        _write_card(part, page, terms=folder.resolve().parent / "LICENSE")
        if web:
            web_page.write(part, content, program, facts)
        else:
            (part / "model.onnx").write_bytes(content)
            shutil.copy(lab.__file__, part / "lab.py")
    size = disk.megabytes(sum(f.stat().st_size for f in output.rglob("*")) if web else len(content))
    print(
        f"{output}: {'index.html with its files' if web else 'model.onnx'}, {size}, and its card "
        f"README.md; on ten pictures at most {off:.5f} units of ab from Keras"
    )


def _write_card(part: Path, page: str, *, terms: Path) -> None:
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
    for package in ("tensorflow", "skimage", *NEEDS):
        try:
            if package == "tensorflow":  # whose networks tf2onnx converts
                quiet.import_tensorflow()
            importlib.import_module(package)
        except ImportError as error:
            raise params.UserError(
                f"Export needs {package} ({error}): `pip install -r requirements-dev.txt`, or "
                f"`pip install tensorflow scikit-image {' '.join(NEEDS)}`."
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


def main(argv: list[str] | None = None, *, prog: str = "python -m colornet.export") -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=prog, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, help="as runs/beta-siamese; else the default network")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="else exported/<run>, or exported/<run>-web"
    )
    parser.add_argument(
        "--web", action="store_true", help="write a page that colours photographs in a browser"
    )
    parser.add_argument(
        "--onnxruntime",
        type=Path,
        metavar="FILE",
        help=f"with --web: what `npm pack {web_runtime.PACKAGE}` left; else npm fetches it",
    )
    options = parser.parse_args(argv)
    if options.onnxruntime and not options.web:
        parser.error("--onnxruntime is for --web")
    with params.sentences():
        try:
            folder = options.run or default()
            name = folder.resolve().name + "-web" * options.web
            output = options.output or Path("exported", name)
            run(folder, output=output, web=options.web, onnxruntime=options.onnxruntime)
        except OSError as error:
            raise params.UserError(disk.sentence(error)) from error


if __name__ == "__main__":
    main()
