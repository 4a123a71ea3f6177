"""Stage 4: a prepared dataset -> runs/<run>, one trained network.

Called again after an interruption, a training with the same parameters, data and code continues
from runs/<run>/checkpoint/.
"""

from colornet.system import stop, streams

if __name__ == "__main__":  # before anything that takes time to import
    streams.protect()
    stop.install()

import argparse
from types import ModuleType

from colornet import params
from colornet.system import quiet
from colornet.training import stage
from colornet.training.parameters import Parameters


def run(name: str, model: str, parameters: Parameters) -> None:
    """`stage.run` on TensorFlow."""
    stage.run(name, model, parameters, _backend)


def _backend() -> ModuleType:
    quiet.import_tensorflow()
    from colornet.training import on_tensorflow

    return on_tensorflow


def main(argv: list[str] | None = None) -> None:
    """The command line, `python -m colornet.train NAME`."""
    parser = argparse.ArgumentParser(prog="python -m colornet.train", description=__doc__)
    parser.add_argument("name", help="a run: a key of train.<network> in params.yaml")
    name = parser.parse_args(argv).name
    with params.sentences():
        run(name, *stage.find(name))


if __name__ == "__main__":
    main()
