"""A tiny training, for tests: its parameters, what it leaves, and how it is interrupted."""

import hashlib
import math

import numpy as np
import pytest

from colornet import params, paths, train
from colornet.training.parameters import Parameters

SECTION = {
    "dataset": "tiny",
    "epochs": 3,
    "batch_size": 2,
    "steps_per_epoch": 3,
    "optimizer": "rmsprop",
    "rotation": 20,
    "zoom": 0.2,
    "shear": 0.2,
    "flip": True,
    "precision": "float32",
}

# The recipe of lite: windows, greys, AdamW and a mean of the weights
WINDOWS = {
    **{key: SECTION[key] for key in ("dataset", "epochs", "batch_size", "steps_per_epoch")},
    "optimizer": "adamw",
    "learning_rate": 0.002,
    "decay": "cosine",
    "warmup": 2,
    "weight_decay": 0.02,
    "clip": 5.0,
    "mean_of_weights": 0.9,
    "window": 32,
    "narrowest": 20,
    "zoom": 0.12,
    "flip": True,
    "other_greys": 0.5,
    "worn": 0.5,
    "vivid": 0.07,
    "precision": "float32",
}

# Three steps on four pictures each, by network, that all backends are to agree on
THREE_STEPS = {
    "beta": {**SECTION, "batch_size": 4},
    "lite": {**WINDOWS, "batch_size": 4},
}


def trained(run: str, model: str, **section) -> None:
    """Trains with the parameters of a section of params.yaml."""
    train.run(run, model, Parameters(**section))


def tree(run="one") -> dict[str, str]:
    """Hashes of all that a run leaves but its wall times."""
    folder = paths.run(run)
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "times.csv"]
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def first_weights(run="one") -> np.ndarray:
    """Those of the first layer of the network that a run left."""
    import keras

    network = keras.models.load_model(paths.run(run) / "model.keras", compile=False)
    return network.get_weights()[0]


def interrupted(epoch, monkeypatch, section, model="beta") -> None:
    """Trains the run "one" until Ctrl-C, right after an epoch, which is kept."""
    from colornet.training import record
    from colornet.training.record import Record

    whole = Record.on_epoch_end

    def stopped(self, number, logs=None):
        whole(self, number, logs)
        if number + 1 == epoch:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Record, "on_epoch_end", stopped)
        patch.setattr(record, "SAVING", math.inf)
        trained("one", model, **section)


def sentence(**changes) -> str:
    with pytest.raises(params.UserError) as caught:
        trained("one", changes.pop("model", "beta"), **{**SECTION, **changes})
    return str(caught.value)
