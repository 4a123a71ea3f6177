"""Scores of one picture from arrays and its box; knows no files and no network.

Conventions: PSNR and SSIM over 8-bit RGB in the box; ab errors in ab/128.
"""

import numpy as np
from skimage.metrics import structural_similarity

CONVENTIONS = {
    "region": "the box (the picture without its padding) at the prepared size",
    "psnr": "dB over 8-bit RGB, data range 255, 100 for equal pictures; higher is better",
    "ssim": "skimage structural_similarity over 8-bit RGB, channel_axis=-1, window 7",
    "mse_ab": "mean squared error of a*/128 and b*/128; lower is better",
    "colourfulness": "Hasler and Suesstrunk 2003 over 8-bit RGB",
    "grey": "the same score when the picture is left without colour",
}


def psnr(picture: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two (H, W, 3) uint8; 100 when they are equal."""
    error = np.mean((picture.astype("float64") - truth.astype("float64")) ** 2)
    return 100.0 if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(picture: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity in [-1, 1] of two (H, W, 3) uint8; NaN where a side is under 7."""
    if min(truth.shape[:2]) < 7:
        return float("nan")
    return float(structural_similarity(picture, truth, channel_axis=-1))


def colourfulness(picture: np.ndarray) -> float:
    """Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003), equation 9.

    picture: (H, W, 3) uint8. 0 for grey, 15 slightly, 45 quite, 82 and above highly colourful.
    """
    red, green, blue = np.moveaxis(picture.astype("float64"), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def mse_ab(ab: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared error of two (H, W, 2) float32 in [-1, 1]."""
    return float(np.mean((ab.astype("float64") - truth.astype("float64")) ** 2))


def scores(output: np.ndarray, grey: np.ndarray, truth: np.ndarray, ab: np.ndarray, truth_ab):
    """One row of scores.csv for one picture, cut to its box.

    output, grey, truth: (H, W, 3) uint8, the coloured picture, the one left without colour, the
    photograph; ab, truth_ab: (H, W, 2) float32 in [-1, 1]. Returns a dict of floats.
    """
    return {
        "psnr": psnr(output, truth),
        "ssim": ssim(output, truth),
        "mse_ab": mse_ab(ab, truth_ab),
        "colourfulness": colourfulness(output),
        "colourfulness_truth": colourfulness(truth),
        "psnr_grey": psnr(grey, truth),
        "ssim_grey": ssim(grey, truth),
        "mse_ab_grey": mse_ab(np.zeros_like(truth_ab), truth_ab),
    }
