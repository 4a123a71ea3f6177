"""A few validation pictures in colour, again and again while a network trains."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from colornet.colour import inputs, lab
from colornet.system import whole
from colornet.training import dataset

PICTURES = 4


class Previews:
    """The JPEG files in `folder`: truth_<name>, grey_<name>, and epoch-<number>_<name>.

    pictures: the validation split, of which the first PICTURES are shown.
    """

    def __init__(self, folder: Path, network, pictures: dataset.Pictures):
        self.folder, self._network = folder, network
        self._pictures = dataset.first(pictures, PICTURES)
        self._names = [Path(file).stem for file in self._pictures.files]

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
        truth = self._squares()
        self._write("truth", truth)
        self._write("grey", np.repeat(lab.grey(truth), 3, axis=-1))

    def write_epoch(self, epoch: int) -> None:
        """Writes the pictures in the colours that the network gives them now."""
        grey = lab.grey(self._squares())
        given = inputs.make(self._pictures.inputs, grey, class_scores=self._pictures.scores)
        ab = np.asarray(self._network(inputs.for_keras(given), training=False))
        lightness = lab.lightness(grey)
        self._write(f"epoch-{epoch:05}", lab.rgb(lightness, lab.fit(lightness, ab)))

    def _squares(self) -> np.ndarray:
        """(N, S, S, 3) uint8."""
        return np.stack([np.asarray(Image.open(file)) for file in self._pictures.files])

    def _write(self, prefix: str, squares: np.ndarray) -> None:
        for number, name in enumerate(self._names):
            picture = self._pictures.box(number).cut(squares[number]).astype("uint8")
            with whole.file(self.folder / f"{prefix}_{name}.jpg") as stream:
                Image.fromarray(picture).save(stream, format="JPEG", quality=90)
