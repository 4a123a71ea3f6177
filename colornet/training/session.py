"""One training, from its prepared pictures to its saved network."""

import functools
import json
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from colornet import params, paths
from colornet.colour import colourfulness as colour
from colornet.params import UserError
from colornet.system import machine
from colornet.training import dataset, device, network, pace
from colornet.training.augmentation import RandomAffine
from colornet.training.checkpoint import fingerprint
from colornet.training.parameters import Parameters
from colornet.training.record import Record


def run(name: str, model: str, parameters: Parameters, settings: dict) -> None:
    """Trains runs/<name>, or continues it where the same training was stopped.

    settings: what the run's params.yaml is to hold. UserError for what the user can change.
    """
    processor = device.choose(parameters.devices)
    precision = parameters.precision
    if precision == "auto":
        precision = device.fastest_precision(processor)
    train, validation = _pictures(model, parameters)
    keras.utils.set_random_seed(parameters.seed)
    if parameters.deterministic:
        tf.config.experimental.enable_op_determinism()

    folder = paths.run(name)
    build = _builder(model, parameters, processor)
    with _sharing(parameters):
        trained = build(precision=precision)
    record = Record(
        folder,
        trained,
        fingerprint=fingerprint(
            settings | {"precision": precision},
            *_code(model),
            *_data(parameters, train, validation),
        ),
        validation=validation,
        epochs=parameters.epochs,
        patience=parameters.patience,
        keep=parameters.keep,
    )
    done = record.resume()
    params.save(settings, folder / "params.yaml")
    structure = json.dumps(network.structure(trained), indent=1)
    (folder / "structure.json").write_text(f"{structure}\n")
    if not record.finished:
        steps = done * parameters.steps_per_epoch
        batches_of = functools.partial(_batches, parameters, train, steps)
        speed = _speed(trained, parameters, batches_of, settings["preprocess"]["size"], processor)
        where, outlook = device.describe(processor), _outlook(parameters, done, speed)
        print(f"{name}: training {model} on {where} in {precision}, {outlook}", flush=True)
        _fit(trained, parameters, batches_of(parameters.batch_size), validation, record)

    if len(record.history) < parameters.epochs or parameters.keep == "best":
        best = f"epoch {record.best_epoch} has the lowest validation loss"
        print(f"{name}: {len(record.history)} epochs; {best}; kept is the {parameters.keep} one")
    # In float32, so that the file runs everywhere at full speed
    saved = build(precision="float32")
    network.assign(network.variables(saved), record.best or network.variables(trained))
    if parameters.colourfulness:
        saturation = _saturation(saved, parameters, validation)
        params.save(settings | {"saturation": saturation}, folder / "params.yaml")
        share = f"{parameters.colourfulness:.0%} of the colour"
        print(f"{name}: saturation {saturation:.2f} for {share}")
    network.save(saved, folder / "model.keras")
    shutil.rmtree(folder / "checkpoint")


def _pictures(model: str, parameters: Parameters) -> tuple[dataset.Pictures, dataset.Pictures]:
    """The train and the validation split, in memory if they fit."""
    takes = network.architecture(model).INPUTS
    train, validation = (
        dataset.load(parameters.dataset, split, inputs=takes, class_scores=parameters.class_scores)
        for split in ("train", "validation")
    )
    there = len(train.files)
    if parameters.pictures is not None and parameters.pictures > there:
        raise UserError(
            f"pictures is {parameters.pictures}, but {parameters.dataset} has {there} pictures to "
            f"train on: lower it, or raise preprocess.{parameters.dataset}.train."
        )
    train = dataset.first(train, parameters.pictures or there)
    return dataset.hold(train), dataset.hold(validation)


def _builder(model: str, parameters: Parameters, processor: str) -> functools.partial:
    """`network.build` for this training; `precision` is left open."""
    steps = parameters.epochs * parameters.steps_per_epoch
    return functools.partial(
        network.build,
        model,
        optimizer=parameters.optimizer,
        learning_rate=parameters.learning_rate,
        decay_steps=steps if parameters.decay else None,
        vivid=parameters.vivid,
        xla="auto" if processor == "gpu" else False,  # XLA halves the speed on a CPU
    )


