"""The parameters of a training: what a run's section in params.yaml may hold."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field


def _field(sentence: str, *, unit: str | None = None, **limits: Any) -> Any:
    """A description for the documents, a unit, and limits that are checked."""
    return Field(description=sentence, json_schema_extra={"unit": unit}, **limits)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """One training; parameters with a default may be left out.

    `params.check` checks a section of params.yaml against these types and limits; docs/training.md
    has the table.
    """

    dataset: Annotated[str, _field("The dataset to train on: a key of `preprocess`.")]
    epochs: Annotated[int, _field("How many epochs to train.", unit="epochs", ge=1)]
    batch_size: Annotated[int, _field("Pictures in a training step.", unit="pictures", ge=1)]
    steps_per_epoch: Annotated[int, _field("Training steps in an epoch.", unit="steps", ge=1)]
    optimizer: Annotated[
        Literal["rmsprop", "adam", "adamw"],
        _field("The optimizer; `adamw` is adam with `weight_decay`."),
    ]
    learning_rate: Annotated[
        float | None, _field("The learning rate; without it the optimizer's default, 0.001.", gt=0)
    ] = None
    decay: Annotated[
        Literal["cosine"] | None,
        _field(
            "`cosine` lowers the learning rate to 0 over all epochs; without it the rate stays."
        ),
    ] = None
    warmup: Annotated[
        int | None,
        _field(
            "Raises the learning rate evenly from 0 in the first steps; with `decay`.",
            unit="steps",
            ge=1,
        ),
    ] = None
    weight_decay: Annotated[
        float | None,
        _field(
            "Shortens the kernels in each step by this share of the learning rate; biases and "
            "normalization stay. With `adamw`, whose default is 0.004.",
            unit="share",
            gt=0,
        ),
    ] = None
    clip: Annotated[
        float | None,
        _field(
            "Shortens the gradients of a step, all together, to at most this norm; without it they "
            "stay.",
            gt=0,
        ),
    ] = None
    mean_of_weights: Annotated[
        float | None,
        _field(
            "Keeps a running mean of the weights, of which this share stays in each step. The "
            "validation, the previews and the saved network use the mean.",
            unit="share",
            gt=0,
            lt=1,
        ),
    ] = None
    encoder: Annotated[
        Literal["efficientnet-lite2"] | None,
        _field(
            "Begins with an encoder that was trained on ImageNet, for the network `lite`. Without "
            "it all weights begin at random."
        ),
    ] = None
    pictures: Annotated[
        int | None,
        _field(
            "Trains on this many of the first pictures of the train split; without it on all.",
            unit="pictures",
            ge=1,
        ),
    ] = None
    class_scores: Annotated[
        Literal["logits", "softmax", "published", "zeros"] | None,
        _field(
            "The kind of class scores, for networks that take them: `published` repeats the "
            "published mistake, `zeros` tells the network nothing."
        ),
    ] = None
    rotation: Annotated[
        float, _field("Turns each picture by a random angle up to this.", unit="degrees", ge=0)
    ] = 0.0
    shear: Annotated[
        float, _field("Shears each picture by a random angle up to this.", unit="degrees", ge=0)
    ] = 0.0
    zoom: Annotated[
        float,
        _field(
            "Scales width and height by random factors between 1 - zoom and 1 + zoom: those of "
            "the picture or, with `window`, of the window.",
            unit="share of the side",
            ge=0,
            lt=1,
        ),
    ] = 0.0
    flip: Annotated[bool, _field("Mirrors half of the pictures left to right.")] = False
    window: Annotated[
        int | None,
        _field(
            "Trains on a random part of each photograph, scaled to this many pixels in width and "
            "height, and never on its padding; the network then colours photographs without "
            "padding. Without it on the whole padded square.",
            unit="pixels",
            ge=32,
            multiple_of=32,
        ),
    ] = None
    narrowest: Annotated[
        int | None,
        _field(
            "The side of the smallest window, in pixels of the prepared photograph, and at most "
            "three quarters of its shorter side; without it three quarters. The largest is the "
            "whole shorter side.",
            unit="pixels",
            ge=1,
        ),
    ] = None
    other_greys: Annotated[
        float,
        _field(
            "In this share of the windows the grey is another mixture of red, green and blue, as "
            "of other films. With `window`.",
            unit="share",
            ge=0,
            le=1,
        ),
    ] = 0.0
    worn: Annotated[
        float,
        _field(
            "In this share of the windows the grey is that of a worn print: other contrast, a "
            "faded black and white, grain. With `window`.",
            unit="share",
            ge=0,
            le=1,
        ),
    ] = 0.0
    loss_over: Annotated[
        Literal["box", "square"],
        _field("Where the loss counts: in the box or, as published, in the padding too."),
    ] = "box"
    vivid: Annotated[
        float | None,
        _field(
            "Trains for colourfulness too, which is worth this many decibels of error for each "
            "unit of ab (0.14, say). Without it the loss is the squared error alone, which is "
            "smallest for brown. history.csv has the squared error in either case.",
            unit="dB per unit of ab",
            ge=0,
        ),
    ] = None
    patience: Annotated[
        int | None,
        _field(
            "Stops after this many epochs without a lower validation loss; without it never.",
            unit="epochs",
            ge=1,
        ),
    ] = None
    keep: Annotated[
        Literal["last", "best"],
        _field("Which epoch's network stays: the last, or the one of the lowest validation loss."),
    ] = "last"
    colourfulness: Annotated[
        float | None,
        _field(
            "Sets the run's saturation, so that the validation pictures become this share as "
            "colourful as the photographs. Without it the saturation is 1.",
            unit="share",
            gt=0,
            le=1,
        ),
    ] = None
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        _field(
            "The precision of the training; `auto` is bfloat16 where the processor multiplies it "
            "in hardware, else float32, which lite always has on a CPU: it is faster there."
        ),
    ] = "auto"
    devices: Annotated[
        Literal["auto", "cpu", "all"],
        _field(
            "`auto` trains on one GPU, or on the CPU without one; `cpu` leaves a GPU unused; `all` "
            "shares each batch among all GPUs."
        ),
    ] = "auto"
    deterministic: Annotated[
        bool,
        _field(
            "The same bytes each time on one kind of processor; `false` leaves the order of sums "
            "to TensorFlow."
        ),
    ] = True
    seed: Annotated[
        int, _field("The seed of the first weights, of the order and of the augmentation.", ge=0)
    ] = 0
