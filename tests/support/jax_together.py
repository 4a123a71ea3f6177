"""`colornet.train_jax` with narrow networks, for processes that train together.

python jax_together.py SECONDS ARGUMENT...: a process that is silent for SECONDS is lost.
"""

import functools
import math
import os
import sys

from colornet.system import stop

stop.install()
os.environ["KERAS_BACKEND"] = "jax"

from colornet import train_jax  # noqa: E402
from colornet.models import beta, lite  # noqa: E402
from colornet.training import record, together  # noqa: E402
from support.runs import LITE  # noqa: E402


def main(seconds: str, *arguments: str) -> None:
    beta.build = functools.partial(beta.build, width=4)
    lite.build = functools.partial(lite.build, **LITE)
    together.HEARTBEAT = int(seconds)
    record.SAVING = math.inf  # a checkpoint after each epoch
    train_jax.main(list(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
