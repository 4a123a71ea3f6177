import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from colornet import metrics
from colornet.colour import lab

EVEN = np.ones(metrics.CLASSES**2)  # weights by which every colour counts the same


def noise(seed, height=24, width=31):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def flat(value, height=8, width=8):
    return np.full((height, width, 3), value, "uint8")


def test_psnr_of_an_error_of_ten_everywhere():
    # 10 log10(255² / 10²)
    assert metrics.psnr(flat(100), flat(110)) == pytest.approx(28.1308, abs=1e-4)
    assert metrics.psnr(flat(110), flat(100)) == pytest.approx(28.1308, abs=1e-4)


def test_psnr_of_one_wrong_channel_in_one_of_four_pixels():
    truth = flat(0, 2, 2)
    picture = truth.copy()
    picture[0, 1, 2] = 255
    assert metrics.psnr(picture, truth) == pytest.approx(10 * np.log10(12), abs=1e-9)
    assert metrics.psnr(flat(0), flat(255)) == 0


def test_psnr_of_equal_pictures_is_100():
    assert metrics.psnr(noise(0), noise(0)) == 100.0


def test_psnr_and_ssim_are_those_of_skimage():
    truth = noise(0)
    picture = np.clip(truth + np.random.default_rng(1).normal(0, 20, truth.shape), 0, 255)
    picture = picture.astype("uint8")
    expected = peak_signal_noise_ratio(truth, picture, data_range=255)
    assert metrics.psnr(picture, truth) == pytest.approx(expected)
    expected = structural_similarity(truth, picture, channel_axis=-1, data_range=255)
    assert 0 < expected < 0.99
    assert metrics.ssim(picture, truth) == pytest.approx(expected)


def test_ssim_of_equal_pictures_is_1_and_of_very_small_ones_unknown():
    assert metrics.ssim(noise(0, 7, 9), noise(0, 7, 9)) == pytest.approx(1)
    assert np.isnan(metrics.ssim(noise(0, 6, 9), noise(0, 6, 9)))


def test_mse_ab_by_hand():
    truth = np.array([[[0.1, -0.2], [0.0, 0.4]]], "float32")
    ab = np.array([[[0.3, -0.2], [0.0, 0.0]]], "float32")
    assert metrics.mse_ab(ab, truth) == pytest.approx((0.2**2 + 0.4**2) / 4)


def test_colour_classes_are_ten_units_wide_and_centred_on_grey():
    ab = np.array([[0, 0], [4.9, -4.9], [5.1, 0], [0, 5.1], [-300, 300]]) / 128
    middle = 11 * 23 + 11
    assert metrics.colour_classes(ab).tolist() == [middle, middle, middle + 23, middle + 1, 22]
    every = np.stack(np.meshgrid(*[np.arange(256, dtype="uint8")[::15]] * 3), axis=-1)
    assert np.abs(lab.ab(every)).max() * 128 < 115  # so the table holds all that sRGB has


def test_rarity_is_the_inverse_of_the_smoothed_frequency():
    counts = np.zeros(23 * 23)
    counts[11 * 23 + 11], counts[5 * 23 + 5] = 900, 100
    weights = metrics.rarity(counts)
    assert weights[5 * 23 + 5] == pytest.approx(9 * weights[11 * 23 + 11])
    # What the smoothing spreads to a neighbour counts; what never occurs is as rare as the rarest
    # that does.
    neighbour = weights[11 * 23 + 12]
    assert neighbour == pytest.approx(weights[11 * 23 + 11] * np.exp(2), rel=0.01)
    assert weights[0] == weights[5 * 23 + 5]


def test_auc_by_hand():
    # 30 and 75 units off, and one farther than 150
    truth = np.zeros((1, 3, 2), "float32")
    ab = np.array([[[30, 0], [0, -75], [120, 120]]], "float32") / 128
    assert metrics.auc(ab, truth) == pytest.approx((0.8 + 0.5 + 0) / 3)
    assert metrics.auc(ab, truth, np.array([[3, 1, 0]])) == pytest.approx((3 * 0.8 + 0.5) / 4)
    assert metrics.auc(truth, truth) == 1


def test_auc_is_the_mean_over_thresholds():
    random = np.random.default_rng(0)
    ab, truth = random.uniform(-1, 1, (2, 40, 50, 2)).astype("float32")
    distance = 128 * np.linalg.norm(ab - truth, axis=-1)
    shares = [np.mean(distance <= threshold) for threshold in np.linspace(0, 150, 3001)]
    assert metrics.auc(ab, truth) == pytest.approx(np.mean(shares), abs=1e-3)


def test_scores_put_the_grey_baseline_beside_the_output():
    truth, output = noise(0), noise(1)
    grey = np.repeat(truth[..., 1:2], 3, axis=-1)
    truth_ab = np.full((24, 31, 2), 0.2, "float32")
    ab = np.full((24, 31, 2), 0.1, "float32")
    weights = EVEN.copy()
    weights[metrics.colour_classes(truth_ab[0, 0])] = 2  # of all pixels: that changes no mean
    row = metrics.scores(output, grey, truth, ab, truth_ab, weights)
    distance = 0.1 * 128 * 2**0.5
    assert row == {
        "psnr": metrics.psnr(output, truth),
        "ssim": metrics.ssim(output, truth),
        "mse_ab": pytest.approx(0.01),
        "auc": pytest.approx(1 - distance / 150, abs=1e-6),
        "auc_rebalanced": pytest.approx(1 - distance / 150, abs=1e-6),
        "colourfulness": metrics.colourfulness(output),
        "colourfulness_truth": metrics.colourfulness(truth),
        "psnr_grey": metrics.psnr(grey, truth),
        "ssim_grey": metrics.ssim(grey, truth),
        "mse_ab_grey": pytest.approx(0.04),
        "auc_grey": pytest.approx(1 - 2 * distance / 150, abs=1e-6),
        "auc_rebalanced_grey": pytest.approx(1 - 2 * distance / 150, abs=1e-6),
    }
    assert all(type(value) is float for value in row.values())


def test_an_output_without_colour_scores_what_grey_does():
    truth = noise(0)
    grey = np.repeat(truth[..., 1:2], 3, axis=-1)
    truth_ab = np.full((24, 31, 2), 0.2, "float32")
    row = metrics.scores(grey, grey, truth, np.zeros_like(truth_ab), truth_ab, EVEN)
    for name in ("psnr", "ssim", "mse_ab", "auc", "auc_rebalanced"):
        assert row[name] == row[f"{name}_grey"]
    assert row["colourfulness"] == 0


def test_each_score_states_its_convention():
    told = set(metrics.CONVENTIONS) - {"region", "grey"}
    truth_ab = np.zeros((24, 31, 2), "float32")
    row = metrics.scores(noise(0), noise(1), noise(2), truth_ab, truth_ab, EVEN)
    assert {name.removesuffix("_grey").removesuffix("_truth") for name in row} == told


def test_rare_colours_count_more_in_the_rebalanced_auc():
    # Three grey pixels right, the rare red one wrong by 150
    truth = np.zeros((1, 4, 2), "float32")
    truth[0, 3, 0] = 100 / 128
    ab = truth.copy()
    ab[0, 3, 0] = -50 / 128
    counts = np.bincount(metrics.colour_classes(truth).ravel(), minlength=len(EVEN))
    picture = flat(0, 1, 4)
    row = metrics.scores(picture, picture, picture, ab, truth, metrics.rarity(counts))
    assert row["auc"] == pytest.approx(0.75)
    assert row["auc_rebalanced"] == pytest.approx(0.5, abs=1e-6)
