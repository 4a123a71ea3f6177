"""Flicker and error of a film's colours: its own, the network's frame by frame, and ours.

Flicker is the mean difference between the colours of neighbouring frames, brought together along
the optical flow, where their greys agree: 0 is best, and the film's own colours have some, from
noise and compression. Errors are root mean squares. Both are in units of ab, at the size that the
network predicts. The flow that measures is computed at twice the size of the one that carries.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from benchmarks import clips
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.film.steady import Steady
from colornet.images import photo
from colornet.square import rounded

KINDS = ("film", "frames", "ours")
AGREE = 8  # of 255: greys of one place in two frames differ by less


class Clip(NamedTuple):
    """A clip's frames. grey: (N, H, W) uint8; the colours of each kind: (N, h, w, 2) float32."""

    grey: np.ndarray
    film: np.ndarray
    frames: np.ndarray
    ours: np.ndarray
    steady_ms: float  # of the processor for the flow and our colours, a frame


def coloured(pictures: Iterable[Image.Image], colorizer: Colorizer) -> Clip:
    """The clip's own colours, the network's frame by frame, and ours; pictures: in RGB."""
    steady, rows, seconds = Steady(), [], 0.0
    for picture in pictures:
        ab = colorizer.colours(picture)
        given = Image.fromarray(photo.grey(picture))
        size = rounded(*picture.size, colorizer.size)
        grey = np.asarray(given.resize(size, Image.Resampling.LANCZOS))
        small = picture.resize(ab.shape[1::-1], Image.Resampling.LANCZOS)
        start = time.thread_time()
        ours = steady(grey, ab)
        seconds += time.thread_time() - start
        rows.append((grey, lab.ab(np.asarray(small)), ab, ours))
    stacked = (np.stack(each) for each in zip(*rows, strict=True))
    return Clip(*stacked, steady_ms=1000 * seconds / len(rows))


def flicker(clip: Clip) -> dict[str, float]:
    """Kind of colours -> mean distance to the frame before, over all pixels that agree."""
    total, pixels = dict.fromkeys(KINDS, 0.0), 0
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    size = clip.film.shape[2:0:-1]
    for number in range(1, len(clip.grey)):
        old, new = clip.grey[number - 1], clip.grey[number]
        motion = flow.calc(new, old, None)
        agree = (abs(moved(old.astype("float32"), motion) - new) < AGREE).astype("float32")
        agree = cv2.resize(agree, size, interpolation=cv2.INTER_AREA) > 0.99
        motion = cv2.resize(motion, size, interpolation=cv2.INTER_AREA) * (size[0] / old.shape[1])
        for kind in total:
            ab = getattr(clip, kind)
            away = lab.distance(ab[number], moved(ab[number - 1], motion))
            total[kind] += float(away[agree].sum())
        pixels += int(agree.sum())
    return {kind: each / pixels for kind, each in total.items()}


def moved(values: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """(h, w, ...) float32 along the flow, (h, w, 2) float32, from the new places to the old."""
    height, width = values.shape[:2]
    across = motion[..., 0] + np.arange(width, dtype="float32")
    down = motion[..., 1] + np.arange(height, dtype="float32")[:, None]
    return cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def error(ab: np.ndarray, truth: np.ndarray) -> float:
    return lab.AB_SCALE * float(np.sqrt(((ab - truth) ** 2).mean()))


def figures(clip: Clip) -> dict[str, float]:
    """The row of a clip: flicker and errors, and how vivid ours is beside frame by frame."""
    own = flicker(clip)
    vivid = [np.linalg.norm(ab, axis=-1).mean() for ab in (clip.ours, clip.frames)]
    return {
        **{f"flicker_{kind}": each for kind, each in own.items()},
        "flicker_vs_film": own["ours"] / own["film"],
        "flicker_vs_frames": own["ours"] / own["frames"],
        "error_frames": error(clip.frames, clip.film),
        "error_ours": error(clip.ours, clip.film),
        "error_vs_frames": error(clip.ours, clip.film) / error(clip.frames, clip.film),
        "chroma_vs_frames": float(vivid[0] / vivid[1]),
        "steady_ms": clip.steady_ms,
    }


def after_cuts(clip: Clip) -> dict[str, float]:
    """Cuts, those over which nothing is carried, and the error of the first frames after them."""
    first = slice(clips.CUT, None, clips.CUT)
    ours, alone = clip.ours[first], clip.frames[first]
    return {
        "cuts": len(ours),
        "cuts_found": sum(np.array_equal(*both) for both in zip(ours, alone, strict=True)),
        "after_cut_vs_alone": error(ours, clip.film[first]) / error(alone, clip.film[first]),
    }


def over_flash(clip: Clip) -> dict[str, float]:
    """How far the colours after a flash are from those before it."""
    before, after = clips.FLASH[0] - 1, clips.FLASH[1]
    return {
        f"flash_{kind}": float(lab.distance(ab[before], ab[after]).mean())
        for kind, ab in zip(KINDS, clip[1:4], strict=True)
    }
