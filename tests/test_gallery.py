"""Which test pictures are shown, and in what order."""

import numpy as np
import pandas as pd
import pytest

from dashboard import gallery, large, shared


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame({"file": [f"test/{n}.png" for n in range(3)], **columns})


def test_psnr_above_grey_is_the_difference():
    scores = gallery.keyed(table(psnr=[20, 25, 30], psnr_grey=[21, 21, 21]), by=gallery.ABOVE)
    assert scores["key"].tolist() == [-1, 4, 9]


def test_the_best_error_is_the_lowest():
    scores = gallery.keyed(table(mse_ab=[0.3, 0.1, 0.2]), by="ab error")
    best = gallery.ordered(scores, by="ab error", best_first=True)
    assert best == ["test/1.png", "test/2.png", "test/0.png"]


def test_ranges_include_their_ends_and_leave_out_what_has_no_value():
    scores = pd.DataFrame({"psnr": [1.0, 2.0, 3.0, np.nan]}, index=list("abcd"))
    assert list(gallery.within(scores, {"psnr": (2, 3)}).index) == ["b", "c"]
    assert list(gallery.within(scores, {}).index) == list("abcd")


@pytest.mark.parametrize(("file", "place"), [("test/0.png", (2, 2)), ("test/1.png", None)])
def test_ranks_count_the_files_that_have_the_score(file, place):
    scores = shared.by_file(table(psnr=[20, np.nan, 30]))
    assert gallery.rank(scores, file, shared.SCORES["PSNR"]) == place


def test_the_ab_error_of_a_colour_against_grey_is_its_chroma():
    grey = np.full((2, 3, 3), 128, "uint8")
    red = np.broadcast_to(np.array([255, 0, 0], "uint8"), (2, 3, 3))
    assert large.ab_error(grey, grey).max() == pytest.approx(0, abs=0.01)
    error = large.ab_error(red, grey)  # sRGB's red has a* 80.1 and b* 67.2
    assert error.shape == (2, 3) and error == pytest.approx(np.hypot(80.1, 67.2), abs=0.2)


def test_a_histogram_counts_the_scores_that_are_numbers():
    scores = pd.DataFrame({"key": [1.0, 1.0, 2.0, np.nan, np.inf]})
    (bars,) = gallery.histogram(scores, by="PSNR").data
    assert bars.y.sum() == 3
    assert bars.y[0] == 2
    assert bars.x[0] - bars.width[0] / 2 == pytest.approx(1)
    assert bars.x[-1] + bars.width[-1] / 2 == pytest.approx(2)
