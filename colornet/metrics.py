"""Scores of one picture, from arrays without padding.

Conventions: PSNR and SSIM over 8-bit RGB; ab errors in ab/128; distances in units of ab.
"""

import numpy as np
from skimage.filters import gaussian
from skimage.metrics import structural_similarity

from colornet.colour import lab
from colornet.colour.colourfulness import colourfulness

CONVENTIONS = {
    "region": "the box (the picture without its padding) at the prepared size",
    "psnr": "dB over 8-bit RGB, data range 255, 100 for equal pictures; higher is better",
    "ssim": "skimage structural_similarity over 8-bit RGB, channel_axis=-1, window 7",
    "mse_ab": "mean squared error of a*/128 and b*/128; lower is better",
    "colourfulness": "Hasler and Suesstrunk 2003 over 8-bit RGB",
    "auc": "share of pixels within a distance in ab of the truth, mean over distances 0 to 150 "
    "(Zhang et al. 2016, arXiv:1603.08511); 1 for equal colours",
    "auc_rebalanced": "the same, each pixel weighted by how rare its true colour is in the data "
    "set's train split, or in its test split if it has no other (inverse frequency of classes of "
    "10 x 10 ab, smoothed with sigma 5)",
    "grey": "the same score when the picture is left without colour",
}

FARTHEST = 150.0  # the largest distance that AuC counts, in units of ab
CLASS = 10.0  # the side of a class of colours, in units of ab
CLASSES = 23  # classes on each axis, with centres -110, -100 ... 110: more than sRGB's a* and b*


def psnr(picture: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two (H, W, 3) uint8; 100 when they are equal."""
    error = np.mean((picture.astype("float64") - truth.astype("float64")) ** 2)
    return 100.0 if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(picture: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity in [-1, 1] of two (H, W, 3) uint8; NaN where a side is under 7."""
    if min(truth.shape[:2]) < 7:
        return float("nan")
    return float(structural_similarity(picture, truth, channel_axis=-1))


def mse_ab(ab: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared error of two (H, W, 2) float32 in [-1, 1]."""
    return float(np.mean((ab.astype("float64") - truth.astype("float64")) ** 2))


def colour_classes(ab: np.ndarray) -> np.ndarray:
    """The class of 10 x 10 units that each colour is in: (..., 2) in [-1, 1] -> (...) int."""
    place = np.rint(ab * (lab.AB_SCALE / CLASS)).astype("int64") + CLASSES // 2
    place = place.clip(0, CLASSES - 1)
    return place[..., 0] * CLASSES + place[..., 1]


def rarity(counts: np.ndarray) -> np.ndarray:
    """The weight of a pixel of each class of colours, after Zhang et al. (2016), equation 4.

    counts: (CLASSES²,), the pixels of a training set in each class. Returns the same shape, float:
    the inverse of the frequency, smoothed with sigma 5 units (lambda 0, as in their evaluation). A
    class that does not occur gets the weight of the rarest that does.
    """
    share = (counts / counts.sum()).reshape(CLASSES, CLASSES)
    smooth = gaussian(share, sigma=5 / CLASS).ravel()
    return 1 / np.maximum(smooth, smooth[counts > 0].min())


def auc(ab: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Area under the curve of the share of pixels with an ab error of at most d, d from 0 to 150.

    Zhang, Isola, Efros, "Colorful image colorization" (2016). ab, truth: (H, W, 2) float32 in
    [-1, 1]; weights: (H, W), of the pixels. Returns a number in [0, 1], 1 for equal colours.
    """
    near = np.maximum(0.0, 1 - lab.distance(ab, truth) / FARTHEST)
    return float(np.average(near, weights=weights))


def scores(
    output: np.ndarray,
    grey: np.ndarray,
    truth: np.ndarray,
    ab: np.ndarray,
    truth_ab: np.ndarray,
    weights: np.ndarray,
) -> dict[str, float]:
    """One row of scores.csv, for one picture without padding.

    output, grey, truth: (H, W, 3) uint8, the coloured picture, the grey one and the photograph; ab,
    truth_ab: (H, W, 2) float32 in [-1, 1]; weights: `rarity` of a training set.
    """
    none, weights = np.zeros_like(truth_ab), weights[colour_classes(truth_ab)]
    return {
        "psnr": psnr(output, truth),
        "ssim": ssim(output, truth),
        "mse_ab": mse_ab(ab, truth_ab),
        "auc": auc(ab, truth_ab),
        "auc_rebalanced": auc(ab, truth_ab, weights),
        "colourfulness": colourfulness(output),
        "colourfulness_truth": colourfulness(truth),
        "psnr_grey": psnr(grey, truth),
        "ssim_grey": ssim(grey, truth),
        "mse_ab_grey": mse_ab(none, truth_ab),
        "auc_grey": auc(none, truth_ab),
        "auc_rebalanced_grey": auc(none, truth_ab, weights),
    }
