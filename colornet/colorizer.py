"""A trained run, loaded once -> colour for any picture, and for films."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from PIL import Image

from colornet import params, paths
from colornet.colour import inputs
from colornet.colour.colourfulness import saturate
from colornet.hints import Hint
from colornet.images import dots, photo
from colornet.inference import classifier, runtime
from colornet.inference.fullsize import finish, small_grey
from colornet.square import letterbox, resized, rounded

if TYPE_CHECKING:  # films need packages that pictures do not
    from colornet.film.film import Result

MAX_SECONDS = 4 * 3600  # of a film
NO_FILMS = (
    "is a film, which needs PyAV and OpenCV: `pip install av opencv-python-headless` installs them"
)
Given = str | Path | bytes | np.ndarray | Image.Image


def default() -> Path:
    """The folder of the run that colours when none is named; FileNotFoundError without one."""
    try:
        return paths.PRETRAINED / params.default_run(paths.PRETRAINED)
    except (OSError, ValueError):
        raise FileNotFoundError(
            f"{paths.PRETRAINED / 'default'}, which names the run that colours when none is named, "
            "is missing or broken. " + _remedy(paths.PRETRAINED)
        ) from None


def _remedy(folder: Path, advice: str = "") -> str:
    """What to do about a broken run: restore one that ships; for others, `advice`."""
    if paths.PRETRAINED in (folder.resolve(), *folder.resolve().parents):
        advice = "`git checkout pretrained` brings it back, outside of a clone another installation"
    return f"{advice}, or name another run."


def sees_padding(settings: dict[str, Any]) -> bool:
    """Whether a run's network sees pictures in padded squares; settings: its params.yaml.

    One that was trained on windows never saw padding, and sees pictures alone.
    """
    return settings["train"].get("window") is None


class Colorizer:
    """Colours with the run in a folder such as runs/beta-siamese; threads may share it.

    `name`: the run's name. `size`: the pixels of the square, or of the longer side, at which it was
    trained. `padded`: see `sees_padding`. `parameters`: how many its network has. `classifier`: the
    weights of its classifier ("none": untrained), None for a run without one. `saturation`: see
    `colourfulness.saturate`; without the argument the run's own, which is 1 unless training found
    another. `keep_dots`: pictures made of black and white dots are coloured as they are, so that
    they stay grey; by default `dots.removed` makes greys of the dots first. Raises, with a
    sentence, FileNotFoundError for a folder without a trained run and ValueError for a broken one.
    """

    def __init__(
        self, run: str | Path, *, saturation: float | None = None, keep_dots: bool = False
    ):
        folder = Path(run)
        for file in ("params.yaml", "model.keras"):
            if not (folder / file).is_file():
                raise FileNotFoundError(
                    f"{folder} holds no trained run: {file} is missing there. "
                    + _remedy(folder, "Train one (`make demo` trains three small ones)")
                )
        self.name, self._file = folder.resolve().name, folder / "model.keras"
        self.keep_dots = keep_dots
        try:
            settings = params.load(folder / "params.yaml")
            self.size = settings["preprocess"]["size"]
            self.padded = sees_padding(settings)
            self.class_scores = settings["train"].get("class_scores")
            classify: dict[str, Any] = (
                settings["classify"] if self.class_scores else {"weights": None}
            )
            self.classifier = classify["weights"]
            own = float(settings.get("saturation", 1))
            self.saturation = own if saturation is None else saturation
        except (params.UserError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{folder / 'params.yaml'} is not what training leaves. "
                + _remedy(folder, "Train this run again")
            ) from error
        runtime.import_keras()  # outside of `try`: a missing package does not mean a broken run
        try:
            self._network = runtime.load(folder / "model.keras")
        except Exception as error:
            raise ValueError(
                f"{folder / 'model.keras'} cannot be loaded: it is broken, or of another version "
                "of Keras. " + _remedy(folder, "Train this run again")
            ) from error
        self.parameters = self._network.parameters
        self._classifying = threading.Lock()  # Keras's predict serves one thread at a time
        self._classifier = None
        if self.class_scores not in (None, "zeros"):
            self._classifier = classifier.load(classify["weights"], seed=classify.get("seed", 0))

    def predict(self, grey: np.ndarray) -> np.ndarray:
        """The colour of grey pictures, as the network predicts it, before `saturation`.

        grey: (N, H, W) uint8, a batch, H and W divisible by 32. Returns (N, h, w, 2) float32,
        ab/128; h and w are H and W, or half of them for a network that predicts at half the size.
        """
        scores = self._scores(grey) if self.class_scores else None
        given = inputs.make(self._network.inputs, grey[..., None], class_scores=scores)
        return self._network.compute(given)

    def _scores(self, grey: np.ndarray) -> np.ndarray:
        kind = self.class_scores
        with self._classifying:
            return classifier.scores(self._classifier, grey, kinds=[kind])[kind]

    def colours(self, picture: Image.Image, *, size: int | None = None) -> np.ndarray:
        """The colours from which `finish` makes the picture, before `saturation`.

        picture: mode RGB or L, any size; size: as the attribute, None for the run's own. Returns
        (h, w, 2) float32, ab/128 of the whole picture, at the size that the network predicts.
        """
        return self._seen(Image.fromarray(photo.grey(picture)), size or self.size)[1]

    def _seen(self, grey: Image.Image, size: int) -> tuple[np.ndarray, np.ndarray]:
        """A grey picture as the network sees it, (h, w) uint8 without padding, and its colours."""
        if self.padded:
            square, box = letterbox(grey, size=size)
            seen = np.asarray(square)
            ab = self.predict(seen[None])[0]
            return box.cut(seen), box.cut(resized(ab, size, size))
        seen = np.asarray(grey.resize(rounded(*grey.size, size), Image.Resampling.LANCZOS))
        return seen, self.predict(seen[None])[0]

    @overload
    def __call__(self, picture: Given, *, hints: Sequence[Hint] = ()) -> Image.Image: ...
    @overload
    def __call__(self, picture: list[Given]) -> list[Image.Image]: ...
    def __call__(
        self, picture: Given | list[Given], *, hints: Sequence[Hint] = ()
    ) -> Image.Image | list[Image.Image]:
        """Colours a picture of any size; returns RGB of the same size, for a list a list.

        picture: the path of a file, the content of one, a Pillow picture, or an array, (H, W) or
        (H, W, 3) uint8. hints: what is known of its colours, see `Spread`; saturation does not
        change their colours, and `time` does not count. The result has the lightness of the
        picture's grey, without dots; colours outside sRGB at this lightness lose chroma. Raises
        what `photo.read` raises for files, and ValueError for hints of a list.
        """
        if isinstance(picture, list):
            if hints:
                raise ValueError("hints belong to one picture: colour each of the list by itself")
            return [self(each) for each in picture]
        if isinstance(picture, str | Path | bytes):
            picture = photo.read(picture)
        elif isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        if picture.mode not in ("RGB", "L"):
            picture = picture.convert("RGB")
        if not self.keep_dots:
            picture = dots.removed(picture) or picture
        shown = saturate(self.colours(picture), self.saturation)
        return finish(picture, _hinted(picture, shown, hints), saturation=1)

    def film(
        self,
        source: str | Path,
        target: str | Path,
        *,
        hints: Sequence[Hint] = (),
        progress: Callable[[int, int | None], None] = lambda *_: None,
        quality: int = 95,
        compare: bool = False,
        mark: str | None = None,
        xmp: Callable[[bytes | None], bytes | None] = lambda packet: packet,
        max_pixels: int = photo.MAX_PIXELS,
        max_seconds: float = MAX_SECONDS,
    ) -> Result:
        """Colours a film; nothing but its colours changes, and they do not flicker.

        target: its ending names the container, .mp4, .m4v, .mov, .mkv or .webm; the file appears,
        or is replaced, when it is complete. A call that was stopped is continued by the next one,
        from a hidden folder beside the target. hints: each acts from the frame of its time on, up
        to the next cut. progress: called after each frame with the number of frames that are done
        and of all, None if the film does not say it. quality: 1 to 100; compare: grey and coloured
        side by side; mark: the name of a run, written as what coloured the film; xmp: what becomes
        of the film's XMP packet. Raises ValueError, with words to be read after the film's name,
        for one that cannot be coloured or lies above the limits, and OSError.
        """
        try:
            from colornet.film import film
            from colornet.film.work import Painter
        except ModuleNotFoundError as error:
            raise photo.PhotoError(NO_FILMS) from error

        digest = hashlib.sha256(self._file.read_bytes()).hexdigest()
        identity = {"network": digest, "size": self.size, "saturation": self.saturation}
        painter = Painter(
            colours=lambda grey: self._seen(grey, self.size),
            finish=lambda grey, ab: finish(grey, ab, saturation=1),
            identity=identity | ({"hints": [list(each) for each in hints]} if hints else {}),
            shown=lambda ab: saturate(ab, self.saturation),
            hints=hints,
            spread=_hinted,
        )
        return film.colour(
            Path(source),
            Path(target),
            painter,
            quality=quality,
            compare=compare,
            run=mark,
            xmp=xmp,
            max_pixels=max_pixels,
            max_seconds=max_seconds,
            progress=progress,
        )


def _hinted(picture: Image.Image, shown: np.ndarray, hints: Sequence[Hint]) -> np.ndarray:
    """The colours of a picture with hints; shown: those without, (h, w, 2) float32, ab/128."""
    if not hints:
        return shown
    from colornet.inference.spread import Spread  # loads SciPy, which takes a third of a second

    grey = picture.convert("L")
    return Spread(small_grey(grey, shown), grey)(shown, hints)
