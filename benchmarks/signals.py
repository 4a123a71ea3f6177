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
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from colornet import params
from colornet.system import keras_settings, stop

ROOT = Path(__file__).parents[1]
HEIC = ROOT / "tests" / "data" / "chelsea.heic"  # which a child process decodes
KINDS = ("stopped", "finished", "late", "early", "lost")
LOOK = 0.0005  # seconds between two looks at a process
PATIENCE = 300  # seconds until a run that was stopped counts as hanging
TRAINING = {
    "dataset": "sample",
    "epochs": 3,
    "batch_size": 4,
    "steps_per_epoch": 4,
    "optimizer": "adam",
    "flip": True,
    "precision": "float32",
}


class Program(NamedTuple):
    """A command, and what it leaves.

    clear: removes the results of the run before; faults: what is wrong with the results of a run
    that was stopped (False) or finished (True), and with its standard output.
    """

    command: list[str]
    folder: Path
    clear: Callable[[], None]
    faults: Callable[[bool, str], list[str]]


class End(NamedTuple):
    """How a run ended. kind: one of KINDS; moment: of the signal; took: seconds to the end."""

    kind: str
    moment: float
    took: float
    status: int
    why: str = ""


def colouring(folder: Path, *, pictures: int = 5) -> Program:
    """`colornet` on a few photographs and a HEIC file, with --json."""
    sources = folder / "photos"
    sources.mkdir()
    (sources / "chelsea.heic").write_bytes(HEIC.read_bytes())
    for number in range(pictures):
        y, x = np.mgrid[0:600, 0:800] / (600, 800)[number % 2]
        waves = np.stack([np.sin(9 * x + number), np.sin(5 * y), np.cos(7 * x * y)], axis=-1)
        Image.fromarray((128 + 120 * waves).astype("uint8")).save(sources / f"{number}.jpg")

    def clear() -> None:
        for file in (folder / "out").glob("*"):
            file.unlink()

    def faults(finished: bool, printed: str) -> list[str]:
        found = [str(file) for file in folder.glob("out/*") if not _readable(file)]
        error = json.loads(printed)["error"]
        if finished is not (error is None):
            found.append(f"--json has the error {error}")
        if finished and len(list(folder.glob("out/*"))) != pictures + 1:
            found.append("results are missing")
        return found

    command = [sys.executable, "-m", "colornet.colorize", "photos", "-o", "out", "--json"]
    return Program(command, folder, clear, faults)


def training(folder: Path, *, module: str) -> Program:
    """`colornet.train` or `colornet.train_jax` on the sample, three epochs of beta."""
    sizes = {"size": 32, "train": 12, "validation": 4, "test": 4, "seed": 3}
    sections = {
        "fetch": {"sample": {"source": "bundled"}},
        "preprocess": {"sample": sizes},
        "train": {"beta": {"one": TRAINING}},
    }
    params.save(sections, folder / "params.yaml")
    for stage in ("fetch", "preprocess"):
        command = [sys.executable, "-m", f"colornet.{stage}", "sample"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, env=_environment())
    run = folder / "runs" / "one"

    def clear() -> None:
        for file in sorted(run.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()

    def faults(finished: bool, _: str) -> list[str]:
        found = [str(file) for file in run.rglob("*.part")]
        state = run / "checkpoint" / "state.npz"
        if state.exists():
            with np.load(state) as archive:
                found += [] if "about" in archive else [str(state)]
        if finished is not (run / "model.keras").is_file():
            found.append(f"model.keras is {'missing' if finished else 'there'}")
        return found

    return Program([sys.executable, "-m", f"colornet.{module}", "one"], folder, clear, faults)


def sweep(program: Program, moments: Iterable[float], *, backend: str | None) -> Iterator[End]:
    """Runs the program once for each moment, in seconds of its processor time."""
    for number, moment in enumerate(moments):
        program.clear()
        chosen = stop.NUMBERS[number % 2]
        yield _stopped(program, moment, chosen, group=number % 4 > 1, backend=backend)


def uninterrupted(program: Program, *, backend: str | None) -> tuple[float, float]:
    """Processor time of a run without a signal, in seconds: until it handles signals, and in all.

    Raises RuntimeError if it fails.
    """
    program.clear()
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
    return subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=_environment() | ({keras_settings.BACKEND: backend} if backend else {}),
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


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != keras_settings.BACKEND}


def _readable(file: Path) -> bool:
    try:
        with Image.open(file) as picture:
            picture.load()
    except OSError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", choices=["colour", "train", "train_jax"], default="colour")
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--until", type=float, help="the last moment; default: the run's end")
    parser.add_argument("--backend", help="of Keras: the variable COLORNET_BACKEND")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = colouring(folder) if options.program == "colour" else None
        program = made or training(folder, module=options.program)
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
    print(f"{len(ends)} signals: {kinds}; from the signal to the end at most {slowest:.1f} s")
    early = Counter(end.status for end in ends if end.kind == "early")
    print(f"Exit statuses of the early ones: {dict(early)}")
    sys.exit(bool(counts["lost"]))


if __name__ == "__main__":
    main()
