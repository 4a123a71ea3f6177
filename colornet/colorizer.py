"""A trained run, loaded once -> colour for any picture; knows no folder of pictures."""

import threading
from pathlib import Path

import numpy as np
from PIL import Image

from colornet import params, paths
from colornet.colour import lab
from colornet.images import photo
from colornet.square import letterbox
from colornet.inference import classifier, runtime
from colornet.inference.fullsize import finish

Given = str | Path | bytes | np.ndarray | Image.Image


def default() -> Path:
    """The folder of the run that colours when none is named; FileNotFoundError without one."""
    file = paths.PRETRAINED / "default"
    try:
        return file.with_name(file.read_text("utf-8").strip())
    except (OSError, ValueError):
        raise FileNotFoundError(
            f"{file}, which names the run that colours when none is named, is missing or broken. "
            + _remedy(paths.PRETRAINED)
        ) from None


def _remedy(folder: Path, advice: str = "") -> str:
    """What to do about a broken run, in a sentence: those that ship come back, others are made."""
    if paths.PRETRAINED in (folder.resolve(), *folder.resolve().parents):
        advice = "`git checkout pretrained` brings it back, outside of a clone another installation"
    return f"{advice}, or name another run."


class Colorizer:
    """Colours with the run that lies in a folder such as runs/beta-siamese; thread-safe.

    `name` is the run's, `size` the square in pixels that it was trained at, `parameters` how many
    its network has, `classifier` the weights of its classifier ("none": untrained) or None for a
    run without one. `saturation`: see `colourfulness.saturate`; None for the run's own, 1 unless
    training found another. Raises FileNotFoundError for a folder that holds no trained run and
    ValueError for a broken one, both in a sentence.
    """

    def __init__(self, run: str | Path, *, saturation: float | None = None):
        folder = Path(run)
        for file in ("params.yaml", "model.keras"):
            if not (folder / file).is_file():
                raise FileNotFoundError(
                    f"{folder} holds no trained run: {file} is missing there. "
                    + _remedy(folder, "Train one (`make demo` trains three small ones)")
                )
        self.name = folder.resolve().name
        try:
            papers = params.load(folder / "params.yaml")
            self.size = papers["preprocess"]["size"]
            self.class_scores = papers["train"].get("class_scores")
            self.classifier = papers["classify"]["weights"] if self.class_scores else None
            own = float(papers.get("saturation", 1))
            self.saturation = own if saturation is None else saturation
        except (params.UserError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{folder / 'params.yaml'} is not what training leaves. "
                + _remedy(folder, "Train this run again")
            ) from error
        runtime.import_keras()  # a package that is missing is no broken run
        try:
            self._compute, self.parameters = runtime.load(folder / "model.keras")
        except Exception as error:
            raise ValueError(
                f"{folder / 'model.keras'} cannot be loaded: it is broken, or of another version "
                "of Keras. " + _remedy(folder, "Train this run again")
            ) from error
        self._classify = None
        if self.class_scores:
            kind, seed = self.class_scores, papers["classify"].get("seed", 0)
            network = None if kind == "zeros" else classifier.load(self.classifier, seed=seed)
            alone = threading.Lock()  # Keras's predict serves one thread at a time

            def classify(grey: np.ndarray) -> np.ndarray:
                with alone:
                    return classifier.scores(network, grey, kinds=[kind])[kind]

            self._classify = classify

    def predict(self, grey: np.ndarray) -> np.ndarray:
        """The colour of grey squares as the network gives it, before `saturation`.

        grey: (N, S, S) uint8, a batch, S divisible by 32. Returns (N, S, S, 2) float32 in [-1, 1],
        ab/128.
        """
        inputs = {"lightness": lab.lightness(grey)[..., None]}
        if self._classify is not None:
            inputs["class_scores"] = self._classify(grey)
        return self._compute(inputs)

    def colours(self, picture: Image.Image) -> np.ndarray:
        """What `finish` makes a picture from: (H, W, 2) float32 in [-1, 1], its longer side `size`.

        picture: of mode RGB or L, of any size.
        """
        square, box = letterbox(Image.fromarray(photo.grey(picture)), size=self.size)
        ab = self.predict(np.asarray(square)[None])[0]
        return box.cut(ab)

    def __call__(self, picture: Given | list[Given]) -> Image.Image | list[Image.Image]:
        """Colours a picture of any size; returns RGB of the same size, for a list a list.

        picture: a file's path or its content, a Pillow picture, or an array, (H, W) or (H, W, 3)
        uint8. Its lightness is that of the picture's grey: colours that sRGB cannot show at this
        lightness lose chroma. Raises what `photo.read` raises for files.
        """
        if isinstance(picture, list):
            return [self(each) for each in picture]
        if isinstance(picture, str | Path | bytes):
            picture = photo.read(picture)
        elif isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        if picture.mode not in ("RGB", "L"):
            picture = picture.convert("RGB")
        return finish(picture, self.colours(picture), saturation=self.saturation)
