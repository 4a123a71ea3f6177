"""A measurement in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

# Keras loads JAX where it is installed; colornet needs it only in its tests
CODE = "import sys; sys.modules['jax'] = None; from colornet import colorize; colorize.command()"
LOOK = 0.005  # seconds between two looks at the memory of a process
ROOT = Path(__file__).parents[1]


def last_line(module: str, *arguments: object) -> str:
    """The last line that `python -m benchmarks.<module>` prints with these arguments.

    Raises CalledProcessError if it fails.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.splitlines()[-1]


def started(*arguments: object) -> subprocess.Popen:
    """The command in a process of its own, which prints nothing here."""
    command = [sys.executable, "-c", CODE, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def whole(*arguments: object) -> tuple[float, float]:
    """Seconds of the command from start to end, and its peak memory in MB. It must succeed."""
    start, process, most = time.perf_counter(), started(*arguments), 0.0
    while process.poll() is None:
        most = max(most, peak(process.pid))
        time.sleep(LOOK)
    assert process.returncode == 0
    return time.perf_counter() - start, most


def peak(process: int) -> float:
    """The most memory in MB that a process, of Linux, has had so far; 0 for one that has ended.

    Not what `resource` says: that counts the memory of the program that started it as well.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1.024e-3 for line in lines if line.startswith("VmHWM"))
