"""A few validation pictures in colour, again and again while a network trains."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from colornet import square
from colornet.colour import inputs, lab
from colornet.system import stop, whole
from colornet.training.pictures import Pictures, first

PICTURES = 4


class Previews:
    """The JPEG files in `folder`: truth_<name>, grey_<name>, and epoch-<number>_<name>.

    pictures: the validation split, of which the first PICTURES are shown; forward and alone: as
    `colour` takes them.
    """

    def __init__(self, folder: Path, forward: Callable, pictures: Pictures, *, alone: bool):
        self.folder, self._forward, self._alone = folder, forward, alone
        self._pictures = first(pictures, PICTURES)

    def clear(self) -> None:
        """Makes the folder, empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def remove_after(self, epoch: int) -> None:
        """Removes the pictures of later epochs."""
        for picture in self.folder.glob("epoch-*"):
            if int(picture.name[6:11]) > epoch:
                picture.unlink()

    def write_truth(self) -> None:
        """Writes the photographs and their grey versions."""
        for number in range(len(self._pictures.files)):
            truth = self._pictures.photograph(number)
            self._write("truth", number, truth)
            self._write("grey", number, np.repeat(lab.grey(truth), 3, axis=-1))

    def write_epoch(self, epoch: int) -> None:
        """Writes the pictures in the colours that the network gives them now."""
        for number in range(len(self._pictures.files)):
            lightness = lab.lightness(lab.grey(self._pictures.photograph(number)))
            ab = colour(self._forward, self._pictures, number, alone=self._alone)
            self._write(f"epoch-{epoch:05}", number, lab.rgb(lightness, lab.fit(lightness, ab)))

    def _write(self, prefix: str, number: int, picture: np.ndarray) -> None:
        name = Path(self._pictures.files[number]).stem
        with whole.file(self.folder / f"{prefix}_{name}.jpg") as stream:
            Image.fromarray(picture.astype("uint8")).save(stream, format="JPEG", quality=90)


def colour(forward: Callable, pictures: Pictures, number: int, *, alone: bool) -> np.ndarray:
    """The colour that a network gives a photograph: (height, width, 2) float32, ab in [-1, 1].

    forward: runs the network on a batch of inputs; alone: the network sees the photograph without
    its padding, its sides as `square.rounded` has them, as networks do that are trained on windows.
    Else it sees the square. Raises stop.Stopped.
    """
    stop.check()
    box = pictures.box(number)
    if alone:
        grey = Image.fromarray(lab.grey(pictures.photograph(number))[..., 0].astype("uint8"))
        sides = square.rounded(box.width, box.height, pictures.size())
        grey = np.asarray(grey.resize(sides, Image.Resampling.LANCZOS))[..., None]
    else:
        grey = lab.grey(pictures.squares([number])[0])
    scores = None if pictures.scores is None else pictures.scores[number : number + 1]
    given = inputs.for_keras(inputs.make(pictures.inputs, grey[None], class_scores=scores))
    ab = np.asarray(forward(given))[0]
    if alone:
        return square.resized(ab, box.width, box.height)
    return box.cut(square.resized(ab, *grey.shape[:2]))
