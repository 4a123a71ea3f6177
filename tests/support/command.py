"""The command line as the tests call it, with the run that is in runs/tiny."""

import os
import sys
from pathlib import Path

from colornet import colorize

COMMAND = [sys.executable, "-m", "colornet.colorize"]
# As a user has it; what tests choose for their own process is not to reach the commands
ENV = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}


def call(*arguments) -> int:
    return colorize.main([str(argument) for argument in ("--run", "runs/tiny", *arguments)])


def said(capsys) -> str:
    return capsys.readouterr().err


def files(folder) -> list[str]:
    return sorted(str(file) for file in Path(folder).rglob("*") if file.is_file())
