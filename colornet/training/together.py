"""Several processes that train one network: how they meet, share a batch, and agree to stop.

Each process has all of the pictures, and computes its part of each batch; XLA adds what has to be
added over the whole batch (the gradients, the means of a normalization, the losses), so that all
have the same network after each step. Process 0 leads: it alone writes files and reports. Without
`join` a process is alone, and everything here leaves what it is given as it is.
"""

import re
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from colornet.params import UserError
from colornet.system import stop
from colornet.training import lost

MEETING = 300  # seconds in which all processes have to come
HEARTBEAT = 60  # seconds without a sign of life after which a process is lost
LOOK = 0.05  # seconds between two looks whether all have come
AGAIN = "the same commands, on all machines, continue from the last checkpoint"
LOST = f"another process was lost, or ended with an error of its own: {AGAIN}."
# What JAX says of a connection that broke, on CPUs and on GPUs
BROKEN = re.compile(r"gloo|nccl|coordination service|connection closed|connection reset", re.I)


class Place(NamedTuple):
    """Where a process stands: it is number `process` of `processes`, which meet at `coordinator`.

    coordinator: "HOST:PORT", on the machine of process 0, which listens there.
    """

    processes: int
    process: int
    coordinator: str


_joined: Place | None = None


def join(place: Place) -> None:
    """Waits until all processes have come; to be called before JAX computes anything.

    From now on `stop.check` raises nothing, but `check` does, in all processes at once. Raises
    UserError if the processes cannot meet, stop.Stopped while it waits. keras.distribution's own
    `initialize` leaves out the time limits.
    """
    global _joined
    import jax

    # It would take SIGTERM for itself
    jax.config.update("jax_enable_preemption_service", False)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    lost.watch(
        f"the {place.processes} processes did not meet at {place.coordinator} within {MEETING} s: "
        f"start all of them, numbered 0 to {place.processes - 1}, with an address that leads to "
        "process 0 from each machine."
    )
    failed: list[Exception] = []
    meeting = threading.Thread(target=_meet, args=(place, failed), daemon=True)
    meeting.start()
    while meeting.is_alive():
        stop.check()
        time.sleep(LOOK)
    if failed:
        why = str(failed[0]).splitlines()[0]
        raise UserError(f"the processes cannot meet at {place.coordinator}: {why}")
    stop.hold()
    lost.watch(LOST)
    _joined = place


def _meet(place: Place, failed: list[Exception]) -> None:
    import jax

    host, _, port = place.coordinator.rpartition(":")
    here = host in ("localhost", "127.0.0.1")
    try:
        if place.process == 0:  # JAX would crash if the port is taken
            socket.create_server((host if here else "", int(port))).close()
        jax.distributed.initialize(
            place.coordinator,
            place.processes,
            place.process,
            # What Slurm says of devices does not fit where it shows each process a GPU of its own
            cluster_detection_method="deactivate",
            initialization_timeout=MEETING,
            heartbeat_timeout_seconds=HEARTBEAT,
            coordinator_bind_address=place.coordinator if here else None,
        )
    except Exception as error:  # noqa: BLE001, told in the main thread
        failed.append(error)


@contextmanager
def ending() -> Iterator[None]:
    """Around the whole program: it ends without waiting for processes that are lost.

    JAX, when Python exits, waits for the others for minutes. What is inside ends with SystemExit,
    as in `params.sentences`.
    """
    try:
        yield
        _leave()
    except SystemExit as end:
        if count() == 1:
            raise
        if isinstance(end.code, int):  # the processes have agreed to stop
            _leave()
            raise
        lost.end(str(end.code))
    except Exception as error:
        if count() == 1:
            raise
        lost.end(None if BROKEN.search(str(error)) else traceback.format_exc())


def _leave() -> None:
    """Waits for the others, and ends the connection with them."""
    global _joined
    if _joined is None:
        return
    import jax

    wait()
    jax.distributed.shutdown()
    _joined = None


def count() -> int:
    """How many processes train together; 1 for one that is alone."""
    return _joined.processes if _joined else 1


def leads() -> bool:
    """Whether this process writes files and reports."""
    return _joined is None or _joined.process == 0


def gathered(values: np.ndarray) -> np.ndarray:
    """The values of each process, (processes, *shape), in their order; all have to call it."""
    if _joined is None:
        return values[None]
    from jax.experimental import multihost_utils

    return np.reshape(multihost_utils.process_allgather(values), (count(), *values.shape))


def wait() -> None:
    """Until all processes have come to this point."""
    gathered(np.zeros(1, "int32"))


def first(number: int) -> int:
    """The number that process 0 has."""
    return int(gathered(np.array([number], "int32"))[0, 0])


def alike(digests: dict[str, str]) -> None:
    """Raises UserError, in all processes, if one sees something else than process 0.

    digests: hashes in hexadecimal of the same length, by the name of what they were made from.
    """
    every = gathered(
        np.array([list(bytes.fromhex(digest)) for digest in digests.values()], "uint8")
    )
    for name, values in zip(digests, np.moveaxis(every, 1, 0), strict=True):
        other = np.flatnonzero((values != values[0]).any(axis=-1))
        if len(other):
            raise UserError(
                f"process {other[0]} sees other {name} than process 0: give all processes the same "
                "code, and start them in one folder that their machines share."
            )


def asked() -> int | None:
    """The number of the signal that asked one of the processes to stop; all have to call it."""
    if _joined is None:
        return stop.requested()
    return int(gathered(np.array([stop.requested() or 0], "int32")).max()) or None


def check() -> None:
    """Raises stop.Stopped, in all processes, if one was asked to stop; all have to call it."""
    if number := asked():
        raise stop.Stopped(number)
