"""A trained run, loaded once -> colour for any picture; knows no folder of pictures."""

import threading
from pathlib import Path

import numpy as np
from PIL import Image

from colornet import classifier, lab, params, paths, photo, quiet
from colornet.colourfulness import saturate

ROWS = 64  # at a time: 12 megapixels then take a third of the time and two thirds of the memory


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
        advice = "`git checkout pretrained` brings it back"
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
        quiet.import_tensorflow()
        import keras

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
        try:
            self._network = keras.models.load_model(folder / "model.keras", compile=False)
        except Exception as error:
            raise ValueError(
                f"{folder / 'model.keras'} cannot be loaded: it is broken, or of another version "
                "of Keras. " + _remedy(folder, "Train this run again")
            ) from error
        self.parameters = self._network.count_params()
        self._classify = None
        if self.class_scores:
            kind, seed = self.class_scores, papers["classify"].get("seed", 0)
            network = None if kind == "zeros" else classifier.load(self.classifier, seed=seed)
            self._classify = lambda grey: classifier.scores(network, grey, kinds=[kind])[kind]
        self._lock = threading.Lock()

    def predict(self, grey: np.ndarray) -> np.ndarray:
        """The colour of grey squares as the network gives it, before `saturation`.

        grey: (N, S, S) uint8, S divisible by 32. Returns (N, S, S, 2) float32 in [-1, 1], ab/128.
        """
        lightness = lab.lightness(grey)[..., None]
        with self._lock:
            if self._classify is None:
                return self._network.predict(lightness, verbose=0)
            inputs = {"lightness": lightness, "class_scores": self._classify(grey)}
            return self._network.predict(inputs, verbose=0)

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Colours a picture of mode RGB or L, of any size; returns RGB of the same size.

        Its lightness is that of the picture's grey: colours that sRGB cannot show at this lightness
        lose chroma.
        """
        grey = photo.grey(picture)
        square, box = photo.letterbox(Image.fromarray(grey), size=self.size)
        ab = self.predict(np.asarray(square)[None])[0]
        ab = photo.unletterbox(ab, box, width=picture.width, height=picture.height)
        ab = saturate(ab, self.saturation)
        output = np.empty((*grey.shape, 3), "uint8")
        for start in range(0, len(grey), ROWS):
            rows = np.s_[start : start + ROWS]
            lightness = lab.lightness(grey[rows])[..., None]
            output[rows] = lab.rgb(lightness, lab.fit(lightness, ab[rows]))
        return Image.fromarray(output)
