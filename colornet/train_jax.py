"""A prepared dataset -> runs/<run>, as `colornet.train`, on JAX: for GPUs, without TensorFlow.

The complete dataset lies in the device's memory, and an epoch is one compiled loop. Called again
after an interruption, the training continues from runs/<run>/checkpoint/. Several processes, one
for each GPU, on one machine or many, train one network with --processes, --process and
--coordinator, in a folder that their machines share.
"""

from colornet.system import stop, streams

if __name__ == "__main__":  # before anything that takes time to import
    streams.protect()
    stop.install()

import argparse
import functools
import importlib.util
import os
from types import ModuleType

from colornet import params
from colornet.system import keras_settings, machine
from colornet.training import stage, together
from colornet.training.parameters import Parameters


def run(
    name: str,
    model: str,
    parameters: Parameters,
    *,
    minutes: float | None = None,
    place: together.Place | None = None,
) -> None:
    """`stage.run` on JAX, on one GPU, or on the CPU without one.

    minutes: bounds the time of the whole training; None for as many epochs as the parameters say;
    place: this process's among those that train together, None where it is alone.
    """
    stage.run(name, model, parameters, functools.partial(_backend, place), minutes=minutes)


def _backend(place: together.Place | None) -> ModuleType:
    if importlib.util.find_spec("jax") is None:
        raise params.UserError(
            "JAX is missing: `pip install jax` installs it, for an NVIDIA GPU `pip install "
            '"jax[cuda12]"`.'
        )
    os.environ.setdefault("NPROC", str(machine.cores()))  # XLA knows no container's limit
    keras_settings.import_keras("jax")
    if place and place.processes > 1:
        together.join(place)
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
    many = parser.add_argument_group("several processes that train one network")
    many.add_argument("--processes", type=int, metavar="N", help="how many there are")
    many.add_argument("--process", type=int, metavar="K", help="which of them this is, from 0")
    many.add_argument(
        "--coordinator",
        metavar="HOST:PORT",
        help="where they meet: a free port of the machine of process 0, open to the others alone",
    )
    options = parser.parse_args(argv)
    place = _place(parser, options)
    with together.ending(), params.sentences():
        if options.minutes is not None and options.minutes <= 0:
            raise params.UserError(f"--minutes is {options.minutes:g}: it must be above 0.")
        run(options.name, *stage.find(options.name), minutes=options.minutes, place=place)


def _place(parser: argparse.ArgumentParser, options: argparse.Namespace) -> together.Place | None:
    """What the three options say together; wrong usage ends the process."""
    given = options.processes, options.process, options.coordinator
    if given == (None, None, None):
        return None
    if None in given:
        parser.error("--processes, --process and --coordinator go together")
    if not 0 <= options.process < options.processes:
        parser.error(f"--process is {options.process}: it must be 0 to {options.processes - 1}")
    host, _, port = options.coordinator.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        parser.error(f"--coordinator is {options.coordinator}: it must be HOST:PORT")
    return together.Place(*given)


if __name__ == "__main__":
    main()
