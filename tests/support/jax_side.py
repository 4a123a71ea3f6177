"""Run with KERAS_BACKEND=jax: what networks, losses, colours and a training come out as there.

python jax_side.py FROM TO: two .npz files, the former with weights and inputs. TensorFlow cannot be
imported in this process.
"""

import functools
import sys

import jax
import keras
import numpy as np
from keras import ops

from colornet.colour import lab
from colornet.models import beta, final, lite
from colornet.training import losses, network, on_device, on_jax, pictures
from colornet.training.parameters import Parameters
from support import without_tensorflow  # noqa: F401  as if it were not installed
from support.runs import LITE
from support.training import THREE_STEPS


def main(source: str, target: str) -> None:
    assert keras.backend.backend() == "jax"
    given, found = dict(np.load(source)), {}
    for model, built in {
        "beta": beta.build(width=8),
        "final": final.build(width=8, classes=10),
        "lite": lite.build(**LITE),
    }.items():
        weights = [given[key] for key in sorted(given) if key.startswith(f"{model}_w")]
        built.set_weights(weights)
        inputs = given["lightness"]
        if model == "final":
            inputs = {"lightness": inputs, "class_scores": given["class_scores"]}
        groups = built.trainable_variables, built.non_trainable_variables
        state = ([variable.value for variable in group] for group in groups)
        # Compiled as a whole: one operation after the other takes longer
        found[model] = ops.convert_to_numpy(jax.jit(built.stateless_call)(*state, inputs)[0])
        found[f"{model}_loss"] = ops.convert_to_numpy(losses.mse(given["target"], found[model]))
        found[f"{model}_grey"] = ops.convert_to_numpy(losses.grey(given["target"], found[model]))
        vivid = losses.Vivid(0.2).call(given["target"], found[model])
        found[f"{model}_vivid"] = ops.convert_to_numpy(vivid)
    rgb = given["rgb"]
    found["lab_grey"] = lab.grey(rgb, ops)
    found["lab_lightness"] = lab.lightness(found["lab_grey"], ops)
    found["lab_ab"] = lab.ab(rgb, ops)
    found["lab_rgb"] = lab.rgb(found["lab_lightness"], found["lab_ab"] * 0.3, ops)
    beta.build = functools.partial(beta.build, width=8)
    lite.build = functools.partial(lite.build, **LITE)
    for model, section in THREE_STEPS.items():
        weights = [given[key] for key in sorted(given) if key.startswith(f"{model}_w")]
        batch, steps = three_steps(model, Parameters(**section), weights)
        found[f"{model}_batch_lightness"], found[f"{model}_batch_target"] = batch
        found[f"{model}_training"] = steps
    np.savez(target, **{name: np.asarray(value) for name, value in found.items()})


def three_steps(model: str, parameters: Parameters, weights: list):
    """The first batch from step 2 on, and (loss, mse, grey) of three steps."""
    names = ("optimizer", "learning_rate", "weight_decay", "clip", "mean_of_weights", "vivid")
    options = {name: getattr(parameters, name) for name in names}
    build = functools.partial(network.build, model, precision="float32", xla=True, **options)
    train, validation = (pictures.load("tiny", split) for split in ("train", "validation"))
    trainer = on_jax.Trainer(build, parameters, train, validation, processor="gpu")
    trainer.network.set_weights(weights)
    places, numbers = next(on_device.drawn(6, parameters, first_step=2))
    options = {"parameters": parameters, "names": ("lightness",), "moved": True}
    make = jax.jit(functools.partial(on_device.batch, **options))
    batch = make(trainer.train, places[0], numbers[0])
    trainer.speed()
    rates = np.full(3, parameters.learning_rate or 0.001, "float32")
    state = trainer._state()
    return batch, trainer.epoch(state, trainer.train, (places, numbers, rates))[1]


if __name__ == "__main__":
    main(*sys.argv[1:])
