"""Tasks -> their records, computed by Ray Data on a cluster or on this machine alone.

Ray's tasks colour, not its actors: those restart without end where a picture ends its process, and
wait for free CPUs where their machine was lost. Ray tries a task TRIES times where its process or
machine is lost, each time on any machine; Ray Data's own default is without end.
The Colorizer is loaded once in each of Ray's processes, which serve one task after another.
"""

import logging
import os
import queue
import threading
import warnings
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

from colornet.archive.painter import Call, paint
from colornet.archive.plan import Task
from colornet.cli import manifest
from colornet.cli.manifest import Record
from colornet.system import machine, stop

LOOK = 0.1  # seconds between two looks whether the program was asked to stop
TRIES = 2  # of a task of Ray; a picture has two tasks, in a block and alone
BLOCK = 64  # pictures of a task of Ray at most
MEMORY = 100_000_000  # bytes of Ray's store on a machine alone: it holds paths and records
LOST = "ended each process that began to colour it"


class ClusterError(ValueError):
    """Why the cluster does not work; the text is a sentence."""


class Share(NamedTuple):
    """How many processes colour at once, and the CPUs of each."""

    workers: int
    cpus: int


def connect(address: str | None) -> Any:
    """Ray, connected to the cluster at an address, or started on this machine alone.

    Raises ClusterError.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no reports to Ray's makers
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # no warning about GPUs
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            # One CPU more than there are: Ray Data needs one free for work of its own, which is
            # little, and hangs without it
            alone = quiet | {"num_cpus": machine.cores() + 1, "object_store_memory": MEMORY}
            ray.init(address="local", include_dashboard=False, **alone)
    except Exception as error:  # of many kinds
        where = f"the cluster at {address}" if address else "Ray on this machine"
        raise ClusterError(f"{where} cannot be reached: {' '.join(str(error).split())}") from error
    return ray


def share(ray: Any, *, workers: int | None = None, cpus: int | None = None) -> Share:
    """What is asked for, or else as many processes as fit; one CPU of the cluster stays free.

    By default each has two CPUs, so that one picture is decoded or encoded while the network
    computes another, or one where a machine has fewer than three. Raises ClusterError.
    """
    nodes = [int(each["Resources"].get("CPU", 0)) for each in ray.nodes() if each["Alive"]]
    sizes = [size for size in nodes if size] or [1]
    cpus = cpus or max(1, min(2, min(sizes) - 1))
    fit = sum(size // cpus for size in sizes)
    if not fit:
        raise ClusterError(f"no machine of the cluster has {cpus} CPUs: ask for fewer")
    spare = sum(sizes) - fit * cpus
    return Share(workers or max(1, fit if spare else fit - 1), cpus)


def records(
    todo: list[Task], call: Call, share: Share
) -> Generator[tuple[Record, bool], None, None]:
    """The record of each task, in the order of their ends, and whether it is to be kept.

    Tasks of Ray that are lost with their process or machine, again and again, are tried anew, a
    picture each, so that the picture that ends its process is named and the others are coloured.
    Raises ClusterError and stop.Stopped.
    """
    left = {task.path: task for task in todo}
    # Large ones: at the end of each, cores wait for the last picture and for the next task
    size = max(1, min(BLOCK, -(-len(todo) // (2 * share.workers))))
    for block in (size, 1):
        for row in _rows(list(left.values()), call, share, block):
            if row["fatal"]:
                raise ClusterError(row["fatal"])
            record = manifest.parsed(row["record"])
            assert record is not None
            if left.pop(record.path, None):
                yield record, not row["blameless"]
        if not left:
            return
    for task in left.values():
        yield Record(*task[:3], sentence=LOST), True


def _rows(tasks: list[Task], call: Call, share: Share, block: int) -> Iterator[dict[str, Any]]:
    """The rows of `paint` for tasks in blocks of so many. Raises ClusterError and stop.Stopped."""
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # `records` misses them
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    blocks = -(-len(tasks) // block)
    given = ray.data.from_items(
        [{"task": task.dumped()} for task in tasks], override_num_blocks=blocks
    )
    with warnings.catch_warnings():
        # Until 2.64 this is how to say max_retries; a name of its own is still to come
        warnings.filterwarnings("ignore", message=".*ray_remote_args.* is deprecated")
        rows = given.map_batches(
            paint,
            fn_kwargs={"call": call},
            batch_size=None,
            batch_format="pyarrow",
            compute=ray.data.TaskPoolStrategy(size=min(share.workers, blocks)),
            num_cpus=share.cpus,
            max_retries=TRIES - 1,
        )
    for table in _looking(rows.iter_batches(batch_size=None, batch_format="pyarrow")):
        yield from table.to_pylist()


def _looking(tables: Any) -> Iterator[Any]:
    """What is given, while signals are looked for: Ray waits for minutes without a look."""
    found: queue.Queue[Any] = queue.Queue()

    def pull() -> None:
        try:
            for table in tables:
                found.put(table)
            found.put(None)
        except BaseException as error:
            found.put(error)

    threading.Thread(target=pull, daemon=True).start()
    while True:
        stop.check()
        try:
            each = found.get(timeout=LOOK)
        except queue.Empty:
            continue
        if each is None:
            return
        if isinstance(each, BaseException):
            why = " ".join(str(each).split())
            raise ClusterError(f"Ray ended early: {why}; the same command goes on") from each
        yield each
