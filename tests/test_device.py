"""Which processor trains, in which precision."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from colornet import params, paths
from colornet.params import UserError
from colornet.training import device
from support.training import SECTION, sentence, trained

pytestmark = pytest.mark.slow


@pytest.fixture
def tensorflow(monkeypatch):
    """A TensorFlow that sees no GPU; its `hidden` lists what was hidden from it."""
    import tensorflow as tf

    hidden = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *args: hidden.append(args))
    return SimpleNamespace(hidden=hidden)


def test_a_machine_without_gpu_trains_on_its_cpu(tensorflow, monkeypatch):
    monkeypatch.setattr(device, "nvidia_gpu", lambda: None)
    assert device.choose("auto") == "cpu"


def test_a_gpu_that_tensorflow_cannot_use_stops_with_the_install_command(tensorflow, monkeypatch):
    monkeypatch.setattr(device, "nvidia_gpu", lambda: "NVIDIA T4")
    with pytest.raises(UserError, match=r"NVIDIA T4.*pip install -r requirements-gpu\.txt"):
        device.choose("auto")


def test_cpu_is_taken_when_asked_for_even_beside_a_gpu(tensorflow, monkeypatch):
    monkeypatch.setattr(device, "nvidia_gpu", lambda: "NVIDIA T4")
    assert device.choose("cpu") == "cpu"
    assert tensorflow.hidden == [([], "GPU")]


@pytest.mark.parametrize(
    "script, name",
    [("echo 'NVIDIA T4'", "NVIDIA T4"), ("echo failed; exit 9", None), ("true", None)],
)
def test_the_driver_is_asked_for_its_gpu(tmp_path, monkeypatch, script, name):
    command = tmp_path / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert device.nvidia_gpu() == name


@pytest.mark.parametrize(
    "flags, precision",
    [
        ({"avx2", "avx512_bf16"}, "bfloat16"),
        ({"amx_bf16"}, "bfloat16"),
        ({"avx512f"}, "float32"),
        (set(), "float32"),
    ],
)
def test_bfloat16_is_chosen_where_the_cpu_multiplies_it(monkeypatch, flags, precision):
    monkeypatch.setattr(device, "_cpu_flags", lambda: flags)
    assert device.fastest_precision("cpu") == precision


def test_the_cpu_is_described_with_its_cores():
    assert device.describe("cpu").startswith("CPU (")


# Two devices are to be named before TensorFlow begins, so in a process of its own.
TWO_DEVICES = """
import functools, sys
from colornet.system import quiet
quiet.import_tensorflow()
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [half, half])
from colornet import train
from colornet.models import beta
beta.build = functools.partial(beta.build, width=4)
for name in sys.argv[1:]:
    train.main([name])
"""


def test_all_devices_share_a_batch_and_reach_the_same_loss(prepared):
    one = {**SECTION, "epochs": 10, "steps_per_epoch": 1}
    runs = {"one": one, "all": {**one, "devices": "all"}}
    params.save(
        {"train": {"beta": {**runs, "odd": {**runs["all"], "batch_size": 3}}}}, paths.PARAMS
    )
    command = [sys.executable, "-c", TWO_DEVICES]
    done = subprocess.run([*command, *runs, "odd"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "batch_size is 3, which 2 devices cannot share evenly" in done.stderr.splitlines()[-1]
    columns = ["loss", "val_loss", "val_loss_grey"]  # of ten steps
    one, shared = (pd.read_csv(paths.run(run) / "history.csv")[columns] for run in runs)
    np.testing.assert_allclose(one, shared, rtol=0, atol=1e-5)
    assert one["loss"].nunique() == 10


def test_an_unusable_gpu_stops_unless_the_cpu_is_asked_for(prepared, tiny_networks, monkeypatch):
    monkeypatch.setattr(device, "nvidia_gpu", lambda: "NVIDIA T4")
    assert "requirements-gpu.txt" in sentence()
    trained("one", "beta", **{**SECTION, "epochs": 1, "devices": "cpu"})
