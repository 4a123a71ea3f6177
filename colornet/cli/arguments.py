"""The arguments of `colornet`, each checked; wrong ones end the process with status 2."""

import argparse
import math
import os
import re
from importlib import metadata
from pathlib import Path

from colornet import paths
from colornet.cli import jobs, original
from colornet.cli.jobs import shown
from colornet.images import photo

HELP = """Colours black-and-white photographs; colour ones are made grey first.

  colornet photo.jpg                    writes photo-colour.jpg beside it
  colornet photos/ --output coloured/   a folder with all below it, into another
  colornet "scans/*.tif" --format png

The colours are a guess. Called again, it goes on where it stopped: what is there is left."""
STATUS = """exit status: 0 all done; 1 something was skipped, each with its reason; 2 wrong usage;
130 stopped with Ctrl-C"""


def read(argv: list[str]) -> argparse.Namespace:
    """What the arguments ask for, with every default filled in but that of `run`."""
    parser = argparse.ArgumentParser(
        prog="colornet",
        description=HELP,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("inputs", nargs="+", metavar="INPUT", help="pictures, folders, or patterns as '*.jpg'")
    add("-o", "--output", type=_folder, metavar="DIR", help="where to write; else beside each")
    add(
        "--suffix",
        type=_suffix,
        help=f"what is added to each name: {jobs.SUFFIX} beside the source, nothing in --output",
    )
    add("--run", help=f"a trained run's folder, or one that ships: {_shipped()}")
    add("--saturation", type=_saturation, help="of the colours: 0 is grey; else as the run sets it")
    add("--format", choices=list(original.FORMATS), help="of what is written; else the source's")
    add("--quality", type=_quality, default=95, help="of JPEG, WebP and AVIF, 1 to 100 (95)")
    add(
        "--compare",
        action="store_true",
        help=f"write grey | coloured side by side instead, with the suffix {jobs.STRIP}",
    )
    add("--overwrite", action="store_true", help="replace what is there; else it is left")
    add("--no-mark", action="store_true", help="leave out the metadata that say who coloured it")
    add(
        "--max-pixels",
        type=_amount,
        default=photo.MAX_PIXELS,
        metavar="N",
        help=f"skip pictures of more ({photo.MAX_PIXELS // 10**6}M); k, M and G are understood",
    )
    add(
        "--max-bytes",
        type=_amount,
        default=photo.MAX_BYTES,
        metavar="N",
        help=f"skip files of more ({photo.MAX_BYTES // 10**6}M)",
    )
    add("--json", action="store_true", help="one JSON object on the standard output")
    add("--version", action="version", version=_version())
    for at in range(len(argv) - 1):  # argparse takes the -bw of --suffix -bw for an option
        if argv[at] == "--suffix" and re.match("-[^-]", argv[at + 1]):
            argv = [*argv[:at], "=".join(argv[at : at + 2]), *argv[at + 2 :]]
            break
    options = parser.parse_args(argv)
    if options.suffix is None:
        options.suffix = jobs.STRIP if options.compare else "" if options.output else jobs.SUFFIX
    return options


def _shipped() -> str:
    try:
        names = sorted(folder.parent.name for folder in paths.PRETRAINED.glob("*/model.keras"))
        default = (paths.PRETRAINED / "default").read_text("utf-8").strip()
        return f"{', '.join(names)}; {default} when none is named"
    except (OSError, ValueError):
        return "none is here"


def _version() -> str:
    try:
        return metadata.version("colornet")
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"


def _folder(text: str) -> Path:
    folder = Path(text)
    if folder.is_dir():
        return folder
    if os.path.lexists(folder):
        raise argparse.ArgumentTypeError(f"{shown(text)} is a file, and a folder is meant")
    if folder.suffix.lower() in photo.SUFFIXES:
        raise argparse.ArgumentTypeError(f"{shown(text)} is named like a picture; name a folder")
    return folder


def _suffix(text: str) -> str:
    if set(text) & {os.sep, os.altsep, "/"}:
        raise argparse.ArgumentTypeError(f"{shown(text)} holds a {os.sep}: --output names folders")
    return text


def _quality(text: str) -> int:
    if not re.fullmatch("[0-9]+", text) or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no whole number from 1 to 100")
    return int(text)


def _saturation(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number from 0 up")
    return value


def _amount(text: str) -> int:
    given = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kMG]?)", text)
    value = given and int(float(given[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[given[2]])
    if not value:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no number such as 5000000 or 5M")
    return value
