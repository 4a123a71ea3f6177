"""How colourful a picture is, and the saturation that changes it."""

import numpy as np

from colornet.colour import lab

HIGHEST = 8.0  # the largest saturation that `saturation` tries


def colourfulness(picture: np.ndarray) -> float:
    """Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003), equation 9.

    picture: (H, W, 3) uint8. 0 for grey, 15 slightly, 45 quite, 82 and above highly colourful.
    """
    red, green, blue = np.moveaxis(picture.astype("float64"), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def saturate(ab: np.ndarray, saturation: float) -> np.ndarray:
    """Makes a picture more or less colourful: 0 is grey, 1 changes nothing.

    ab: (H, W, 2) float32 in [-1, 1], of the picture without padding; saturation: 0 and above.
    Returns the same shape and range. Below 1 all colours move towards grey. Above 1 their distances
    from the picture's mean colour grow and the mean stays: an unsure network predicts the average
    of the possible colours, so its colours are too close to each other; multiplying them would
    strengthen the tint that they share instead.
    """
    if saturation == 1:
        return ab
    mean = ab.mean(axis=(0, 1), keepdims=True)
    vivid = min(saturation, 1) * mean + saturation * (ab - mean)
    return np.clip(vivid, -1, 1).astype("float32")


def saturation(
    share: float, pictures: list[tuple[np.ndarray, np.ndarray]], *, steps: int = 12
) -> float:
    """The saturation that gives pictures this share of the photographs' mean colourfulness.

    pictures: pairs of the network's ab, (H, W, 2) float32 in [-1, 1], and the photograph,
    (H, W, 3) uint8, both without padding. Returns a number in [0, HIGHEST], found by halving that
    interval `steps` times.
    """
    lightness = [lab.lightness(lab.grey(truth)) for _, truth in pictures]
    wanted = share * np.mean([colourfulness(truth) for _, truth in pictures])

    def reached(amount: float) -> float:
        outputs = zip(lightness, (saturate(ab, amount) for ab, _ in pictures), strict=True)
        coloured = (lab.rgb(light, lab.fit(light, ab)) for light, ab in outputs)
        return float(np.mean([colourfulness(picture) for picture in coloured]))

    low, high = 0.0, HIGHEST
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) < wanted else (low, middle)
    return high
