"""How colourful a picture is, and what makes it more so."""

import numpy as np

from colornet.colour import lab

HIGHEST = 8.0  # saturation that is tried


def colourfulness(picture: np.ndarray) -> float:
    """Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003), equation 9.

    picture: (H, W, 3) uint8. 0 for grey, 15 slightly, 45 quite, 82 and above highly colourful.
    """
    red, green, blue = np.moveaxis(picture.astype("float64"), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def saturate(ab: np.ndarray, saturation: float) -> np.ndarray:
    """Moves the colours of a picture towards grey, or away from their mean: 1 changes nothing.

    ab: (H, W, 2) float32 in [-1, 1], of the picture without padding; saturation: 0 and above, of
    which 0 is grey. Returns the same shape and range. A network that is unsure answers with the
    mean of what may be, so its colours are too near to each other. Above 1 their distances to the
    picture's mean colour grow and that mean stays: multiplying all would deepen the cast that they
    share, which is not what a photograph has more of.
    """
    if saturation == 1:
        return ab
    mean = ab.mean(axis=(0, 1), keepdims=True)
    vivid = min(saturation, 1) * mean + saturation * (ab - mean)
    return np.clip(vivid, -1, 1).astype("float32")


def saturation(share: float, pictures: list[tuple[np.ndarray, np.ndarray]], *, steps=12) -> float:
    """The saturation at which pictures are on average as colourful as a share of the photographs.

    pictures: (ab, truth) of each, (H, W, 2) float32 in [-1, 1] as the network gives it and
    (H, W, 3) uint8, both without padding. In [0, HIGHEST], to 2**-steps of it.
    """
    lightness = [lab.lightness(lab.grey(truth)) for _, truth in pictures]
    wanted = share * np.mean([colourfulness(truth) for _, truth in pictures])

    def reached(amount):
        outputs = zip(lightness, (saturate(ab, amount) for ab, _ in pictures), strict=True)
        return np.mean([colourfulness(lab.rgb(light, lab.fit(light, ab))) for light, ab in outputs])

    low, high = 0.0, HIGHEST
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) < wanted else (low, middle)
    return high
