"""A run's loss as published: over augmented training pictures, padding included.

Run it where params.yaml and the run's prepared data lie: python -m benchmarks.published_loss RUN
"""

import argparse
import json
from pathlib import Path

from colornet import params
from colornet.system import quiet


def losses(run: Path, *, steps: int) -> dict[str, float]:
    """The mean losses over `steps` augmented batches, over the square and over the box."""
    import keras

    from colornet.training import dataset, pictures
    from colornet.training import losses as functions
    from colornet.training import network as networks
    from colornet.training.parameters import Parameters

    settings = params.load(run / "params.yaml")
    section = settings["train"]
    network = keras.models.load_model(run / "model.keras", compile=False)
    network.compile(loss=functions.mse, metrics=[functions.grey], jit_compile=False)
    train = pictures.load(
        section["dataset"],
        "train",
        inputs=networks.architecture(settings["model"]).INPUTS,
        class_scores=section["class_scores"],
    )
    train = pictures.first(train, section["pictures"] or len(train.files))
    found = {}
    for over in ("square", "box"):
        batches = dataset.training(train, Parameters(**section | {"loss_over": over}))
        means = network.evaluate(batches, steps=steps, verbose=0, return_dict=True)
        found |= {over: means["loss"], f"{over}_grey": means["grey"]}
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.published_loss", description=__doc__
    )
    parser.add_argument("run", type=Path, help="the folder of a trained run, as runs/beta-siamese")
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    options = parser.parse_args(argv)
    quiet.import_tensorflow()
    found = losses(options.run, steps=2 if options.quick else 10)
    for over in ("square", "box"):
        print(f"over the {over:6}  {found[over]:.5f}   left grey {found[f'{over}_grey']:.5f}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
