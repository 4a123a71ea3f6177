"""An archive on Ray beside the command line, with as many cores; and what kills cost.

- Pictures/s of 1-megapixel JPEGs without what starting costs: (many - few) pictures over the
  difference of the two calls' seconds, of Ray and of the command in turn. ray_share: the quotient.
- ray_start_s: seconds of a call for one picture, beside the command's for the same.
- The process of Ray that colours is killed with SIGKILL in the middle, then the program itself,
  which is started again. Lost: sources without a whole result at the end. Doubled: those recorded
  twice as coloured.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from statistics import median

import psutil

from benchmarks.archives import contents
from benchmarks.crops import crops
from benchmarks.process import ROOT, whole
from colornet.cli import manifest
from colornet.system import machine

LOOK = 0.02  # seconds between two looks at what is recorded
WORKER = "(paint)"  # in the name of a process of Ray that colours, ray::MapBatches(paint)
MEGAPIXEL = (1155, 866)


def started(given: Path, output: Path, record: Path) -> subprocess.Popen:
    """An archive on Ray, on this machine alone: one process with all cores, as the command has."""
    cores = str(machine.cores())
    command = [sys.executable, "-m", "colornet.archive", str(given), str(output)]
    command += ["--manifest", str(record), "--workers", "1", "--cpus-per-worker", cores]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, env=env, stdout=nowhere, stderr=nowhere)


def on_ray(given: Path, folder: Path) -> float:
    """Seconds of a call of Ray that colours everything. It must succeed."""
    output, record = _fresh(folder / "ray", folder / "ray.jsonl")
    start = time.perf_counter()
    assert started(given, output, record).wait() == 0
    return time.perf_counter() - start


def by_command(given: Path, folder: Path) -> float:
    """The same of the command, with a manifest too."""
    output, record = _fresh(folder / "command", folder / "command.jsonl")
    return whole(given, "--output", output, "--manifest", record)[0]


def _fresh(output: Path, record: Path) -> tuple[Path, Path]:
    shutil.rmtree(output, ignore_errors=True)
    record.unlink(missing_ok=True)
    return output, record


def rates(folder: Path, few: int, many: int, repeats: int) -> dict:
    """Pictures/s of both, in turn; their results must be the same bytes."""
    ways = {"ray": on_ray, "command": by_command}
    seconds: dict[tuple[str, str], list[float]] = {}
    for _ in range(repeats):
        for part in ("one", "few", "many"):
            for name, way in ways.items():
                seconds.setdefault((name, part), []).append(way(folder / part, folder))
    assert contents(folder / "ray") == contents(folder / "command")
    found: dict[str, float] = {}
    for name in ways:
        took = {part: median(seconds[name, part]) for part in ("one", "few", "many")}
        found[f"{name}_pictures_per_s"] = (many - few) / (took["many"] - took["few"])
        found[f"{name}_start_s"] = took["one"]
    share = found["ray_pictures_per_s"] / found["command_pictures_per_s"]
    return {"ray_share": share, "cores": machine.cores(), **found}


def _wait(process: subprocess.Popen, output: Path, count: int) -> None:
    """Waits until so many copies are there; records come later, at the end of a block."""
    while sum(1 for _ in output.rglob("[!.]*.jpg")) < count:
        assert process.poll() is None, "the program ended before it was killed"
        time.sleep(LOOK)


def _kill_a_worker(program: subprocess.Popen) -> None:
    """Kills a process of Ray that colours, wherever it is in its work."""
    while True:
        assert program.poll() is None, "the program ended before a process could be killed"
        for each in psutil.Process(program.pid).children(recursive=True):
            with suppress(psutil.Error):  # it has ended meanwhile
                if WORKER in " ".join(each.cmdline()):
                    each.kill()
                    return
        time.sleep(LOOK)


def killed(folder: Path, count: int) -> dict:
    """A worker is killed, then the program with all that it started; the same call goes on."""
    given, (output, record) = folder / "many", _fresh(folder / "killed", folder / "killed.jsonl")
    process = started(given, output, record)
    _wait(process, output, count // 4)
    _kill_a_worker(process)
    _wait(process, output, count // 2)
    time.sleep(random.Random(0).random() / 10)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert started(given, output, record).wait() == 0
    recorded = manifest.latest(record)
    sound = [
        path
        for path, each in recorded.items()
        if each.done and manifest.sha256(output / path) == each.sha256_out
    ]
    coloured = Counter(each.path for each in manifest.records(record) if each.status == "coloured")
    return {
        "kills": 2,
        "lost": count - len(sound),
        "doubled": sum(coloured.values()) - len(coloured),
        "killed_equal": contents(output) == contents(folder / "command"),
    }


def measure(folder: Path, *, quick: bool) -> dict:
    """All figures; `folder` is empty."""
    few, many = (16, 96) if quick else (64, 256)
    for number, picture in enumerate(crops(many, MEGAPIXEL)):
        for part, count in (("one", 1), ("few", few), ("many", many)):
            if number < count:
                (folder / part).mkdir(exist_ok=True)
                picture.save(folder / part / f"{number:03}.jpg", quality=90)
    return rates(folder, few, many, 1 if quick else 3) | killed(folder, many)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archive", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pictures, once, in 2 minutes")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), quick=options.quick)
    print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
