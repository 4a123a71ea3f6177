"""What a training is asked for, checked against its network and its pictures before it begins."""

from types import ModuleType

from colornet.params import UserError
from colornet.training.parameters import Parameters


def check(model: str, architecture: ModuleType, parameters: Parameters, *, size: int) -> None:
    """Raises UserError for parameters that contradict each other, the network or the pictures.

    architecture: the module of the network `model`; size: of the prepared squares, in pixels.
    """
    for sentence in (
        *_of_network(model, architecture, parameters),
        *_of_windows(parameters, size),
        *_of_optimizer(parameters),
    ):
        raise UserError(sentence)
    check_steps(parameters)


def _of_network(model: str, architecture: ModuleType, parameters: Parameters):
    takes_scores = "class_scores" in architecture.INPUTS
    if takes_scores != (parameters.class_scores is not None):
        legal = "needs class_scores" if takes_scores else "takes no class_scores"
        yield f"the network {model} {legal}."
    if parameters.encoder and not hasattr(architecture, "load_encoder"):
        yield f"encoder is {parameters.encoder}, but the network {model} has none: leave it out."


def _of_windows(parameters: Parameters, size: int):
    window, narrowest = parameters.window, parameters.narrowest
    if window is None:
        for name in ("narrowest", "other_greys", "worn"):
            if getattr(parameters, name):
                yield f"{name} is for windows: set window too, or leave {name} out."
        return
    for name in ("rotation", "shear"):
        if getattr(parameters, name):
            yield f"a window is neither turned nor sheared: leave {name} out, or window."
    if parameters.loss_over == "square":
        yield "a window has no padding for loss_over: square to count: leave one of them out."
    for name, pixels in (("window", window), ("narrowest", narrowest or 0)):
        if pixels > size:
            yield (
                f"{name} is {pixels}, but the pictures of {parameters.dataset} are prepared with "
                f"{size} pixels: lower it, or raise preprocess.{parameters.dataset}.size."
            )


def _of_optimizer(parameters: Parameters):
    if parameters.weight_decay and parameters.optimizer != "adamw":
        yield f"weight_decay is for the optimizer adamw, and this one is {parameters.optimizer}."
    if parameters.warmup and not parameters.decay:
        yield "warmup is for a learning rate that falls again: set decay: cosine, or leave it out."


def check_steps(parameters: Parameters) -> None:
    """Raises UserError for parameters that do not fit the number of epochs."""
    epochs, steps = parameters.epochs, parameters.epochs * parameters.steps_per_epoch
    if parameters.patience is not None and parameters.patience >= epochs:
        raise UserError(
            f"patience is {parameters.patience}, which {epochs} epochs never exhaust: lower it, "
            "raise epochs, or leave it out."
        )
    if parameters.warmup and parameters.warmup >= steps:
        raise UserError(
            f"warmup is {parameters.warmup}, but all epochs together have {steps} steps: lower it."
        )
