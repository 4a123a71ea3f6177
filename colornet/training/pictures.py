"""The prepared pictures of one split: their files, boxes and class scores, decoded when needed."""

import csv
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from PIL import Image

from colornet import paths
from colornet.params import UserError
from colornet.square import Box
from colornet.system import machine, stop

HELD = 0.1  # the share of the free memory that decoded pictures may take


class Pictures(NamedTuple):
    """The pictures of one split, and which of `colour.inputs` a network takes of them.

    `files`: N paths. `boxes`: (N, 4) int32, left, top, width, height in pixels of the square.
    `inputs`: names. `scores`: (N, 1000) float32, or None where the network takes no class scores.
    `images`: (N, S, S, 3) uint8, or None to decode the files each time.
    """

    files: list[str]
    boxes: np.ndarray
    inputs: tuple[str, ...] = ("lightness",)
    scores: np.ndarray | None = None
    images: np.ndarray | None = None

    def box(self, number: int) -> Box:
        """Where the picture lies in its square."""
        return Box(*map(int, self.boxes[number]))

    def photograph(self, number: int) -> np.ndarray:
        """The picture without its padding: (height, width, 3) uint8."""
        return self.box(number).cut(_decoded(self.files[number]))

    def size(self) -> int:
        """The side of the squares, in pixels."""
        with Image.open(self.files[0]) as square:
            return square.width

    def squares(self, numbers: Iterable[int]) -> np.ndarray:
        """The squares of these pictures: (B, S, S, 3) uint8."""
        if self.images is not None:
            return self.images[np.asarray(numbers)]
        with ThreadPoolExecutor(machine.cores()) as pool:
            return np.stack(list(pool.map(_decoded, (self.files[n] for n in numbers))))


def load(
    dataset: str,
    split: str,
    *,
    inputs: tuple[str, ...] = ("lightness",),
    class_scores: str | None = None,
) -> Pictures:
    """Reads index.csv of a prepared dataset and, if `inputs` name class scores, its scores.npz.

    class_scores: their kind, as "logits". Raises UserError if a file is broken or the class scores
    are those of other pictures, OSError if a file is missing.
    """
    folder = paths.prepared(dataset)
    try:
        with open(folder / "index.csv", newline="", encoding="utf-8") as stream:
            table = csv.DictReader(stream, strict=True)
            if not {"file", "split", *Box._fields} <= set(table.fieldnames or ()):
                raise ValueError("columns are missing")
            rows = [row for row in table if row["split"] == split]
        boxes = np.array([[int(row[key]) for key in Box._fields] for row in rows], "int32")
    except (ValueError, TypeError, csv.Error) as error:
        raise _broken(folder / "index.csv", "preprocess", dataset) from error
    if not rows:
        raise UserError(
            f"{dataset} has no pictures in its {split} split: raise preprocess.{dataset}.{split}."
        )
    names = [row["file"] for row in rows]
    pictures = Pictures([str(folder / name) for name in names], boxes, inputs)
    if "class_scores" not in inputs:
        return pictures
    file = paths.classes(dataset) / "scores.npz"
    try:
        with open(file, "rb") as stream, np.load(stream) as archive:
            row = {name: i for i, name in enumerate(archive["files"])}
            return pictures._replace(scores=archive[class_scores][[row[name] for name in names]])
    except KeyError as missing:
        why = f"{file.parent} has no class scores of {missing.args[0]}"
        raise UserError(f"{why}: python -m colornet.classify {dataset} makes them again.") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _broken(file, "classify", dataset) from error


def first(pictures: Pictures, count: int) -> Pictures:
    """The first `count` pictures."""
    scores = None if pictures.scores is None else pictures.scores[:count]
    images = None if pictures.images is None else pictures.images[:count]
    return pictures._replace(
        files=pictures.files[:count], boxes=pictures.boxes[:count], scores=scores, images=images
    )


def hold(pictures: Pictures, share: float | None = None) -> Pictures:
    """The same pictures with `images`, if these fit into a share of the free memory.

    share: HELD without a number.
    """
    shape = (len(pictures.files), pictures.size(), pictures.size(), 3)
    if np.prod(shape, dtype="int64") > (share or HELD) * machine.free_memory():
        return pictures
    return pictures._replace(images=decoded(pictures))


def decoded(pictures: Pictures) -> np.ndarray:
    """All squares: (N, S, S, 3) uint8. Raises stop.Stopped."""
    size = pictures.size()
    images = np.empty((len(pictures.files), size, size, 3), "uint8")

    def decode(number: int) -> None:
        stop.check()
        images[number] = _decoded(pictures.files[number])

    with ThreadPoolExecutor(machine.cores()) as pool:
        list(pool.map(decode, range(len(images))))
    return images


def _decoded(file: str) -> np.ndarray:
    with Image.open(file) as square:
        return np.asarray(square)


def _broken(file, stage: str, dataset: str) -> UserError:
    return UserError(f"{file} is broken: python -m colornet.{stage} {dataset} makes it again.")
