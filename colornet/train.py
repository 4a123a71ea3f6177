"""Stage 4: a prepared dataset -> runs/<run>, one trained network.

Called again after an interruption, a training with the same parameters, data and code continues
from runs/<run>/checkpoint/.
"""

import argparse
import dataclasses

from colornet import params, paths
from colornet.params import UserError
from colornet.system import disk, quiet
from colornet.training.parameters import Parameters


def run(name: str, model: str, parameters: Parameters) -> None:
    """Trains a network of colornet.models and leaves what `paths.run` says in runs/<name>.

    Raises UserError if the parameters do not fit together or to the data, if the batch does not fit
    into the memory, or if the loss is not a number.
    """
    where = f"train.{model}.{name}"
    try:
        if parameters.patience is not None and parameters.patience >= parameters.epochs:
            raise UserError(
                f"patience is {parameters.patience}, which {parameters.epochs} epochs never "
                "exhaust: lower it, raise epochs, or leave it out."
            )
        settings = {"model": model, "train": dataclasses.asdict(parameters)}
        settings["preprocess"] = _section("preprocess", parameters.dataset)
        quiet.import_tensorflow()
        from colornet.training import network, session

        takes_scores = "class_scores" in network.architecture(model).INPUTS
        if takes_scores != (parameters.class_scores is not None):
            legal = "needs class_scores" if takes_scores else "takes no class_scores"
            raise UserError(f"the network {model} {legal}.")
        if takes_scores:
            settings["classify"] = _section("classify", parameters.dataset)
        session.run(name, model, parameters, settings)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
    except OSError as error:
        raise UserError(f"{where}: {disk.sentence(error)}") from error


def _section(stage: str, dataset: str) -> dict:
    """The section of params.yaml that made a dataset's files, as the stage left it beside them."""
    folder = {"preprocess": paths.prepared, "classify": paths.classes}[stage](dataset)
    if not (folder / "params.yaml").is_file():
        raise UserError(f"{folder} is missing: python -m colornet.{stage} {dataset} makes it.")
    return params.load(folder / "params.yaml")


def _model_of(name: str) -> str:
    """The network under whose key params.yaml has the run."""
    models = {model: runs or {} for model, runs in params.load().get("train", {}).items()}
    found = [model for model, runs in models.items() if name in runs]
    if len(found) != 1:
        legal = ", ".join(run for runs in models.values() for run in runs)
        many = f"has {name} in train.{' and train.'.join(found)}: a run has one network"
        none = f"has no run {name} in train; it has: {legal}"
        raise UserError(f"params.yaml {many if found else none}.")
    return found[0]


def main(argv: list[str] | None = None) -> None:
    """The command line, `python -m colornet.train NAME`."""
    parser = argparse.ArgumentParser(prog="python -m colornet.train", description=__doc__)
    parser.add_argument("name", help="a run: a key of train.<network> in params.yaml")
    name = parser.parse_args(argv).name
    with params.sentences():
        model = _model_of(name)
        section = params.section(f"train.{model}", name)
        section = params.check(section, Parameters, f"train.{model}.{name}")
        run(name, model, Parameters(**section))


if __name__ == "__main__":
    main()
