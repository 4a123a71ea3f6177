"""The pipeline in the real `dvc`: the full networks, but squares of 32 pixels and one epoch."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from colornet import params, paths
from colornet.system import download
from support import archives
from support.server import Server

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("beta", "final")
TARGETS = [f"evaluate@{model}-sample" for model in MODELS]


def dvc(*arguments: str, status: int = 0) -> str:
    """Runs dvc, expects that exit status, and returns what it prints."""
    done = subprocess.run(["dvc", *arguments], capture_output=True, text=True)
    text = done.stdout + done.stderr
    assert done.returncode == status, text
    return text


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The pipeline with a small sample, after one `dvc repro --keep-going` without internet.

    The tests use it one after the other. Yields what that call printed.
    """
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "dvc.yaml", folder)
    shutil.copytree(ROOT / "colornet", folder / "colornet")
    content = params.load(ROOT / paths.PARAMS)
    content["preprocess"]["sample"]["size"] = 32
    for runs in content["train"].values():
        for name in list(runs):
            if name.endswith("-sample"):
                runs[name] |= {"epochs": 1, "steps_per_epoch": 1, "batch_size": 2}
            else:
                del runs[name]
    content["evaluate"] = {
        f"{model}-sample": content["evaluate"][f"{model}-sample"] for model in MODELS
    }
    for dataset in ("siamese", "pets", "cats-dogs"):
        content["fetch"][dataset]["url"] = "http://127.0.0.1:9/nothing"
    params.save(content, folder / paths.PARAMS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setenv("DVC_NO_ANALYTICS", "1")
        patch.setenv(download.CACHE, str(folder / "downloads"))
        dvc("init", "--no-scm", "--quiet")
        yield dvc("repro", "--keep-going", "fetch", *TARGETS, status=255)


@pytest.mark.slow
def test_without_internet_the_sample_is_finished_and_the_other_datasets_get_a_sentence(project):
    for name in (f"{model}-sample" for model in MODELS):
        assert {file.name for file in paths.run(name).iterdir()} >= set(paths.RUN_OUTS)
        found = {file.name for file in paths.results(name).iterdir()}
        assert found == set(paths.RESULT_OUTS)
    assert "error: fetch.siamese: images.tar.gz could not be downloaded" in project
    assert "127.0.0.1:9/nothing: it refuses the connection" in project
    assert "Traceback" not in project
    assert not paths.raw("siamese").exists()


@pytest.mark.slow
def test_a_second_repro_changes_nothing(project):
    before = Path("dvc.lock").read_bytes()
    assert "up to date" in dvc("repro", *TARGETS)
    assert Path("dvc.lock").read_bytes() == before


@pytest.mark.slow
def test_training_and_scoring_again_gives_the_same_bytes(project):
    before = Path("dvc.lock").read_text()
    assert all(name in before for name in ("model.keras", "history.csv", "scores.csv"))
    dvc("repro", "--force", "--single-item", "train-beta@beta-sample", "evaluate@beta-sample")
    assert Path("dvc.lock").read_text() == before


@pytest.mark.slow
def test_dvc_shows_the_metrics_and_draws_the_plots(project):
    shown = dvc("metrics", "show", "--md", "--", "results/final-sample/metrics.json")
    assert all(name in shown for name in ("psnr", "psnr_grey", "ssim", "colourfulness_truth"))
    page = dvc("plots", "show", "runs/beta-sample/history.csv", "results/beta-sample/scores.csv")
    assert "index.html" in page


@pytest.mark.slow
def test_a_change_of_epochs_reruns_only_that_training(project):
    content = params.load()
    content["train"]["beta"]["beta-sample"]["epochs"] = 2
    params.save(content, paths.PARAMS)
    said = dvc("repro", "--dry", *TARGETS)
    running = {line.split("'")[1] for line in said.splitlines() if "Running stage" in line}
    # A dry run does not name the evaluation that follows; test_pipeline tests that dependency
    assert running == {"train-beta@beta-sample"}


@pytest.mark.slow
def test_downloading_again_changes_nothing(project):
    with Server() as server:
        content = params.load()
        for dataset, archive in (("siamese", archives.pets()), ("cats-dogs", archives.microsoft())):
            url = server.add(f"/{dataset}", archive)
            sha256 = hashlib.sha256(archive).hexdigest()
            content["fetch"][dataset] |= {"url": url, "sha256": sha256}
        params.save(content, paths.PARAMS)
        targets = ["fetch@siamese", "fetch@cats-dogs"]
        dvc("repro", *targets)
        assert len(list(paths.raw("siamese").glob("Siamese_*.jpg"))) == 12
        assert len(list(paths.raw("cats-dogs").glob("*.jpg"))) == 20
        before = Path("dvc.lock").read_bytes()
        shutil.rmtree("downloads")
        dvc("repro", "--force", *targets)
        assert len(server.asked) == 4 and Path("dvc.lock").read_bytes() == before
        server.shutdown()
