"""A training's parameters: each has a type, limits and a sentence for the documents."""

import dataclasses
import typing

import pytest

from colornet import params
from colornet.training.parameters import Parameters
from support.training import SECTION


@pytest.mark.parametrize("field", dataclasses.fields(Parameters), ids=lambda field: field.name)
def test_each_has_a_sentence_and_a_default_or_is_required(field):
    about = typing.get_args(field.type)[1]
    assert about.description.endswith(".")
    required = {"dataset", "epochs", "batch_size", "steps_per_epoch", "optimizer"}
    assert (field.default is dataclasses.MISSING) == (field.name in required)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"zoom": 1}, "zoom is 1"),
        ({"window": 40}, "window is 40"),
        ({"colourfulness": 0}, "colourfulness is 0"),
        ({"flip": "yes"}, "flip is 'yes'"),
        ({"rotate": 20}, "rotate is not known; legal are dataset, epochs"),
    ],
)
def test_a_value_outside_its_limits_is_a_sentence(changes, words):
    with pytest.raises(params.UserError, match=f"params.yaml: one.{words}"):
        params.check({**SECTION, **changes}, Parameters, "one")


def test_they_cannot_be_changed_while_a_training_runs():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Parameters(**SECTION).epochs = 5
