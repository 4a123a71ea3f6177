"""The command `dvc`, with the tests' Python."""

import os
import subprocess
import sys
from pathlib import Path


def dvc(*arguments: str, folder: Path) -> str:
    """Runs dvc in a folder; returns what it prints. CalledProcessError if it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "dvc", *arguments],
        cwd=folder,
        env=os.environ | {"DVC_NO_ANALYTICS": "1", "PATH": path},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
