"""The networks that ship: whole, small, described, and what they were measured to be."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from colornet import colorize, colorizer, evaluate, fetch, params, paths, preprocess
from colornet.colour import lab
from colornet.colour.colourfulness import colourfulness
from colornet.training.parameters import Parameters

pytestmark = pytest.mark.slow

RUNS = sorted(file.parent for file in paths.PRETRAINED.glob("*/params.yaml"))
ROOT = Path(__file__).resolve().parents[1]
# What another processor may change of a picture's scores
SLACK = {"psnr": 0.1, "colourfulness": 0.5, "auc": 0.002}


def test_the_default_is_one_of_those_that_ship():
    assert len(RUNS) == 2 and colorizer.default() in RUNS


def test_together_they_are_small():
    files = [file for file in paths.PRETRAINED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 35e6
    gallery = [file for file in files if "gallery" in file.parts]
    assert len(gallery) > 600 and sum(file.stat().st_size for file in gallery) < 10e6


def test_no_picture_ships_but_those_of_the_gallery_with_their_credits():
    for file in paths.PRETRAINED.rglob("*"):
        if file.suffix.lower() in (".jpg", ".jpeg", ".png"):
            folder = file.parents[1]
            assert folder.name == "gallery", file
            credits_ = pd.read_csv(folder / "sources.csv", keep_default_na=False)
            stem = file.stem.rpartition("_")[0]
            (row,) = credits_[credits_["test"] == f"test/{stem}.png"].itertuples()
            assert row.licence.startswith(("CC BY", "CC0", "Public domain")) and row.url


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_states_how_it_was_trained(run):
    settings = params.load(run / "params.yaml")
    checked = params.check(settings["train"], Parameters, run.name)
    assert len(pd.read_csv(run / "history.csv")) == checked["epochs"]


def test_beta_is_the_published_one():
    settings = params.load(paths.PRETRAINED / "beta-siamese/params.yaml")
    section = params.load(ROOT / "params.yaml")["train"]["beta"]["beta-siamese"]
    assert section.items() <= settings["train"].items()
    assert settings["train"]["loss_over"] == "square" and "saturation" not in settings


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_has_a_card(run):
    card = (run / "README.md").read_text()
    for part in ("Data and licence", "Scores", "Known failures", "Intended use"):
        assert f"## {part}" in card
    for folder in (run / "results").iterdir():
        summary = json.loads((folder / "summary.json").read_text())
        psnr = f"{summary['means']['psnr']:.2f}"
        assert f"| {folder.name} | {summary['n']} | {psnr} |" in card


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """A folder with the gallery, prepared as params.yaml says; every third picture is listed."""
    folder, content = tmp_path_factory.mktemp("gallery"), params.load(ROOT / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        fetch.run("gallery", source="folder", path=str(ROOT / content["fetch"]["gallery"]["path"]))
        preprocess.run("gallery", **content["preprocess"]["gallery"])
        index = paths.prepared("gallery") / "index.csv"
        pd.read_csv(index).iloc[::3].to_csv(index, index=False)
    return folder


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_scores_on_the_gallery_what_it_did_when_it_was_released(run, gallery, monkeypatch):
    monkeypatch.chdir(gallery)
    evaluate.run(run.name, run=str(run), dataset="gallery")
    now = pd.read_csv(paths.results(run.name) / "scores.csv").set_index("file")
    then = pd.read_csv(run / "results/gallery/scores.csv").set_index("file")
    assert list(now.index) == list(then.index[::3]) and len(then) == 81
    then = then.loc[now.index]
    for score, off in SLACK.items():
        np.testing.assert_allclose(now[score], then[score], atol=off)
    features = [
        np.load(folder / "features.npz")["features"][::step].astype("float32")
        for folder, step in ((paths.results(run.name), 1), (run / "results/gallery", 3))
    ]
    np.testing.assert_allclose(*features, atol=0.02)


def test_the_default_is_nearer_to_the_truth_than_grey_and_nearly_as_colourful():
    for dataset, gain in {"gallery": 2.5, "pets": 0.6, "cats-dogs": 0.5, "siamese": 0}.items():
        means = pd.read_json(
            colorizer.default() / "results" / dataset / "metrics.json", typ="series"
        )
        assert means["psnr"] - means["psnr_grey"] > gain
        assert means["colourfulness"] >= 0.6 * means["colourfulness_truth"]


def test_a_grey_photograph_comes_out_coloured_at_its_size_and_lightness(tmp_path):
    grey = Image.fromarray(data.coffee()).convert("L")  # 600 x 400
    grey.save(tmp_path / "coffee.png")
    assert colorize.main([str(tmp_path / "coffee.png"), "--output", str(tmp_path / "out")]) == 0
    output = np.asarray(Image.open(tmp_path / "out/coffee.png"))
    assert output.shape == (400, 600, 3)
    assert colourfulness(output) > 8
    off = lab.lightness(lab.grey(output))[..., 0] - lab.lightness(np.asarray(grey))
    assert np.quantile(abs(off), 0.99) < 0.02
