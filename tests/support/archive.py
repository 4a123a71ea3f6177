"""Calls of `colornet` with a colorizer that paints, for what does not depend on the colours."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from colornet.cli import call
from support.command import ENV

ARCHIVE = ("in", "--output", "out", "--manifest", "m.jsonl")
TESTS = Path(__file__).parents[1]


class Painter:
    """Paints each picture in a colour that its pixels decide; notes the size of each in LOG."""

    name, classifier = "painter", "published"

    def __call__(self, picture: Image.Image, **_: object) -> Image.Image:
        if log := os.environ.get("LOG"):
            with open(log, "a") as stream:
                stream.write(f"{picture.size}\n")
            time.sleep(0.05)
        return Image.eval(picture, lambda value: 255 - value)

    def film(self, source: Path, target: Path, *, mark: str | None, **options: object):
        from support.films import PAINTER, coloured  # PyAV is needed for films alone

        return coloured(source, target, PAINTER, run=mark, **options)


def colour(*arguments: object) -> int:
    """Calls the command in this process; returns its exit status."""
    return call.run([*map(str, arguments)], lambda _: Painter())


def verify(capsys, *more: object) -> tuple[int, dict]:
    """The exit status and the object of `--verify --json`."""
    capsys.readouterr()
    status = colour(*ARCHIVE, "--verify", "--json", *more)
    return status, json.loads(capsys.readouterr().out)


def started(*arguments: object, log: Path) -> subprocess.Popen:
    """The same in a process of its own, which notes what it paints, each in 0.05 s at least."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    command = [sys.executable, "-m", "support.archive", *map(str, arguments)]
    return subprocess.Popen(command, env=ENV | {"LOG": str(log), "PYTHONPATH": paths})


def pictures(folder: Path, count: int, *, folders: int = 4) -> Path:
    """Small PNGs of different sizes in folders below a folder."""
    random = np.random.default_rng(0)
    for number in range(count):
        file = folder / f"{number % folders}" / f"{number:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 255, (40, 40 + number), "uint8")
        Image.fromarray(pixels).save(file)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder that are not hidden."""
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in found
        if not file.name.startswith(".")
    }


if __name__ == "__main__":
    sys.exit(colour(*sys.argv[1:]))
