"""The npm package that the exported page needs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from colornet.web import runtime


def package(folder: Path) -> Path:
    """The package, fetched by npm into a folder; skips the tests where npm cannot bring it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: it fetches the package of the exported page")
    command = [npm, "pack", runtime.PACKAGE, "--ignore-scripts", "--silent"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(
            f"npm has no connection, or cannot bring {runtime.PACKAGE}: {done.stderr[:200]}"
        )
    (found,) = folder.glob("*.tgz")
    return found
