"""The processor on which a training runs, and the precision that is fastest there.

`choose`, `strategy` and `fastest_precision` are TensorFlow's; `on_jax` has those of JAX.
"""

import shutil
import subprocess
from pathlib import Path

from colornet.params import UserError
from colornet.system import machine

INSTALL = "pip install -r requirements-gpu.txt"


def choose(devices: str) -> str:
    """The processor, "cpu" or "gpu", for a setting of `devices`: "auto", "cpu" or "all".

    For "cpu" TensorFlow no longer sees any GPU. Raises UserError as `no_gpu_for` does.
    """
    import tensorflow as tf

    if devices == "cpu":
        tf.config.set_visible_devices([], "GPU")
        return "cpu"
    if tf.config.list_physical_devices("GPU"):
        return "gpu"
    no_gpu_for("TensorFlow", INSTALL)
    return "cpu"


def no_gpu_for(backend: str, install: str) -> None:
    """Raises UserError if there is an NVIDIA GPU, which the backend cannot use.

    To train 50 times slower without a word would be worse. install: the command that helps.
    """
    if name := nvidia_gpu():
        raise UserError(
            f"this machine has a GPU ({name}) that {backend} cannot use: install its libraries with"
            f" `{install}`, or set devices: cpu to train without it."
        )


def strategy(devices: str):
    """The tf.distribute strategy that shares each batch among all devices, for "all".

    None for the other settings, and where there is only one device.
    """
    import tensorflow as tf

    if devices != "all":
        return None
    every = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    names = [device.name for device in every]
    return tf.distribute.MirroredStrategy(names) if len(names) > 1 else None


def nvidia_gpu() -> str | None:
    """The name of the first GPU of the NVIDIA driver, or None."""
    if not shutil.which("nvidia-smi"):
        return None
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = answer.stdout.strip().splitlines()
    return names[0] if answer.returncode == 0 and names else None


def fastest_precision(device: str) -> str:
    """The fastest precision of a processor, "cpu" or "gpu": bfloat16 with hardware for it."""
    if device == "gpu":
        import tensorflow as tf

        gpu = tf.config.list_physical_devices("GPU")[0]
        capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0,))
        return "bfloat16" if capability[0] >= 8 else "float32"
    return cpu_precision()


def cpu_precision() -> str:
    """The fastest precision of the CPU."""
    return "bfloat16" if {"avx512_bf16", "amx_bf16"} & _cpu_flags() else "float32"


def describe(device: str) -> str:
    """The processor in words: "GPU (NVIDIA H100)", "CPU (2 cores)"."""
    if device == "gpu":
        return f"GPU ({nvidia_gpu() or 'unnamed'})"
    return f"CPU ({machine.cores()} cores)"


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())
