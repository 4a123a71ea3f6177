"""The values of options: a text -> what it says; ArgumentTypeError, with a sentence, for others."""

import argparse
import math
import os
import re
from pathlib import Path

from colornet.cli.jobs import shown
from colornet.cli.shards import Shard
from colornet.system import formats


def folder(text: str) -> Path:
    """A folder, which may not exist yet."""
    folder = Path(text)
    if folder.is_dir():
        return folder
    if os.path.lexists(folder):
        raise argparse.ArgumentTypeError(f"{shown(text)} is a file; name a folder")
    if formats.is_known(folder):
        kind = "picture" if formats.is_picture(folder) else "film"
        raise argparse.ArgumentTypeError(f"{shown(text)} is named like a {kind}; name a folder")
    return folder


def manifest(text: str) -> Path:
    """A file for records."""
    file = Path(text)
    if file.is_dir():
        raise argparse.ArgumentTypeError(f"{shown(text)} is a folder; name a file")
    if formats.is_known(file):
        raise argparse.ArgumentTypeError(f"{shown(text)} is named like a picture or film")
    return file


def shard(text: str) -> Shard:
    """A part such as 3/64."""
    given = re.fullmatch("([0-9]{1,9})/([0-9]{1,9})", text)
    if not given or not int(given[1]) <= int(given[2]) or not int(given[2]):
        raise argparse.ArgumentTypeError(f"{shown(text)} is no part such as 3/64")
    return Shard(int(given[1]), int(given[2]))


def seconds(text: str) -> float:
    """A time above 0, up to a day."""
    value = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else 0.0
    if not 0 < value <= 86400:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number of seconds up to a day")
    return value


def suffix(text: str) -> str:
    """What names get."""
    if set(text) & {os.sep, os.altsep, "/"}:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} contains {os.sep}; name folders with --output"
        )
    return text


def quality(text: str) -> int:
    """A whole number from 1 to 100."""
    if not re.fullmatch("[0-9]+", text) or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no whole number from 1 to 100")
    return int(text)


def saturation(text: str) -> float:
    """A number from 0 up."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number from 0 up")
    return value


def amount(text: str) -> int:
    """A whole number such as 5000000 or 5M."""
    given = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kMG]?)", text)
    value = given and int(float(given[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[given[2]])
    if not value:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number such as 5000000 or 5M")
    return value
