"""Calls of the command line, with the run in runs/tiny, and what they write."""

import io
import os
import sys
from pathlib import Path

from PIL import Image

from colornet import colorize
from colornet.cli import original
from colornet.system import keras_settings
from support.pictures import opened

COMMAND = [sys.executable, "-m", "colornet.colorize"]
# The environment of a user: the backend that tests choose is for their own process only
CHOSEN = ("KERAS_BACKEND", keras_settings.BACKEND)
ENV = {key: value for key, value in os.environ.items() if key not in CHOSEN}


def call(*arguments) -> int:
    """Calls `colornet` in this process; returns its exit status."""
    return colorize.main([str(argument) for argument in ("--run", "runs/tiny", *arguments)])


def printed(capsys) -> str:
    """What was printed on the standard error since the last look."""
    return capsys.readouterr().err


def files(folder) -> list[str]:
    """The paths of all files below a folder, sorted."""
    return sorted(str(file) for file in Path(folder).rglob("*") if file.is_file())


def saved(
    picture, of: original.Original, suffix: str, mark="lite-photos", **options
) -> Image.Image:
    """The coloured copy of an original, as it is read again."""
    return opened(io.BytesIO(original.encode(picture, of, suffix=suffix, mark=mark, **options)))
