"""The figure of the loss curves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard import chart, readers
from support.project import make_run

pytestmark = pytest.mark.usefixtures("root")


def runs(root, *names, **options) -> list[readers.Run]:
    for name in names:
        make_run(root, name, **options)
    return readers.runs()[0]


def test_smoothing_is_the_mean_of_the_past_with_falling_weights():
    values = pd.Series([4.0, 1.0, 7.0])
    weights = np.array([0.25, 0.5, 1.0])
    expected = [4.0, (0.5 * 4 + 1) / 1.5, (weights * values).sum() / weights.sum()]
    assert chart.smoothed(values, 0.5).tolist() == pytest.approx(expected)
    assert chart.smoothed(values, 0.0).tolist() == [4.0, 1.0, 7.0]


def test_minutes_add_up_and_are_missing_where_no_time_was_noted(root):
    (run,) = runs(root, "one")
    (run.folder / "times.csv").write_text("epoch,seconds,pictures_per_s\n1,30,8\n2,90,8\n2,60,8\n")
    (run,) = readers.runs()[0]
    np.testing.assert_allclose(chart.minutes(run), [0.5, 1.5, np.nan])


def test_published_losses_are_drawn_for_runs_of_their_experiment(root):
    (run,) = runs(root, "one")
    assert not chart.draw([run], lines=True).layout.shapes
    run.params["train"]["dataset"] = "siamese"
    (line,) = chart.draw([run], lines=True).layout.shapes
    assert line.y0 == 8e-4
    assert not chart.draw([run], lines=False).layout.shapes


def test_a_smoothed_curve_is_drawn_over_the_original_one(root):
    (run,) = runs(root, "one")
    assert len(chart.draw([run]).data) == 3
    raw, smooth = chart.draw([run], smoothing=0.9).data[:2]
    assert list(raw.y) == list(run.history["val_loss"])
    assert smooth.y[0] == raw.y[0] and smooth.y[2] > raw.y[2]


def test_long_histories_are_thinned_and_keep_their_shape(root):
    (run,) = runs(root, "one")
    epochs = np.arange(1, 5001)
    losses = {"loss": 1 / epochs, "val_loss": 2 / epochs, "val_loss_grey": 3.0}
    long = pd.DataFrame({"epoch": epochs, **losses})
    trace, _, grey = chart.draw([replace(run, history=long)]).data
    assert 1000 < len(trace.x) <= chart.POINTS
    assert trace.x[0] == 1 and trace.x[-1] > 4990
    assert list(trace.y) == pytest.approx(2 / np.array(trace.x))
    assert list(grey.x) == [1, 5000] and list(grey.y) == [3, 3]


def test_no_two_of_32_runs_look_alike(root):
    found = runs(root, *(f"run-{number:02}" for number in range(32)), epochs=1)
    looks = {(trace.line.color, trace.line.dash) for trace in chart.draw(found).data[::3]}
    assert len(looks) == 32
