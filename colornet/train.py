"""Stage 4: a prepared dataset -> runs/<run>, one trained network.

Goes on from runs/<run>/checkpoint/ where an interrupted training of the same parameters, data and
code left it.
"""

import argparse
import json
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from colornet import params, paths
from colornet.system import disk, machine, quiet

Count = Annotated[int, Field(ge=1)]
Amount = Annotated[float, Field(ge=0)]


def run(
    name: str,
    model: str,
    *,
    dataset: str,
    epochs: Count,
    batch_size: Count,
    steps_per_epoch: Count,
    optimizer: Literal["rmsprop", "adam"],
    learning_rate: Annotated[float, Field(gt=0)] | None = None,
    decay: Literal["cosine"] | None = None,
    pictures: Count | None = None,
    class_scores: Literal["logits", "softmax", "published", "zeros"] | None = None,
    rotation: Amount = 0.0,
    shear: Amount = 0.0,
    zoom: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    flip: bool = False,
    window: Annotated[int, Field(ge=32, multiple_of=32)] | None = None,
    loss_over: Literal["box", "square"] = "box",
    vivid: Amount | None = None,
    patience: Count | None = None,
    keep: Literal["last", "best"] = "last",
    colourfulness: Annotated[float, Field(gt=0, le=1)] | None = None,
    precision: Literal["auto", "float32", "bfloat16"] = "auto",
    devices: Literal["auto", "cpu", "all"] = "auto",
    deterministic: bool = True,
    seed: Annotated[int, Field(ge=0)] = 0,
) -> None:
    """Trains `model`, "beta", "final" or "unet", and leaves its network, optimizer and papers.

    `pictures`: only the first so many of the train split; `rotation`, `shear`: degrees; `zoom`:
    share; `loss_over`: the box or, as published, the whole square with its padding; `vivid`:
    trains for colour too, which is worth so many decibels a unit of ab (`losses.Vivid`),
    instead of the squared error alone; `class_scores`: the kind that final gets;
    `learning_rate`: None for the optimizer's own; `decay`: "cosine" lets it fall to 0 over all
    epochs; `window`: trains on random parts of the pictures, from 0.35 to all of a side, scaled
    to so many pixels; `patience`: stops after so many epochs without a lower validation loss;
    `keep`: which epoch's network, the last or that of the lowest validation loss;
    `colourfulness`: the share of the photographs' that the run's saturation is set to, on the
    validation split, else it is 1; `devices`: "auto" for one GPU or else the CPU, "all" for
    every GPU with its part of each batch; `deterministic`: the same bytes twice. UserError for
    what cannot be trained.
    """
    section = {key: value for key, value in locals().items() if key not in ("name", "model")}
    where = f"train.{model}.{name}"
    if patience is not None and patience >= epochs:
        raise params.UserError(
            f"{where}.patience is {patience}, which {epochs} epochs never exhaust: lower it, raise"
            " epochs, or leave it out."
        )
    papers = {"model": model, "train": section, **_sections(where, model, dataset, class_scores)}
    quiet.import_tensorflow()
    import keras
    import tensorflow as tf

    from colornet.colour import colourfulness as colour
    from colornet.colour import lab
    from colornet.training import affine, checkpoint, device, losses, network, pace, record
    from colornet.training import dataset as data

    try:
        processor = device.choose(devices)
        train = data.load(dataset, "train", class_scores=class_scores)
        validation = data.load(dataset, "validation", class_scores=class_scores)
    except (RuntimeError, ValueError) as error:
        raise params.UserError(f"{where}: {error}") from error
    if precision == "auto":
        precision = device.fastest_precision(processor)
    # XLA halves the speed of training on a CPU.
    make = {"optimizer": optimizer, "learning_rate": learning_rate}
    make["xla"] = "auto" if processor == "gpu" else False
    make["decay_steps"] = epochs * steps_per_epoch if decay else None
    make["vivid"] = vivid
    shared = device.strategy(devices)
    if shared and batch_size % shared.num_replicas_in_sync:
        raise params.UserError(
            f"{where}.batch_size is {batch_size}, which {shared.num_replicas_in_sync} devices "
            "cannot share evenly: make it a multiple of their number."
        )
    keras.utils.set_random_seed(seed)
    if deterministic:
        tf.config.experimental.enable_op_determinism()

    if pictures is not None and pictures > len(train.files):
        raise params.UserError(
            f"{where}.pictures is {pictures}, but {dataset} has {len(train.files)} pictures to "
            f"train on: lower it, or raise preprocess.{dataset}.train."
        )
    train = data.hold(data.first(train, pictures or len(train.files)))
    validation = data.hold(validation)

    folder = paths.run(name)
    _clear(folder)
    with shared.scope() if shared else nullcontext():
        student = network.build(model, precision=precision, **make)
    modules = (network.architecture(model), network, data, affine, colour, lab, losses, record)
    code = [__file__, *(module.__file__ for module in modules)]
    made_from = {**papers, "precision": precision}
    made_of = [*train.files, *validation.files]
    if class_scores:
        made_of.append(paths.classes(dataset) / "scores.npz")
    kept = record.Record(
        folder,
        student,
        fingerprint=checkpoint.fingerprint(made_from, *code, *made_of),
        validation=validation,
        epochs=epochs,
        patience=patience,
        keep_best=keep == "best",
    )
    done = kept.resume()
    params.save(papers, folder / "params.yaml")
    structure = json.dumps(network.structure(student), indent=1)
    (folder / "structure.json").write_text(f"{structure}\n")

    square = loss_over == "square"
    amounts = {"rotation": rotation, "shear": shear, "zoom": zoom, "flip": flip, "window": window}

    def batches_of(size: int):
        return data.training(
            train,
            batch_size=size,
            first_step=done * steps_per_epoch,
            seed=seed,
            augment=data.RandomAffine(**amounts),
            square=square,
        )

    if not kept.finished:
        try:
            side = window or papers["preprocess"]["size"]
            free = machine.free_memory() if processor == "cpu" else None
            speed = pace.speed(student, batches_of, batch_size, side=side, free=free)
        except MemoryError as error:
            raise params.UserError(f"{where}: {error}") from error
        left = pace.duration((epochs - done) * steps_per_epoch * batch_size / speed)
        todo = f"epochs {done + 1} to {epochs}" if done else f"{epochs} epochs"
        print(
            f"{name}: training {model} on {device.describe(processor)} in {precision}, "
            f"{speed:.1f} pictures/s, about {left} for {todo}",
            flush=True,
        )
        try:
            with kept.progress(steps=steps_per_epoch, batch_size=batch_size):
                student.fit(
                    batches_of(batch_size),
                    epochs=epochs,
                    initial_epoch=done,
                    steps_per_epoch=steps_per_epoch,
                    validation_data=data.fixed(validation, batch_size=batch_size, square=square),
                    callbacks=[kept],
                    shuffle=False,
                    verbose=0,
                )
        except FloatingPointError as error:
            raise params.UserError(f"{where}: {error}") from error
        except OSError as error:
            raise params.UserError(f"{where}: {disk.sentence(error)}") from error
    if len(kept.history) < epochs or keep == "best":
        best = f"epoch {kept.best_epoch} has the lowest validation loss"
        print(f"{name}: {len(kept.history)} epochs; {best}; kept is the {keep} one")
    # In float32, so that the file runs anywhere at full speed.
    trained = network.build(model, precision="float32", **make)
    pace.assign(network.variables(trained), kept.best or network.variables(student))
    if colourfulness:
        batches = data.fixed(validation, batch_size=1, square=square)
        answers = (trained(inputs, training=False)[0] for inputs, _ in batches)
        shown = [
            (_in_box(answer, box), _in_box(Image.open(file), box))
            for file, box, answer in zip(validation.files, validation.boxes, answers, strict=True)
        ]
        papers["saturation"] = round(colour.saturation(colourfulness, shown), 3)
        params.save(papers, folder / "params.yaml")
        print(
            f"{name}: saturation {papers['saturation']:.2f} for {colourfulness:.0%} of the colour"
        )
    network.save(trained, folder / "model.keras")
    shutil.rmtree(folder / "checkpoint")


