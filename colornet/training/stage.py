"""A run's section of params.yaml -> its training: what the commands of all backends share."""

import dataclasses
from collections.abc import Callable
from types import ModuleType

from colornet import params, paths
from colornet.params import UserError
from colornet.system import disk, stop
from colornet.training.parameters import Parameters


def run(
    name: str,
    model: str,
    parameters: Parameters,
    backend: Callable[[], ModuleType],
    *,
    minutes: float | None = None,
) -> None:
    """Trains a network of colornet.models and leaves what `paths.run` says in runs/<name>.

    backend: imports and returns `on_tensorflow` or `on_jax`; minutes: as `session.run` takes them.
    Raises UserError if the parameters do not fit together or to the data, if the batch does not fit
    into the memory, or if the loss is not a number; stop.Stopped between two pieces of the work.
    """
    where = f"train.{model}.{name}"
    try:
        settings = {"model": model, "train": dataclasses.asdict(parameters)}
        settings["preprocess"] = _section("preprocess", parameters.dataset)
        backend_ = backend()
        stop.check()
        from colornet.training import checks, network, session

        architecture = network.architecture(model)
        checks.check(model, architecture, parameters, size=settings["preprocess"]["size"])
        if parameters.class_scores is not None:
            settings["classify"] = _section("classify", parameters.dataset)
        session.run(name, model, parameters, settings, backend_, minutes=minutes)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
    except OSError as error:
        raise UserError(f"{where}: {disk.sentence(error)}") from error


def find(name: str) -> tuple[str, Parameters]:
    """The network and the parameters of a run in params.yaml. Raises UserError if it is not there.

    Also for a section that does not fit `Parameters`.
    """
    models = {model: runs or {} for model, runs in params.load().get("train", {}).items()}
    found = [model for model, runs in models.items() if name in runs]
    if len(found) != 1:
        legal = ", ".join(run for runs in models.values() for run in runs)
        many = f"has {name} in train.{' and train.'.join(found)}: a run has one network"
        none = f"has no run {name} in train; it has: {legal}"
        raise UserError(f"params.yaml {many if found else none}.")
    model = found[0]
    section = params.section(f"train.{model}", name)
    return model, Parameters(**params.check(section, Parameters, f"train.{model}.{name}"))


def _section(stage: str, dataset: str) -> dict:
    """The section of params.yaml that made a dataset's files, as the stage left it beside them."""
    folder = {"preprocess": paths.prepared, "classify": paths.classes}[stage](dataset)
    if not (folder / "params.yaml").is_file():
        raise UserError(f"{folder} is missing: python -m colornet.{stage} {dataset} makes it.")
    return params.load(folder / "params.yaml")