def _sharing(parameters: Parameters):
    """The context in which a network is built so that all devices share its batches."""
    strategy = device.strategy(parameters.devices)
    if strategy is None:
        return nullcontext()
    if parameters.batch_size % strategy.num_replicas_in_sync:
        raise UserError(
            f"batch_size is {parameters.batch_size}, which {strategy.num_replicas_in_sync} devices "
            "cannot share evenly: make it a multiple of their number."
        )
    return strategy.scope()


def _code(model: str) -> list[Path]:
    """The files of code that decide the result: those that dvc.yaml names."""
    package = Path(__file__).parents[1]
    rooms = [file for room in ("training", "colour") for file in package.glob(f"{room}/*.py")]
    network_ = Path(network.architecture(model).__file__)
    return [package / "train.py", package / "square.py", network_, *sorted(rooms)]


def _data(parameters: Parameters, *splits: dataset.Pictures) -> list[Path]:
    """The files of pictures and class scores that decide the result."""
    pictures = [Path(file) for split in splits for file in split.files]
    scores = paths.classes(parameters.dataset) / "scores.npz"
    return [*pictures, scores] if parameters.class_scores else pictures


def _batches(
    parameters: Parameters, train: dataset.Pictures, first_step: int, batch_size: int
) -> tf.data.Dataset:
    augment = RandomAffine(
        rotation=parameters.rotation,
        shear=parameters.shear,
        zoom=parameters.zoom,
        flip=parameters.flip,
        window=parameters.window,
    )
    return dataset.training(
        train,
        batch_size=batch_size,
        first_step=first_step,
        seed=parameters.seed,
        augment=augment,
        loss_over=parameters.loss_over,
    )


def _speed(
    trained: keras.Model,
    parameters: Parameters,
    batches_of: Callable[[int], tf.data.Dataset],
    size: int,
    processor: str,
) -> float:
    """Pictures/s; size: of the prepared squares, in pixels."""
    return pace.speed(
        trained,
        batches_of,
        parameters.batch_size,
        side=parameters.window or size,
        free=machine.free_memory() if processor == "cpu" else None,
    )


def _outlook(parameters: Parameters, done: int, speed: float) -> str:
    """How fast it trains and how long that will take, in words."""
    epochs = parameters.epochs
    pictures = (epochs - done) * parameters.steps_per_epoch * parameters.batch_size
    todo = f"epochs {done + 1} to {epochs}" if done else f"{epochs} epochs"
    return f"{speed:.1f} pictures/s, about {pace.duration(pictures / speed)} for {todo}"


def _fit(
    trained: keras.Model,
    parameters: Parameters,
    batches: tf.data.Dataset,
    validation: dataset.Pictures,
    record: Record,
) -> None:
    batch_size, steps = parameters.batch_size, parameters.steps_per_epoch
    with record.progress(steps=steps, batch_size=batch_size):
        trained.fit(
            batches,
            epochs=parameters.epochs,
            initial_epoch=len(record.history),
            steps_per_epoch=steps,
            validation_data=dataset.fixed(
                validation, batch_size=batch_size, loss_over=parameters.loss_over
            ),
            callbacks=[record],
            shuffle=False,
            verbose=0,
        )


def _saturation(
    trained: keras.Model, parameters: Parameters, validation: dataset.Pictures
) -> float:
    """The saturation for `colourfulness`, found on the validation split."""
    batches = dataset.fixed(validation, batch_size=1, loss_over=parameters.loss_over)
    pictures = []
    for number, (given, _) in enumerate(batches):
        box, truth = validation.box(number), np.asarray(Image.open(validation.files[number]))
        pictures.append((box.cut(trained(given, training=False)[0].numpy()), box.cut(truth)))
    return round(colour.saturation(parameters.colourfulness, pictures), 3)
