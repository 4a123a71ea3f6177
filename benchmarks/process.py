"""A measurement in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def last_line(module: str, *arguments: object) -> str:
    """The last line that `python -m benchmarks.<module>` prints with these arguments.

    Raises CalledProcessError if it fails.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.splitlines()[-1]
