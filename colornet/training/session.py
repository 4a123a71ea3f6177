"""One training, from its prepared pictures to its saved network."""

import dataclasses
import functools
import json
import shutil
import time
from pathlib import Path
from types import ModuleType

import keras

from colornet import params, paths
from colornet.colour import colourfulness as colour
from colornet.params import UserError
from colornet.system import stop
from colornet.training import checks, device, network, pace, pictures, previews, together
from colornet.training.checkpoint import STATE, fingerprint
from colornet.training.parameters import Parameters
from colornet.training.pictures import Pictures
from colornet.training.record import Record

SPARE = 0.15  # the share of a bounded time for checkpoints, previews and saving
JUDGED = 100  # photographs on which the saturation is found


def run(
    name: str,
    model: str,
    parameters: Parameters,
    settings: dict,
    backend: ModuleType,
    *,
    minutes: float | None = None,
) -> None:
    """Trains runs/<name>, or continues it where the same training was stopped.

    settings: what the run's params.yaml is to hold; backend: `on_tensorflow` or `on_jax`; minutes:
    there are only so many epochs that all takes no longer. UserError for what the user can change.
    """
    began, folder = time.perf_counter(), paths.run(name)
    processor, precision = backend.choose(parameters)
    if parameters.precision == "auto" and processor == "cpu":
        precision = getattr(network.architecture(model), "CPU_PRECISION", precision)
    train, validation = _pictures(model, parameters)
    files = fingerprint({}, *_code(model), *_data(parameters, train, validation))
    machine = {"files": files, "precision": precision, "backend": keras.backend.backend()}
    _check_alike(folder, files, settings | machine | {"minutes": minutes})
    backend.seed(parameters.seed)
    build = _builder(model, parameters, processor)
    first = functools.partial(build, precision=precision, encoder=parameters.encoder)
    stop.check()
    trainer = backend.Trainer(first, parameters, train, validation, processor=processor)
    stop.check()
    speed = None
    if minutes is not None:
        epochs = _earlier_epochs(folder, settings)
        if epochs is None:
            speed = trainer.speed()
            epochs = _epochs_until(began + 60 * minutes, trainer, validation, speed)
        trainer.parameters = parameters = dataclasses.replace(parameters, epochs=epochs)
        settings = settings | {"train": dataclasses.asdict(parameters)}
        checks.check_steps(parameters)
    record = Record(
        folder,
        trainer.network,
        parameters,
        fingerprint=fingerprint(settings | machine),
        validation=validation,
        validate=trainer.validate,
        forward=trainer.forward,
    )
    stop.check()
    done = record.resume()
    if together.leads():
        params.save(settings, folder / "params.yaml")
        structure = json.dumps(network.structure(trainer.network), indent=1)
        (folder / "structure.json").write_text(f"{structure}\n")
    if not record.finished:
        outlook = _outlook(parameters, done, speed or trainer.speed())
        where = _where(processor)
        print(f"{name}: training {model} on {where} in {precision}, {outlook}", flush=True)
        trainer.fit(record)
    if together.leads():
        # In float32, so that the file runs everywhere at full speed
        _finish(name, build(precision="float32"), trainer, record, settings, validation)


def _finish(
    name: str, saved: keras.Model, trainer, record: Record, settings: dict, validation: Pictures
) -> None:
    """Saves the network and its saturation in runs/<name>, and removes the checkpoint."""
    folder, parameters = paths.run(name), record.parameters
    if len(record.history) < parameters.epochs or parameters.keep == "best":
        best = f"epoch {record.best_epoch} has the lowest validation loss"
        print(f"{name}: {len(record.history)} epochs; {best}; kept is the {parameters.keep} one")
    if record.best:
        network.assign(record.variables, record.best)
    network.assign(network.variables(saved), record.variables)
    saved.optimizer.finalize_variable_values(saved.trainable_variables)
    if parameters.colourfulness:
        with network.averaged(trainer.network):
            saturation = _saturation(trainer, validation)
        params.save(settings | {"saturation": saturation}, folder / "params.yaml")
        share = f"{parameters.colourfulness:.0%} of the colour"
        print(f"{name}: saturation {saturation:.2f} for {share}")
    network.save(saved, folder / "model.keras")
    shutil.rmtree(folder / "checkpoint")


def _pictures(model: str, parameters: Parameters) -> tuple[Pictures, Pictures]:
    """The train and the validation split."""
    takes = network.architecture(model).INPUTS
    train, validation = (
        pictures.load(parameters.dataset, split, inputs=takes, class_scores=parameters.class_scores)
        for split in ("train", "validation")
    )
    there = len(train.files)
    if parameters.pictures is not None and parameters.pictures > there:
        raise UserError(
            f"pictures is {parameters.pictures}, but {parameters.dataset} has {there} pictures to "
            f"train on: lower it, or raise preprocess.{parameters.dataset}.train."
        )
    return pictures.first(train, parameters.pictures or there), validation


