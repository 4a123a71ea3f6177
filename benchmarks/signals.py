"""A signal at any moment of a run: how often it ends the program as it should, and how often not.

Each run is the real program in a process of its own. SIGINT and SIGTERM take turns; every other one
goes to the whole process group, as a terminal sends Ctrl-C. An end is

  stopped   the exit status 130 or 143, the sentence, no traceback, complete files or none
  finished  it was over before the signal: the exit status 0, and every file is there
  late      the same, but the signal came while the program was ending, after all its work
  early     by the signal itself: it came while Python started, before the program could handle it
  lost      anything else

Moments are counted in the processor time of the run, so that other programs of a busy machine do
not move them. For Linux.

`--program train` and `train_jax` train a tiny network on scikit-image's pictures.
"""

import argparse
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.signal_programs import Program, colouring, environment, training
from colornet.system import keras_settings, stop

KINDS = ("stopped", "finished", "late", "early", "lost")
LOOK = 0.0005  # seconds between two looks at a process
PATIENCE = 300  # seconds until a run that was stopped counts as hanging


class End(NamedTuple):
    """How a run ended. kind: one of KINDS; moment: of the signal; took: seconds to the end."""

    kind: str
    moment: float
    took: float
    status: int
    why: str = ""


def sweep(program: Program, moments: Iterable[float], *, backend: str | None) -> Iterator[End]:
    """Runs the program once for each moment, in seconds of its processor time."""
    for number, moment in enumerate(moments):
        chosen = stop.NUMBERS[number % 2]
        yield _stopped(program, moment, chosen, group=number % 4 > 1, backend=backend)


def uninterrupted(program: Program, *, backend: str | None) -> tuple[float, float]:
    """Processor time of a run without a signal, in seconds: until it handles signals, and in all.

    Raises RuntimeError if it fails.
    """
    before = _children()
    with _started(program, backend) as process:
        while process.poll() is None and not handles_signals(process):
            time.sleep(LOOK)
        handled = _seconds(process)
        out, err = process.communicate(timeout=PATIENCE)
    faults = [] if process.returncode else program.faults(True, out)
    if process.returncode or faults:
        raise RuntimeError(f"the run without a signal failed: {faults} {err}")
    return handled, _children() - before


def handles_signals(process: subprocess.Popen) -> bool:
    """Whether a process, of Linux, has a handler of its own for SIGTERM."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return False
    (caught,) = [line.split()[1] for line in lines if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def _stopped(
    program: Program, moment: float, number: int, *, group: bool, backend: str | None
) -> End:
    with _started(program, backend) as process:
        while process.poll() is None and _seconds(process) < moment:
            time.sleep(LOOK)
        handled, over = handles_signals(process), process.poll() is not None
        sent = time.perf_counter()
        if not over:
            os.killpg(process.pid, number) if group else process.send_signal(number)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return End("lost", moment, PATIENCE, 0, f"hangs: {signal.Signals(number).name}")
    took, status = time.perf_counter() - sent, process.returncode
    what = f"{signal.Signals(number).name}, exit status {status}: {err.strip()[-600:]}"
    if status == 0 or (status == 128 + number and stop.SENTENCE in err and "Traceback" not in err):
        faults = program.faults(status == 0, out)
        if faults:
            return End("lost", moment, took, status, f"{faults} {what}")
        kind = "stopped" if status else "finished" if over else "late"
        return End(kind, moment, took, status)
    if not handled and not over:
        return End("early", moment, took, status, what)
    return End("lost", moment, took, status, what)


def _started(program: Program, backend: str | None) -> subprocess.Popen:
    shutil.rmtree(program.folder / program.results, ignore_errors=True)
    return subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=environment() | ({keras_settings.BACKEND: backend} if backend else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        # What runs in the background of a shell ignores Ctrl-C, and hands that down
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _seconds(process: subprocess.Popen) -> float:
    """The processor time that a process has used, of all its threads; infinite after its end."""
    scheduled = 2  # CPUCLOCK_SCHED in Linux's include/linux/posix-timers_types.h
    try:
        return time.clock_gettime(~process.pid << 3 | scheduled)
    except OSError:
        return math.inf


def _children() -> float:
    """The processor time of the processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", choices=["colour", "train", "train_jax"], default="colour")
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--until", type=float, help="the last moment; default: the run's end")
    parser.add_argument("--backend", help="of Keras: the variable COLORNET_BACKEND")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        colours = options.program == "colour"
        program = colouring(Path(name)) if colours else training(Path(name), options.program)
        handled, whole = uninterrupted(program, backend=options.backend)
        last = options.until or whole
        print(f"A run takes {whole:.2f} s of processor time, {handled:.3f} s until it can handle")
        print(f"signals; they come from 0 to {last:.2f} s.", flush=True)
        dice = random.Random(options.seed)
        moments = [last * (n + dice.random()) / options.runs for n in range(options.runs)]
        ends = []
        for end in sweep(program, moments, backend=options.backend):
            ends.append(end)
            if end.kind in ("late", "lost"):
                print(f"{end.kind} at {end.moment:.3f} s: {end.why}", flush=True)
    counts = Counter(end.kind for end in ends)
    slowest = max((end.took for end in ends if end.kind == "stopped"), default=0)
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
    early = dict(Counter(end.status for end in ends if end.kind == "early"))
    print(f"{len(ends)} signals: {kinds}; exit statuses of the early ones: {early}")
    print(f"From a signal to the end at most {slowest:.1f} s")
    sys.exit(bool(counts["lost"]))


if __name__ == "__main__":
    main()
