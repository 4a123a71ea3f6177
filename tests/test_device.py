"""Which processor trains, in which precision."""

from types import SimpleNamespace

import pytest

from colornet.training import device


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
    with pytest.raises(RuntimeError, match=r"NVIDIA T4.*pip install -r requirements-gpu\.txt"):
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
