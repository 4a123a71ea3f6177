"""Answers of the quiz -> the fooled rate, its interval and their chart."""

import pytest

from dashboard import fooled
from dashboard.quiz import Answer


def answer(*, was_fooled: bool, evaluation: str = "one", counts: bool = True) -> Answer:
    side = "right" if was_fooled else "left"
    return Answer(evaluation, "sample", "a.png", "left", side, was_fooled, counts, 20.0, 19.0)


@pytest.mark.parametrize(
    ("share", "of", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        # Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_published_examples(share, of, low, high):
    assert fooled.interval(share, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 4, 10, 1000])
def test_the_interval_stays_between_0_and_1_and_holds_the_share(n):
    for share in (0, n // 2, n):
        low, high = fooled.interval(share, n)
        assert 0 <= low <= share / n + 1e-12
        assert share / n - 1e-12 <= high <= 1
        assert fooled.interval(n - share, n) == pytest.approx((1 - high, 1 - low))


def test_rates_are_by_evaluation_and_of_answers_that_count():
    answers = [
        answer(was_fooled=True),
        answer(was_fooled=False),
        answer(was_fooled=True, counts=False),
        answer(was_fooled=False, evaluation="two"),
    ]
    assert fooled.rates(answers) == {"one": (1, 2), "two": (0, 1)}
    assert fooled.words(1, 2) == "50 % (1 of 2; 95 % interval 9 to 91 %)"


def test_the_chart_shows_ours_above_the_published_ones_with_other_marks():
    points = fooled.chart({"one": (5, 20), "two": (0, 4)}).data
    rows = {point.name: point for point in sorted(points, key=lambda point: -point.y[0])}
    assert list(rows) == ["one", "two", "CIC, 2016", "a photograph beside itself"]
    assert [point.x[0] for point in rows.values()] == [25, 0, 32.3, 50]
    assert rows["CIC, 2016"].error_x.array[0] == pytest.approx(2.2)
    low, high = fooled.interval(5, 20)
    assert rows["one"].error_x.arrayminus[0] == pytest.approx(25 - 100 * low)
    assert rows["one"].error_x.array[0] == pytest.approx(100 * high - 25)
    assert rows["one"].marker.symbol != rows["CIC, 2016"].marker.symbol


def test_a_score_that_is_missing_is_a_dash():
    assert (fooled.decibels(float("nan")), fooled.decibels(20.125)) == ("–", "20.12 dB")
