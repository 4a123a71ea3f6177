"""The learning rate of each step of a training."""

import numpy as np

from colornet.training.parameters import Parameters

RATE = 0.001  # Keras's default for all three optimizers


def rates(parameters: Parameters) -> np.ndarray:
    """(steps,) float32, of all epochs.

    A cosine that falls to 0 (Loshchilov, Hutter, arXiv:1608.03983), times a warm-up that rises
    evenly; or constant.
    """
    steps = np.arange(parameters.epochs * parameters.steps_per_epoch)
    rate = np.full(len(steps), parameters.learning_rate or RATE)
    if parameters.decay:
        rate *= 0.5 * (1 + np.cos(np.pi * steps / len(steps)))
    if parameters.warmup:
        rate *= np.minimum(1, (steps + 1) / parameters.warmup)
    return rate.astype("float32")