def _builder(model: str, parameters: Parameters, processor: str) -> functools.partial:
    """`network.build` for this training; precision and encoder are left open."""
    names = ("optimizer", "learning_rate", "weight_decay", "clip", "mean_of_weights", "vivid")
    options = {name: getattr(parameters, name) for name in names}
    # XLA halves the speed on a CPU
    return functools.partial(
        network.build, model, xla="auto" if processor == "gpu" else False, **options
    )


def _code(model: str) -> list[Path]:
    """The files of code that decide the result: those that dvc.yaml names."""
    package, architecture = Path(__file__).parents[1], network.architecture(model)
    rooms = ["training", "colour"]
    if hasattr(architecture, "load_encoder"):
        rooms.append("efficientnet")
    files = sorted(file for room in rooms for file in package.glob(f"{room}/*.py"))
    return [package / "train.py", package / "square.py", Path(architecture.__file__), *files]


def _data(parameters: Parameters, *splits: Pictures) -> list[Path]:
    """The files of pictures and class scores that decide the result."""
    files = [Path(file) for split in splits for file in split.files]
    scores = paths.classes(parameters.dataset) / "scores.npz"
    return [*files, scores] if parameters.class_scores else files


def _check_alike(folder: Path, files: str, settings: dict) -> None:
    """Raises UserError unless all processes that train together begin with the same."""
    if together.count() == 1:
        return
    earlier = [folder / "params.yaml", folder / "checkpoint" / STATE]
    together.alike(
        {
            "code, pictures or class scores": files,
            "parameters, --minutes or precision": fingerprint(settings),
            f"files in {folder}": fingerprint({}, *filter(Path.is_file, earlier)),
        }
    )
    together.check()


def _earlier_epochs(folder: Path, settings: dict) -> int | None:
    """How many epochs an earlier call of the same training, which was stopped, decided on."""
    if not (folder / "checkpoint").is_dir() or not (folder / "params.yaml").is_file():
        return None
    earlier = params.load(folder / "params.yaml")
    epochs = earlier.get("train", {}).get("epochs")
    same = settings | {"train": settings["train"] | {"epochs": epochs}}
    return epochs if earlier == same else None


def _epochs_until(deadline: float, trainer, validation: Pictures, speed: float) -> int:
    """How many epochs are over at `deadline`, at most as many as the parameters have.

    deadline: on the clock of time.perf_counter; speed: pictures/s.
    """
    parameters = trainer.parameters
    began = time.perf_counter()
    _saturation(trainer, validation)  # compiles the network for all sizes that will come
    end = time.perf_counter() - began
    trainer.validate()
    began = time.perf_counter()
    trainer.validate()
    epoch = parameters.steps_per_epoch * parameters.batch_size / speed
    epoch += time.perf_counter() - began
    epochs = together.first(int((1 - SPARE) * (deadline - time.perf_counter() - end) / epoch))
    if epochs < 1:
        raise UserError(
            f"--minutes are too few for one epoch, which takes about {pace.duration(epoch)} after "
            "the preparations: raise them, or lower steps_per_epoch."
        )
    return min(epochs, parameters.epochs)


def _where(processor: str) -> str:
    """What trains, in words."""
    here = device.describe(processor)
    return here if together.count() == 1 else f"{together.count()} processes, here on {here},"


def _outlook(parameters: Parameters, done: int, speed: float) -> str:
    """How fast it trains and how long that will take, in words."""
    epochs = parameters.epochs
    count = (epochs - done) * parameters.steps_per_epoch * parameters.batch_size
    todo = f"epochs {done + 1} to {epochs}" if done else f"{epochs} epochs"
    return f"{speed:.1f} pictures/s, about {pace.duration(count / speed)} for {todo}"


def _saturation(trainer, validation: Pictures) -> float:
    """The saturation for `colourfulness`, found on the first photographs of the validation split.

    Without `colourfulness` on those of the previews alone.
    """
    share, alone = trainer.parameters.colourfulness, trainer.parameters.window is not None
    shown = pictures.first(validation, JUDGED if share else previews.PICTURES)
    pairs = [
        (previews.colour(trainer.forward, shown, number, alone=alone), shown.photograph(number))
        for number in range(len(shown.files))
    ]
    return round(colour.saturation(share or 1.0, pairs), 3)
