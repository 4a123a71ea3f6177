"""A film's colours frame by frame -> colours without flicker, carried along the motion.

A network colours each frame anew, and its colours of one object differ from frame to frame. Here
most of a frame's colours come from the frame before, brought along the optical flow of the greys
(Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016), as far as the greys
agree there, and the rest from the network. `benchmarks.film` measures what this does.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np

KEEP = 0.85  # of the last frame's colours, where the greys agree
# Greys that differ by TOLERANCE count half. It is a share of the new grey's standard deviation,
# because in dark and pale films different things differ little; LIMITS are in 255ths of white, the
# lower one because of grain
TOLERANCE, LIMITS = 0.16, (2.0, 8.0)
SURE = 0.5  # agreement from which on a pixel is taken for the same as in the frame before
# Mean agreements: at least 0.57 was seen within the scenes of real films, at most 0.2 at their cuts
CUT = 0.5  # nothing is carried over when frames agree less
SUDDEN = 0.8  # frames that agree less show a fade, a flash, or something close that passes
PATIENCE = 12  # frames for which the colours from before a sudden change are remembered
SMALLEST = 16  # pixels of a side: the flow fails on smaller pictures

# The flow depends on the number of threads, and small pictures are not faster with more of them
cv2.setNumThreads(1)


class Frame(NamedTuple):
    """A frame that was coloured. grey: (h, w) uint8; ab: (h, w, 2) float32, ab/128.

    places: (h, w, 3) float32, where each pixel was in the frame that was marked: column, row, and
    how sure this is, from 0 to 1; None if no frame of the scene was.
    """

    grey: np.ndarray
    ab: np.ndarray
    places: np.ndarray | None = None


class Match(NamedTuple):
    """A frame brought to the places of the next one.

    agreement: (h, w) float32, how well the greys agree, from 0 to 1; ab, places: as in Frame.
    """

    agreement: np.ndarray
    ab: np.ndarray
    places: np.ndarray | None

    def mean(self) -> float:
        return float(self.agreement.mean())


class Steady:
    """Called for each frame of a film in its order, it returns the colours without flicker.

    The same frames give the same bytes, also if one object takes the first of them and another
    object, made from the first one's `state`, takes the rest.
    """

    def __init__(self, state: dict[str, np.ndarray] | None = None):
        state = state or {}
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._last = _frame(state, "")
        self._before = _frame(state, "before_")  # a frame from before a sudden change
        self._age = int(state.get("before_age", 0))  # frames since then

    def state(self) -> dict[str, np.ndarray]:
        """All that it knows, to go on from with another object. Empty before the first frame."""
        kept: dict[str, np.ndarray] = {}
        for prefix, frame in (("", self._last), ("before_", self._before)):
            if frame:
                found = frame._asdict().items()
                kept |= {prefix + name: value for name, value in found if value is not None}
        return kept | ({"before_age": np.array(self._age)} if self._before else {})

    def mark(self) -> None:
        """Makes the last frame the one to which `places` leads back."""
        assert self._last
        height, width = self._last.grey.shape
        rows, columns = np.mgrid[:height, :width].astype("float32")
        places = np.stack([columns, rows, np.ones_like(rows)], axis=2)
        self._last = self._last._replace(places=places)
        if self._before:  # it leads to another frame
            self._before = self._before._replace(places=None)

    @property
    def places(self) -> np.ndarray | None:
        """Where the last frame's pixels were in the marked frame, as in Frame."""
        return self._last.places if self._last else None

    def __call__(self, grey: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """The colours of the next frame: (h', w', 2) float32, ab/128.

        grey: (h, w) uint8, what the network saw; ab: (h', w', 2) float32, the network's colours
        of it, ab/128, at any size. The first frame, and the first one after a cut or a change of
        the size, keep `ab` as it is.
        """
        grey = cv2.resize(grey, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
        match, places = self._match(grey), None
        if match and match.mean() >= CUT:
            places = match.places
            ab = ab + KEEP * match.agreement[..., None] * (match.ab - ab)
        self._last = Frame(grey, np.asarray(ab, "float32"), places)
        return self._last.ab

    def _match(self, grey: np.ndarray) -> Match | None:
        """The last frame or the one from before a sudden change, whichever agrees more."""
        if not self._last or self._last.grey.shape != grey.shape:
            self._last = self._before = None
            return None
        match = self._along_flow(self._last, self._last.grey, grey)
        sudden = match.mean() < SUDDEN
        if sudden:
            match = self._after_change(match, grey)
        if self._before:
            earlier = self._along_flow(self._before, self._before.grey, grey)
            self._age += 1
            if earlier.mean() > match.mean():
                match, self._before = earlier, None
            elif self._age == PATIENCE:
                self._before = None
        elif sudden:
            self._before, self._age = self._last, 0
        return match

    def _after_change(self, match: Match, grey: np.ndarray) -> Match:
        """The last frame as bright as the new one, for fades and flashes, or `match`."""
        assert self._last
        other = self._along_flow(self._last, as_bright(self._last.grey, grey), grey)
        # With a brightness of their own choice any two frames agree a little: much must agree
        return other if other.mean() >= SUDDEN else match

    def _along_flow(self, frame: Frame, old: np.ndarray, new: np.ndarray) -> Match:
        """A frame along the flow from `new` to `old`: (h, w) uint8, the frame's grey or like it."""
        height, width = new.shape
        lack = (0, max(0, SMALLEST - height), 0, max(0, SMALLEST - width))
        wide = [cv2.copyMakeBorder(each, *lack, cv2.BORDER_REPLICATE) for each in (new, old)]
        flow = self._flow.calc(wide[0], wide[1], None)[:height, :width]
        across = flow[..., 0] + np.arange(width, dtype="float32")
        down = flow[..., 1] + np.arange(height, dtype="float32")[:, None]

        def brought(values: np.ndarray) -> np.ndarray:
            replicate = cv2.BORDER_REPLICATE
            return cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=replicate)

        agree = agreement(brought(old.astype("float32")), new)
        places = None if frame.places is None else brought(frame.places)
        if places is not None:
            places[..., 2] *= np.minimum(1, agree / SURE)
        return Match(agree, brought(frame.ab), places)


def agreement(moved: np.ndarray, new: np.ndarray) -> np.ndarray:
    """How well two greys agree, from 1 to 0: (h, w) float32.

    moved: (h, w) float32; new: (h, w) uint8; both in [0, 255]. Means of 3 x 3 pixels are compared,
    which takes most of the grain away.
    """
    difference = cv2.blur(moved - new, (3, 3))
    tolerance = np.clip(TOLERANCE * new.std(), *LIMITS)
    return (1 / (1 + (difference / tolerance) ** 4)).astype("float32")


def as_bright(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """A grey with its values changed so that they are distributed as those of another one.

    old, new: (h, w) uint8. Returns (h, w) uint8. Brighter pixels stay brighter, or become equal.
    """
    counts = [np.bincount(grey.ravel(), minlength=256) for grey in (old, new)]
    old_rank, new_rank = (np.cumsum(each) - each / 2 for each in counts)  # of each value's middle
    there = np.flatnonzero(counts[1])
    values = np.interp(old_rank, new_rank[there], there)
    return np.round(values).astype("uint8")[old]


def _frame(state: dict[str, np.ndarray], prefix: str) -> Frame | None:
    if prefix + "grey" not in state:
        return None
    return Frame(**{name: state[prefix + name] for name in Frame._fields if prefix + name in state})
