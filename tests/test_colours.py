"""The benchmark of gain against colourfulness."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import colours
from colornet import evaluate, params, paths


@pytest.fixture
def measured(prepared, run, capsys):
    settings = params.load(run / "params.yaml")
    params.save({**settings, "saturation": 1.7}, run / "params.yaml")
    colours.main([str(run), "--dataset", "tiny", "--figure", "curves.svg"])
    return json.loads(capsys.readouterr().out.splitlines()[-1])["tiny"]["tiny"]


def test_its_scores_are_those_of_the_evaluation(measured, run):
    for place, saturation in enumerate([*colours.SATURATIONS, None]):
        if saturation in (None, 0.0, 1.0, 2.0):
            evaluate.run("one", run=str(run), dataset="tiny", saturation=saturation)
            means = pd.read_csv(paths.results("one") / "scores.csv").drop(columns="file").mean()
            gain = means["psnr"] - means["psnr_grey"]
            share = means["colourfulness"] / means["colourfulness_truth"]
            assert measured["gain_db"][place] == pytest.approx(gain, abs=1e-3)
            assert measured["share"][place] == pytest.approx(share, abs=1e-3)
            for name in ("auc", "auc_rebalanced"):
                assert measured[name][place] == pytest.approx(means[name], abs=1e-4)
    assert measured["saturations"][-1] == 1.7


def test_the_summary_has_the_best_gain_and_the_gain_at_half_of_the_colourfulness():
    gains, shares = np.array([0.5, 1.5, 0.7, -1.0]), np.array([0.1, 0.3, 0.7, 1.2])
    found = colours._summary(gains, shares)
    assert found == {"best_gain_db": 1.5, "best_share": 0.3, "half_gain_db": 1.1}
    assert colours._summary(gains, shares / 4)["half_gain_db"] is None
    assert colours._summary(gains, shares + 0.5)["half_gain_db"] == 0.5


def test_the_drawing_names_the_run_and_has_the_same_bytes_each_time(measured, run, tmp_path):
    first = (tmp_path / "curves.svg").read_bytes()
    assert b"tiny" in first and b"AuC" in first
    colours.main([str(run), "--dataset", "tiny", "--figure", "again.svg"])
    assert (tmp_path / "again.svg").read_bytes() == first
