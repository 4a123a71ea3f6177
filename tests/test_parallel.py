"""The chart of parameters against scores."""

import pandas as pd
import pytest

from dashboard import parallel
from dashboard.page import style


def axis(*values, title="value") -> parallel.Axis:
    return parallel.axis(title, pd.Series(values, list("abcdefgh")[: len(values)], dtype=object))


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ((1, 2, 3), [0, 0.5, 1]),
        ((1e-4, 1e-3, 1e-2), [0, 0.5, 1]),
        ((0, 1, 100), [0, 0.01, 1]),
        ((7, 7.0), [0.5, 0.5]),
        ((3, None, 1, float("nan")), [1, parallel.MISSING, 0, parallel.MISSING]),
        (("rmsprop", "adam", "sgd"), [0.5, 0, 1]),
        ((False, True, None), [0, 1, parallel.MISSING]),
        ((None, None), [parallel.MISSING] * 2),
    ],
)
def test_numbers_lie_along_an_axis_and_words_at_equal_distances(values, places):
    assert list(axis(*values).places) == pytest.approx(places)


def test_few_values_are_all_written_many_at_equal_distances():
    assert axis(8, 12, 16).ticks == {0: "8", 0.5: "12", 1: "16"}
    assert list(axis(*range(8)).ticks.values()) == ["0", "1.75", "3.5", "5.25", "7"]
    assert axis("b", None, "a").ticks == {parallel.MISSING: "–", 0: "a", 1: "b"}
    assert list(axis(0, 1, 100).ticks.values()) == ["0", "100"]  # 1 lies too near to 0


def test_runs_are_within_a_range_on_each_axis():
    axes = [axis(1, 2, 3, title="size"), axis("x", "y", "x", title="kind")]
    assert parallel.within(axes, {}) == ["a", "b", "c"]
    assert parallel.within(axes, {"size": (0.4, 1)}) == ["b", "c"]
    assert parallel.within(axes, {"size": (0.4, 1), "kind": (-0.1, 0.1)}) == ["c"]
    assert parallel.within(axes, {"size": (0.6, 0.9)}) == []


def test_a_rectangle_is_a_range_on_each_axis_that_it_lies_over():
    axes = [axis(1, 2, title=title) for title in ("one", "two", "three")]
    boxes = [{"x": [1.2, 0.8], "y": [0.9, 0.3]}, {"x": [1.5, 2.5], "y": [0, 1]}]
    assert parallel.drawn(axes, boxes) == {"two": (0.3, 0.9), "three": (0, 1)}
    assert parallel.drawn(axes, [{"x": [0.2, 0.8], "y": [0, 1]}]) == {}


def test_coloured_runs_have_a_line_each_and_the_others_are_grey():
    table = pd.DataFrame({"size": [1, 2, 3], "kind": ["x", None, "x"]}, list("abc"), dtype=object)
    axes = [parallel.axis(title, table[title]) for title in table]
    figure = parallel.figure(
        axes,
        table,
        labels={name: f"run {name}" for name in table.index},
        coloured=["b"],
        on={"kind": (0.4, 0.6)},
        dark=False,
    )
    grey, blue = figure.data
    assert (grey.line.color, blue.line.color) == (style.GREY, style.BLUE)
    assert [text for text in grey.text if text] == [
        "run a<br>size: 1",
        "run a<br>kind: x",
        "run c<br>size: 3",
        "run c<br>kind: x",
    ]
    assert list(blue.y[:2]) == [0.5, parallel.MISSING]
    (mark,) = figure.layout.shapes
    assert (mark.x0, mark.x1, mark.y0, mark.y1) == (1, 1, 0.4, 0.6)
    assert "–" in [each.text for each in figure.layout.annotations]
