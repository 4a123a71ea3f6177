"""Run with KERAS_BACKEND=jax: what networks, losses, colours and a training come out as there.

python jax_side.py FROM TO: two .npz files, the former with weights and inputs.
"""

import functools
import sys

import jax
import keras
import numpy as np
from keras import ops

from benchmarks import train_jax
from colornet.colour import lab
from colornet.models import beta, final, unet
from colornet.training import losses, network


def main(source: str, target: str) -> None:
    assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
    given, found = dict(np.load(source)), {}
    for model, built in {
        "beta": beta.build(width=8),
        "final": final.build(width=8, classes=10),
        "unet": unet.build(width=8),
    }.items():
        weights = [given[key] for key in sorted(given) if key.startswith(f"{model}_w")]
        built.set_weights(weights)
        inputs = given["lightness"]
        if model == "final":
            inputs = {"lightness": inputs, "class_scores": given["class_scores"]}
        found[model] = ops.convert_to_numpy(built(inputs))
        found[f"{model}_loss"] = ops.convert_to_numpy(losses.mse(given["target"], found[model]))
        found[f"{model}_grey"] = ops.convert_to_numpy(losses.grey(given["target"], found[model]))
        vivid = losses.Vivid(0.2).call(given["target"], found[model])
        found[f"{model}_vivid"] = ops.convert_to_numpy(vivid)
    rgb = given["rgb"]
    found["lab_grey"] = lab.grey(rgb, ops)
    found["lab_lightness"] = lab.lightness(found["lab_grey"], ops)
    found["lab_ab"] = lab.ab(rgb, ops)
    found["lab_rgb"] = lab.rgb(found["lab_lightness"], found["lab_ab"] * 0.3, ops)

    # Three steps of beta on the tiny pictures
    train = train_jax.load("tiny", class_scores=None)
    augment = train_jax.PUBLISHED["beta"][3]
    drawn = train_jax.draws(6, 4, 3, first_step=2, seed=0)
    first = [values[0] for values in drawn]
    batch = train_jax.batch(train, *first, loss_over="box", augment=augment)
    found["batch_lightness"], found["batch_target"] = batch
    beta.build = functools.partial(beta.build, width=8)
    final.build = functools.partial(final.build, width=8)
    built = network.build("beta", optimizer="rmsprop", precision="float32", xla=True)
    built.set_weights([given[key] for key in sorted(given) if key.startswith("beta_w")])
    train = {name: jax.device_put(values) for name, values in train.items()}
    run = train_jax.epoch_of(built, train, loss_over="box", augment=augment)
    _, found["training"] = run(train_jax.state_of(built), *drawn)

    np.savez(target, **{name: np.asarray(value) for name, value in found.items()})

    rest = ["--epochs", "2", "--matrix", "64", "--precision", "float32"]
    train_jax.main(["final", "--class-scores", "logits", "--dataset", "tiny", *rest])


if __name__ == "__main__":
    main(*sys.argv[1:])
