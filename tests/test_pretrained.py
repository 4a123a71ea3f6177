"""The networks that ship: whole, small, described, and what they were measured to be."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from colornet import colorize, colorizer, evaluate, fetch, params, paths, preprocess
from colornet.colour import lab
from colornet.colour.colourfulness import colourfulness

pytestmark = pytest.mark.slow

RUNS = sorted(file.parent for file in paths.PRETRAINED.glob("*/params.yaml"))
ROOT = Path(__file__).resolve().parents[1]
SAMPLE = {"psnr": 0.1, "colourfulness": 0.5, "auc": 0.002}  # what another processor may change


def test_the_default_is_one_of_those_that_ship():
    assert len(RUNS) == 2 and colorizer.default() in RUNS


def test_together_they_are_small():
    files = [file for file in paths.PRETRAINED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 25e6


def test_no_picture_ships_but_those_of_the_sample():
    for file in paths.PRETRAINED.rglob("*"):
        if file.suffix.lower() in (".jpg", ".jpeg", ".png"):
            assert file.parents[1].name.endswith("-on-sample"), file


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_is_the_run_of_its_name_in_params_yaml(run):
    settings = params.load(run / "params.yaml")
    section = params.load(ROOT / "params.yaml")["train"][settings["model"]][run.name]
    assert section.items() <= settings["train"].items()
    assert len(pd.read_csv(run / "history.csv")) == section["epochs"]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_has_a_card(run):
    card = (run / "README.md").read_text()
    for part in ("Data and licence", "Scores", "Known failures", "Intended use"):
        assert f"## {part}" in card
    for folder in (run / "results").iterdir():
        assert (folder / "scores.csv").is_file() and f"`{folder.name}`" in card


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A folder with the sample's photographs, prepared as params.yaml says."""
    folder, content = tmp_path_factory.mktemp("sample"), params.load(ROOT / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        fetch.run("sample", **content["fetch"]["sample"])
        preprocess.run("sample", **content["preprocess"]["sample"])
    shutil.rmtree(folder / "data/raw")
    return folder


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_scores_on_the_sample_what_it_did_when_it_was_released(run, sample, monkeypatch):
    monkeypatch.chdir(sample)
    evaluate.run(run.name, run=str(run), dataset="sample")
    now = pd.read_csv(paths.results(run.name) / "scores.csv").set_index("file")
    then = pd.read_csv(run / "results" / f"{run.name}-on-sample" / "scores.csv").set_index("file")
    assert list(now.index) == list(then.index)
    for score, off in SAMPLE.items():
        np.testing.assert_allclose(now[score], then[score], atol=off)


def test_a_grey_photograph_comes_out_coloured_at_its_size_and_lightness(tmp_path):
    grey = Image.fromarray(data.coffee()).convert("L")  # 600 x 400
    grey.save(tmp_path / "coffee.png")
    assert colorize.main([str(tmp_path / "coffee.png"), "--output", str(tmp_path / "out")]) == 0
    output = np.asarray(Image.open(tmp_path / "out/coffee.png"))
    assert output.shape == (400, 600, 3)
    assert colourfulness(output) > 8
    off = lab.lightness(lab.grey(output))[..., 0] - lab.lightness(np.asarray(grey))
    assert np.quantile(abs(off), 0.99) < 0.02
