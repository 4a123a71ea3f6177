"""A prepared dataset -> runs/<run>, as `colornet.train`, on JAX: for GPUs, without TensorFlow.

The complete dataset lies in the device's memory, and an epoch is one compiled loop. Called again
after an interruption, the training continues from runs/<run>/checkpoint/.
"""

from colornet.system import stop, streams

if __name__ == "__main__":  # before anything that takes time to import
    streams.protect()
    stop.install()

import argparse
import importlib.util
import os
from types import ModuleType

from colornet import params
from colornet.system import keras_settings, machine
from colornet.training import stage
from colornet.training.parameters import Parameters


def run(name: str, model: str, parameters: Parameters, *, minutes: float | None = None) -> None:
    """`stage.run` on JAX, on one GPU, or on the CPU without one.

    minutes: bounds the time of the whole training; None for as many epochs as the parameters say.
    """
    stage.run(name, model, parameters, _backend, minutes=minutes)


def _backend() -> ModuleType:
    if importlib.util.find_spec("jax") is None:
        raise params.UserError(
            "JAX is missing: `pip install jax` installs it, for an NVIDIA GPU `pip install "
            '"jax[cuda12]"`.'
        )
    os.environ.setdefault("NPROC", str(machine.cores()))  # XLA knows no container's limit
    keras_settings.import_keras("jax")
    from colornet.training import on_jax

    return on_jax


def main(argv: list[str] | None = None) -> None:
    """The command line, `python -m colornet.train_jax NAME`."""
    parser = argparse.ArgumentParser(prog="python -m colornet.train_jax", description=__doc__)
    parser.add_argument("name", help="a run: a key of train.<network> in params.yaml")
    parser.add_argument(
        "--minutes",
        type=float,
        help="train at most so long: fewer epochs than the run has, if they would take longer; a "
        "call that continues keeps their number",
    )
    options = parser.parse_args(argv)
    with params.sentences():
        if options.minutes is not None and options.minutes <= 0:
            raise params.UserError(f"--minutes is {options.minutes:g}: it must be above 0.")
        run(options.name, *stage.find(options.name), minutes=options.minutes)


if __name__ == "__main__":
    main()