def _sections(where: str, model: str, dataset: str, class_scores: str | None) -> dict:
    """What made the data, as it lies beside it; UserError if something is amiss or missing."""
    if (model == "final") != (class_scores is not None):
        legal = "needs class_scores" if model == "final" else "takes no class_scores"
        raise params.UserError(f"{where}: the network {model} {legal}.")
    found = {}
    folders = {"preprocess": paths.prepared(dataset)}
    if class_scores:
        folders["classify"] = paths.classes(dataset)
    for stage, folder in folders.items():
        if not (folder / "params.yaml").is_file():
            raise params.UserError(
                f"{where}: {folder} is not there: python -m colornet.{stage} {dataset} makes it."
            )
        found[stage] = params.load(folder / "params.yaml")
    return found


def _in_box(square, box) -> np.ndarray:
    left, top, width, height = box
    return np.asarray(square)[top : top + height, left : left + width]


def _clear(folder: Path) -> None:
    """Removes what an earlier training of this name left, but for its checkpoint."""
    for name in paths.RUN_OUTS:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)


def main(argv: list[str] | None = None) -> None:
    """The command line: finds the run's model by looking where params.yaml names the run."""
    parser = argparse.ArgumentParser(prog="python -m colornet.train", description=__doc__)
    parser.add_argument("name", help="a run: a key of train.beta or train.final in params.yaml")
    name = parser.parse_args(argv).name
    with params.sentences():
        models = {key: runs or {} for key, runs in params.load().get("train", {}).items()}
        found = [key for key, runs in models.items() if name in runs]
        if len(found) != 1:
            legal = ", ".join(run for runs in models.values() for run in runs)
            many = f"has {name} in train.{' and train.'.join(found)}: a run has one network"
            none = f"has no run {name} in train; it has: {legal}"
            raise params.UserError(f"params.yaml {many if found else none}.")
        model = found[0]
        section = params.section(f"train.{model}", name)
        section = params.check(section, run, f"train.{model}.{name}")
        run(name, model, **section)


if __name__ == "__main__":
    main()
