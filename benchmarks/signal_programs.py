"""The programs that benchmarks/signals.py stops, and what is wrong with what they leave."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from colornet import params
from colornet.system import keras_settings

HEIC = Path(__file__).parents[1] / "tests" / "data" / "chelsea.heic"  # for a child process
TRAINING = {
    "dataset": "sample",
    "epochs": 3,
    "batch_size": 4,
    "steps_per_epoch": 4,
    "optimizer": "adam",
    "flip": True,
    "precision": "float32",
}


class Program(NamedTuple):
    """A command, and what it leaves.

    results: the folder of its results, in `folder`; faults: what is wrong with the results of a run
    that was stopped (False) or finished (True), and with its standard output.
    """

    command: list[str]
    folder: Path
    results: str
    faults: Callable[[bool, str], list[str]]


def colouring(folder: Path, *, pictures: int = 5) -> Program:
    """`colornet` on a few photographs and a HEIC file, with --json."""
    sources = folder / "photos"
    sources.mkdir()
    (sources / "chelsea.heic").write_bytes(HEIC.read_bytes())
    for number in range(pictures):
        y, x = np.mgrid[0:600, 0:800] / (600, 800)[number % 2]
        waves = np.stack([np.sin(9 * x + number), np.sin(5 * y), np.cos(7 * x * y)], axis=-1)
        Image.fromarray((128 + 120 * waves).astype("uint8")).save(sources / f"{number}.jpg")

    def faults(finished: bool, printed: str) -> list[str]:
        found = [str(file) for file in folder.glob("out/*") if not _complete(file)]
        error = json.loads(printed)["error"]
        if finished is not (error is None):
            found.append(f"--json has the error {error}")
        if finished and len(list(folder.glob("out/*"))) != pictures + 1:
            found.append("results are missing")
        return found

    command = [sys.executable, "-m", "colornet.colorize", "photos", "-o", "out", "--json"]
    return Program(command, folder, "out", faults)


def training(folder: Path, module: str) -> Program:
    """`colornet.train` or `colornet.train_jax` on the sample, three epochs of beta."""
    sizes = {"size": 32, "train": 12, "validation": 4, "test": 4, "seed": 3}
    sections = {
        "fetch": {"sample": {"source": "bundled"}},
        "preprocess": {"sample": sizes},
        "train": {"beta": {"one": TRAINING}},
    }
    params.save(sections, folder / "params.yaml")
    for stage in ("fetch", "preprocess"):
        command = [sys.executable, "-m", f"colornet.{stage}", "sample"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment())
    run = folder / "runs" / "one"

    def faults(finished: bool, _: str) -> list[str]:
        found = [str(file) for file in run.rglob("*.part")]
        state = run / "checkpoint" / "state.npz"
        if state.exists():
            with np.load(state) as archive:
                found += [] if "about" in archive else [str(state)]
        if finished is not (run / "model.keras").is_file():
            found.append(f"model.keras is {'missing' if finished else 'there'}")
        return found

    command = [sys.executable, "-m", f"colornet.{module}", "one"]
    return Program(command, folder, "runs/one", faults)


def environment() -> dict[str, str]:
    """The environment, without a choice of a backend."""
    return {key: value for key, value in os.environ.items() if key != keras_settings.BACKEND}


def _complete(file: Path) -> bool:
    if file.suffix == ".part":
        return False
    try:
        with Image.open(file) as picture:
            picture.load()
    except OSError:
        return False
    return True
