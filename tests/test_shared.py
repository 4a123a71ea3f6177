"""Tables of scores of several evaluations."""

import math

import pandas as pd
import pytest

from dashboard import shared

PSNR, AB = shared.SCORES["PSNR"], shared.SCORES["ab error"]
COLOUR = shared.SCORES["Colourfulness off the photograph's"]


def table(**psnr: float) -> pd.DataFrame:
    rows = {"file": list(psnr), "psnr": list(psnr.values()), "psnr_grey": [20.0] * len(psnr)}
    return shared.by_file(pd.DataFrame(rows))


def test_only_pictures_that_all_have_are_compared():
    scores = shared.together({"one": table(a=1, b=2), "two": table(b=3, c=4)}, PSNR)
    assert scores.to_dict("index") == {"b": {"one": 2, "two": 3}}


def test_the_spread_is_the_best_less_the_worst_and_missing_where_one_is():
    scores = shared.together(
        {"one": table(a=1, b=2), "two": table(a=4, b=math.nan), "three": table(a=2, b=2)}, PSNR
    )
    spread = shared.spread(scores)
    assert spread["a"] == 3
    assert math.isnan(spread["b"])


@pytest.mark.parametrize("highest_first", [True, False])
def test_equal_ones_go_by_name_and_missing_ones_come_last(highest_first):
    key = pd.Series({"d": math.nan, "c": 1.0, "a": 1.0, "b": 1.0})
    assert shared.ordered(key, highest_first=highest_first) == ["a", "b", "c", "d"]


def test_the_highest_psnr_and_the_lowest_error_are_the_best_and_equal_ones_share_it():
    scores = pd.DataFrame({"one": [1.0, 2.0, 3.0], "two": [2.0, 2.0, 1.0], "three": [2.0, 2.0, 0]})
    assert shared.best(scores, PSNR).to_numpy().tolist() == [
        [False, True, True],
        [False, False, False],
        [True, False, False],
    ]
    assert shared.best(scores, AB).loc[0].tolist() == [True, False, False]


def test_colourfulness_is_judged_by_its_distance_to_the_photographs():
    rows = {"file": ["a", "b"], "colourfulness": [10.0, 40.0], "colourfulness_truth": [30.0, 30.0]}
    scores = shared.by_file(pd.DataFrame(rows))
    assert shared.values(scores, COLOUR).tolist() == [20, 10]
    assert shared.greys(scores, COLOUR).tolist() == [30, 30]


def test_means_are_of_the_shared_pictures_and_grey_comes_last():
    tables = {"one": table(a=1, b=3), "two": table(b=5, c=9)}
    means = shared.means(tables, pd.Index(["b"]))
    assert means["PSNR"].to_dict() == {"one": 3, "two": 5, "left grey": 20}
    assert list(means) == ["PSNR"]


def test_a_file_that_is_listed_twice_counts_once():
    rows = pd.DataFrame({"file": ["a", "a", 7], "psnr": [1.0, 2.0, 3.0]})
    assert shared.by_file(rows)["psnr"].to_dict() == {"a": 1, "7": 3}


def test_the_psnr_of_grey_shows_other_photographs_of_the_same_name():
    one, two, three = table(a=1), table(a=2), table(a=3)
    two["psnr_grey"] += 0.001
    three["psnr_grey"] += 1
    assert shared.other_photographs({"one": one, "two": two, "three": three}) == ["three"]
    assert shared.other_photographs({"one": one, "two": two.drop(columns="psnr_grey")}) == []
