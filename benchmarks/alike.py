"""Which features find pictures that show alike things: of EfficientNet-Lite2, and of networks here.

For each test picture the six nearest others by the cosine are taken. `same_animal`: how many are a
cat for a cat and a dog for a dog; `same_success`: the rank correlation of a picture's gain in PSNR
over grey with the mean of the six. Needs the evaluations of lite-photos on `pets` and `cats-dogs`:
`dvc repro evaluate@lite-photos-on-pets evaluate@lite-photos-on-cats-dogs`.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from colornet import paths
from colornet.colour import inputs, lab
from colornet.evaluate import squares
from colornet.inference import features, graph, runtime
from colornet.square import rounded
from dashboard.alike import MOST

DATASETS = ("pets", "cats-dogs")
EVALUATION = "lite-photos-on-{}"
SIZES = (128, 192, 256)  # pixels of the longer side that EfficientNet-Lite2 sees
# Layers of the networks here: the end of the encoder
LAYERS = {"lite-photos": "head_relu", "beta-siamese": "encoder_conv8"}
Features = Callable[[np.ndarray], np.ndarray]


def candidates() -> dict[str, Features]:
    """Name -> the function of a grey picture, (H, W) uint8, to its features."""
    found: dict[str, Features] = {"the picture, 16x16": _pixels}
    for run, layer in LAYERS.items():
        found[f"{run}, {layer}"] = _of_network(paths.PRETRAINED / run / "model.keras", layer)
    for size in SIZES:
        found[f"EfficientNet-Lite2, {size}"] = _of_classifier(size)
    return found


def _pixels(grey: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(grey).resize((16, 16)), "float32").ravel()


def _of_classifier(size: int) -> Features:
    known = features.load()

    def of(grey: np.ndarray) -> np.ndarray:
        features.LONGER = size
        return known(grey)

    return of


def _of_network(file: Path, layer: str) -> Features:
    """The mean over all places of a layer, of pictures whose longer side is 256 pixels."""
    keras = runtime.import_keras()
    network = keras.models.load_model(file, compile=False)
    mean = keras.layers.GlobalAveragePooling2D()(network.get_layer(layer).output)
    part = graph.Part(graph.convert(keras.Model(network.inputs, mean)), precise=True)
    compute = runtime.compiled([part])

    def of(grey: np.ndarray) -> np.ndarray:
        image = Image.fromarray(grey)
        seen = np.asarray(image.resize(rounded(*image.size, 256), Image.Resampling.LANCZOS))
        return compute(inputs.make(("lightness",), seen[None, ..., None]))[0]

    return of


def judged(dataset: str, known: Features) -> tuple[float, float]:
    """The share of alike animals among the nearest, and the rank correlation of success."""
    files, vectors = [], []
    for file, square, box in squares(paths.prepared(dataset), "test", dataset):
        files.append(file)
        vectors.append(known(box.cut(lab.grey(square))[..., 0].astype("uint8")))
    stacked = np.array(vectors, "float32")
    stacked /= np.linalg.norm(stacked, axis=1, keepdims=True).clip(1e-9)
    cosines = stacked @ stacked.T
    np.fill_diagonal(cosines, -1)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :MOST]
    cats = np.array([_is_cat(Path(file).name) for file in files])
    scores = pd.read_csv(paths.results(EVALUATION.format(dataset)) / "scores.csv")
    scores = scores.set_index("file").loc[files]
    ranks = (scores["psnr"] - scores["psnr_grey"]).rank().to_numpy()
    success = np.corrcoef(ranks, ranks[nearest].mean(axis=1))[0, 1]
    return float((cats[nearest] == cats[:, None]).mean()), float(success)


def _is_cat(name: str) -> bool:
    """Dogs vs. Cats writes the animal; the Pets write breeds of cats with a capital letter."""
    return name.startswith("cat") or name[0].isupper()


def main(argv: list[str] | None = None) -> None:
    argparse.ArgumentParser(prog="python -m benchmarks.alike", description=__doc__).parse_args(argv)
    rows = {}
    for name, known in candidates().items():
        rows[name] = {dataset: judged(dataset, known) for dataset in DATASETS}
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
