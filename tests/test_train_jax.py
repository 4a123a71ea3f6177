"""Training on JAX leaves what training on TensorFlow leaves, and continues as exactly."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from colornet import params, paths, train_jax
from colornet.training import device, on_jax
from colornet.training.parameters import Parameters
from support.training import SECTION, WINDOWS, tree

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"},
    "PYTHONPATH": f"{TESTS.parent}:{TESTS}",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiled sooner
}


@pytest.fixture(autouse=True)
def compiled_once(tmp_path_factory, monkeypatch):
    """What one training compiles serves the next one."""
    cache = tmp_path_factory.getbasetemp() / "jax"
    monkeypatch.setitem(ENVIRONMENT, "JAX_COMPILATION_CACHE_DIR", str(cache))
    monkeypatch.setitem(ENVIRONMENT, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")


def write(model, **sections) -> None:
    params.save({"train": {model: sections}}, paths.PARAMS)


def small(*runs: str, status: int = 0) -> str:
    """Trains small networks; returns what that printed."""
    command = [sys.executable, TESTS / "support/jax_train.py", *runs]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("model", ["lite", "final"])
def test_it_leaves_the_same_files_and_the_same_bytes_also_after_an_interruption(
    prepared, classes, model
):
    from colornet.colorizer import Colorizer

    section = {**WINDOWS, "colourfulness": 0.4}
    if model == "final":
        section = {**SECTION, "class_scores": "logits"}
    write(model, one=section, two=section)
    said = small("one", "two@2", "two")
    assert re.search(rf"one: training {model} on CPU .* in float32, [\d.]+ pictures/s", said)
    assert re.search(r"epoch 3/3 .*left, loss [\d.]+, validation [\d.]+ \(grey", said)
    assert "two: training" in said and "for epochs 3 to 3" in said
    folder = paths.run("one")
    assert {file.name for file in folder.iterdir()} == {*paths.RUN_OUTS, "times.csv"}
    assert tree("one") == tree("two")
    history = pd.read_csv(folder / "history.csv")
    assert list(history["epoch"]) == [1, 2, 3] and (history > 0).all().all()
    assert history["val_loss_grey"].nunique() == 1
    settings = params.load(folder / "params.yaml")
    assert settings["model"] == model and settings["train"]["epochs"] == 3
    assert ("saturation" in settings) == (model == "lite")
    assert Colorizer(folder).parameters > 0


def test_a_killed_training_of_the_real_network_continues_to_the_same_bytes(prepared):
    section = {**SECTION, "epochs": 20}
    write("beta", one=section, two=section)
    command = [sys.executable, "-m", "colornet.train_jax"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": ENVIRONMENT}
    subprocess.run([*command, "one"], check=True, **options)
    killed = subprocess.Popen([*command, "two"], **options)
    history = paths.run("two") / "history.csv"
    while not (history.is_file() and len(history.read_text().splitlines()) > 1):
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (paths.run("two") / "model.keras").exists()
    on = subprocess.run([*command, "two"], check=True, text=True, **options)
    assert re.search(r"for epochs \d+ to 20", on.stdout)
    assert tree("two") == tree("one")


def test_minutes_bound_the_epochs_and_a_call_that_continues_keeps_their_number(prepared):
    write("beta", one={**SECTION, "epochs": 1000}, two={**SECTION, "epochs": 3})
    small("one@2+5", "one+9", "two+5")
    folder = paths.run("one")
    epochs = params.load(folder / "params.yaml")["train"]["epochs"]
    # Six pictures an epoch, each five seconds; the preparations take their time too
    assert 1 <= epochs <= 0.85 * 5 * 60 / 30
    assert len(pd.read_csv(folder / "history.csv")) == epochs
    assert len(pd.read_csv(paths.run("two") / "history.csv")) == 3


def test_too_few_minutes_for_an_epoch_are_a_sentence(prepared):
    write("beta", one=SECTION)
    assert "train.beta.one: --minutes are too few for one epoch" in small("one+0.001", status=1)


def test_what_is_wrong_in_params_gets_the_same_sentences(prepared, capsys):
    write("beta", one={**SECTION, "window": 32})
    for run, words in (("two", "it has: one"), ("one --minutes 0", "--minutes is 0")):
        with pytest.raises(SystemExit) as end:
            train_jax.main(run.split())
        assert words in end.value.code
    with pytest.raises(params.UserError, match="train.beta.one: a window is neither turned"):
        train_jax.run("one", "beta", Parameters(**SECTION, window=32))


def test_without_jax_the_pip_command_is_told(prepared, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    write("beta", one=SECTION)
    with pytest.raises(SystemExit) as end:
        train_jax.main(["one"])
    assert '`pip install "jax[cuda12]"`' in end.value.code


def test_a_gpu_that_jax_cannot_use_stops_with_the_install_command(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")
    monkeypatch.setattr(device, "nvidia_gpu", lambda: "NVIDIA T4")
    with pytest.raises(params.UserError, match=r"NVIDIA T4.*JAX cannot use.*jax\[cuda12\]"):
        on_jax.choose(Parameters(**SECTION))
    monkeypatch.setattr(device, "nvidia_gpu", lambda: None)
    assert on_jax.choose(Parameters(**SECTION)) == ("cpu", "float32")
    with pytest.raises(params.UserError, match="devices: all is for colornet.train"):
        on_jax.choose(Parameters(**SECTION, devices="all"))
