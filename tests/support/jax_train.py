"""`colornet.train_jax` with small networks, in a process that has no TensorFlow.

python jax_train.py RUN...: RUN@2 is interrupted after epoch 2; RUN+1.5 is bounded to 1.5 minutes,
at a speed of a picture in five seconds.
"""

import contextlib
import functools
import math
import os
import re
import sys

os.environ["KERAS_BACKEND"] = "jax"

from colornet import train_jax  # noqa: E402
from colornet.models import beta, final, lite  # noqa: E402
from colornet.training import on_jax, record  # noqa: E402
from support import without_tensorflow  # noqa: E402, F401
from support.runs import LITE  # noqa: E402


def main(*runs: str) -> None:
    for module, few in ((beta, {"width": 4}), (final, {"width": 4}), (lite, LITE)):
        module.build = functools.partial(module.build, **few)
    record.SAVING = math.inf
    whole, fast = record.Record.on_epoch_end, on_jax.Trainer.speed

    def slow(trainer) -> float:
        fast(trainer)
        return 0.2

    flags = os.environ.get("XLA_FLAGS", "")
    for call in runs:
        # Each training adds a flag; with the same ones it finds what the one before compiled
        os.environ["XLA_FLAGS"] = flags
        name, stop, minutes = re.fullmatch(r"([^@+]+)(?:@(\d+))?(?:\+([\d.]+))?", call).groups()

        def stopped(self, number, logs=None, stop=stop):
            whole(self, number, logs)
            if number + 1 == int(stop or 0):
                raise KeyboardInterrupt

        record.Record.on_epoch_end = stopped
        on_jax.Trainer.speed = slow if minutes else fast
        with contextlib.suppress(SystemExit) if stop else contextlib.nullcontext():
            train_jax.main([name, *(["--minutes", minutes] if minutes else [])])


if __name__ == "__main__":
    main(*sys.argv[1:])
