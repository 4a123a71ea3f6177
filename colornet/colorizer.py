"""A trained run, loaded once -> colour for any picture; knows no folder of pictures."""

import functools
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
        import tensorflow as tf

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
        # Threads share it without waiting, and its colours are those of Keras's own predict, which
        # takes longer and fails for a second size of squares.
        self._compute = tf.function(
            functools.partial(self._network, training=False),
            jit_compile=self._network.jit_compile,
            autograph=False,
        )

    def predict(self, grey: np.ndarray) -> np.ndarray:
        """The colour of grey squares as the network gives it, before `saturation`.

        grey: (N, S, S) uint8, a batch, S divisible by 32. Returns (N, S, S, 2) float32 in [-1, 1],
        ab/128.
        """
        inputs = lab.lightness(grey)[..., None]
        if self._classify is not None:
            inputs = {"lightness": inputs, "class_scores": self._classify(grey)}
        return self._compute(inputs).numpy()

    def colours(self, picture: Image.Image) -> np.ndarray:
        """What `finish` makes a picture from: (H, W, 2) float32 in [-1, 1], its longer side `size`.

        picture: of mode RGB or L, of any size.
        """
        square, box = photo.letterbox(Image.fromarray(photo.grey(picture)), size=self.size)
        ab = self.predict(np.asarray(square)[None])[0]
        return ab[box.top : box.top + box.height, box.left : box.left + box.width]

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Colours a picture of mode RGB or L, of any size; returns RGB of the same size.

        Its lightness is that of the picture's grey: colours that sRGB cannot show at this lightness
        lose chroma.
        """
        return finish(picture, self.colours(picture), saturation=self.saturation)


def finish(picture: Image.Image, ab: np.ndarray, *, saturation: float) -> Image.Image:
    """The lightness of a picture and colours of any size -> RGB of the picture's size.

    picture: of mode RGB or L; ab: as `Colorizer.colours` gives it; saturation: see `saturate`.
    """
    grey = photo.grey(picture)
    whole = photo.Box(0, 0, width=ab.shape[1], height=ab.shape[0])
    ab = photo.unletterbox(ab, whole, width=picture.width, height=picture.height)
    ab = saturate(ab, saturation)
    output = np.empty((*grey.shape, 3), "uint8")
    for start in range(0, len(grey), ROWS):
        rows = np.s_[start : start + ROWS]
        lightness = lab.lightness(grey[rows])[..., None]
        output[rows] = lab.rgb(lightness, lab.fit(lightness, ab[rows]))
    return Image.fromarray(output)
