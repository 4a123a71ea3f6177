"""How often a classifier names the class of a photograph, in colour and in grey.

It sees the square in the photograph's middle, as in the published evaluations, and the whole
photograph in a padded square, as the network final shows it to the classifier. FOLDER holds
photographs whose names begin with the WordNet id of their class, such as n02123045_tabby.jpg; the
lines of the file LABELS begin with the ids of the 1000 classes in the order of the scores.
"""

import argparse
import re
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from colornet.images import photo
from colornet.inference import classifier, runtime
from colornet.square import letterbox

WORDNET = re.compile(r"n\d{8}")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--weights", nargs="+", default=["efficientnet-lite2"])
    parser.add_argument("--count", type=int, default=150, help="photographs, evenly chosen")
    options = parser.parse_args()
    ids = [found[0] for found in map(WORDNET.match, options.labels.open()) if found]
    if len(ids) != classifier.CLASSES:
        parser.error(f"{options.labels} has {len(ids)} lines that begin with an id, not 1000")
    files = [file for file in sorted(options.folder.iterdir()) if WORDNET.match(file.name)]
    if not files:
        parser.error(f"no name of a file in {options.folder} begins with an id")
    chosen = np.linspace(0, len(files) - 1, min(options.count, len(files))).astype(int)
    pictures = [photo.read(files[number].read_bytes()) for number in chosen]
    truth = [ids.index(files[number].name[:9]) for number in chosen]

    runtime.import_keras()
    print(f"{len(pictures)} photographs, shares of right classes")
    print(
        "| weights | in colour | in grey | in grey, padded | ms a picture |\n|---|---|---|---|---|"
    )
    for weights in options.weights:
        model = classifier.load(weights)
        grey = [Image.fromarray(photo.grey(picture)) for picture in pictures]
        ways = (_middle(pictures, model.side), _middle(grey, model.side), _padded(grey, model.side))
        start = time.perf_counter()
        shares = [f"{np.mean(_classes(model, way) == truth):.1%}" for way in ways]
        each = 1000 * (time.perf_counter() - start) / (len(ways) * len(pictures))
        print(f"| {weights} | {' | '.join(shares)} | {each:.0f} |")


def _middle(pictures: list[Image.Image], side: int) -> list[Image.Image]:
    bicubic = Image.Resampling.BICUBIC
    return [ImageOps.fit(picture, (side, side), bicubic) for picture in pictures]


def _padded(pictures: list[Image.Image], side: int) -> list[Image.Image]:
    return [letterbox(picture, size=side)[0] for picture in pictures]


def _classes(model: classifier.Classifier, pictures: list[Image.Image]) -> np.ndarray:
    batch = np.stack([np.asarray(picture) for picture in pictures])
    return np.argmax(classifier.scores(model, batch, kinds=["logits"])["logits"], axis=1)


if __name__ == "__main__":
    main()
