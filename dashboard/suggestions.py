"""Colours that a visitor may mean at a place of a picture -> up to six, to choose from by a click.

The networks that ship predict one colour for each place, and not which colours are likely there.
So all places are offered the same colours, those that the network gives the picture: the centres
of clusters of its ab, each at the lightness of the place. At very dark and bright places, which
hold no colours, they are a little lighter or darker, because what lies around takes it.
"""

import numpy as np

from colornet.colour import lab
from colornet.colour.colourfulness import saturate

MOST, ROWS = 6, 20  # colours; ranges of lightness, between which they hardly look different
DARKEST, BRIGHTEST = 0.3, 0.85  # L*/100 at which a colour is shown
GREYISH, CLOSE = 5, 5  # units of ab: weaker colours are as good as grey; closer ones look alike
POINTS = 4000  # pixels among which clusters are sought, which takes 20 ms


def likely(ab: np.ndarray, *, saturation: float) -> list[list[str]]:
    """Up to six colours of a picture as "#rrggbb", the most frequent first, at each lightness.

    ab: (h, w, 2) float32 ab/128, without hints; saturation: see `saturate`. Returns ROWS lists,
    from black to white.
    """
    centres = clusters(saturate(ab, saturation))
    if not len(centres):
        return [[] for _ in range(ROWS)]
    lightness = ((np.arange(ROWS, dtype="float32") + 0.5) / ROWS).clip(DARKEST, BRIGHTEST)
    lightness, colours = np.broadcast_arrays(lightness[:, None, None], centres[None])
    lightness = np.ascontiguousarray(lightness[..., :1])
    rgb = lab.rgb(lightness, lab.fit(lightness, colours))
    return [["#" + bytes(colour).hex() for colour in row] for row in rgb]


def clusters(ab: np.ndarray) -> np.ndarray:
    """(n, 2) float32: the centres of up to MOST clusters of ab, those with most pixels first."""
    from scipy.cluster.vq import kmeans2  # a second

    points = ab.reshape(-1, 2)
    points = points[:: -(-len(points) // POINTS)]
    points = points[lab.distance(points, np.zeros(2)) > GREYISH]
    if len(points) < MOST:
        return points[:0]
    centres, labels = kmeans2(points, MOST, minit="++", rng=0)
    chosen: list[np.ndarray] = []
    for number in np.argsort(-np.bincount(labels, minlength=MOST)):
        far = all(lab.distance(centres[number], other) > CLOSE for other in chosen)
        if far and (labels == number).any():
            chosen.append(centres[number])
    return np.array(chosen, "float32")
