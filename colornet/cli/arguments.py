"""Reads and checks the arguments of `colornet`; wrong ones end the process with status 2."""

import argparse
import math
import os
import re
from importlib import metadata
from pathlib import Path

from colornet import params, paths
from colornet.cli import jobs, names
from colornet.cli.jobs import shown
from colornet.images import photo
from colornet.system import formats

HELP = """Colours black-and-white photographs and films. Those in colour are made grey first.

  colornet photo.jpg                    writes photo-colour.jpg beside it
  colornet photos/ --output coloured/   a folder and all folders below it, into another
  colornet "scans/*.tif" --format png
  colornet film.mp4                     without flicker, with its sound and subtitles

The colours are a guess. Existing results are kept: the same command again does the rest."""
MAX_SECONDS = 4 * 3600
STATUS = """exit status: 0 all done; 1 an input was skipped, its reason is printed; 2 wrong usage;
130 stopped with Ctrl-C, 143 with SIGTERM"""


def read(argv: list[str]) -> argparse.Namespace:
    """The options that the arguments ask for, with every default filled in but that of `run`."""
    for at in range(len(argv) - 1):  # argparse takes the -bw of --suffix -bw for an option
        if argv[at] == "--suffix" and re.match("-[^-]", argv[at + 1]):
            argv = [*argv[:at], "=".join(argv[at : at + 2]), *argv[at + 2 :]]
            break
    options = _parser().parse_args(argv)
    if options.suffix is None:
        options.suffix = jobs.STRIP if options.compare else "" if options.output else jobs.SUFFIX
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colornet",
        description=HELP,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="pictures, films, folders, or patterns such as '*.jpg'",
    )
    add(
        "-o",
        "--output",
        type=_folder,
        metavar="DIR",
        help="folder for the results; default: beside each source",
    )
    add(
        "--suffix",
        type=_suffix,
        help=f"added to each name; default: {jobs.SUFFIX} beside the source, nothing in --output",
    )
    add("--run", help=f"folder of a trained run, or one of colornet's own: {_shipped()}")
    add(
        "--saturation",
        type=_saturation,
        help="strength of the colours; 0: grey; default: the run's",
    )
    add(
        "--hints",
        type=Path,
        metavar="FILE",
        help="colours that you know of the one input; default: photo.hints.json beside photo.jpg",
    )
    add(
        "--format",
        choices=list(names.FORMATS),
        help="format of the pictures' results; default: the source's",
    )
    add(
        "--quality",
        type=_quality,
        default=95,
        help="quality of JPEG, WebP, AVIF and films, 1 to 100; default: 95",
    )
    add(
        "--compare",
        action="store_true",
        help=f"write grey and coloured side by side, with the suffix {jobs.STRIP}",
    )
    add(
        "--pages",
        choices=("first", "all"),
        default="first",
        help="pages and frames to colour; default: first, the others are left out; all: each, into"
        " one TIFF or into numbered files",
    )
    add(
        "--keep-dots",
        action="store_true",
        help="do not smooth the dots of 1-bit scans and printed halftones; they hold no colour",
    )
    add("--overwrite", action="store_true", help="replace existing results; default: keep them")
    add("--no-mark", action="store_true", help="leave out the metadata that name the network")
    for name, limit, skips in (
        ("--max-pixels", photo.MAX_PIXELS, "skip pictures with more pixels, such as 5M (or k, G)"),
        ("--max-bytes", photo.MAX_BYTES, "skip pictures with more bytes"),
    ):
        about = f"{skips}; default: {limit // 10**6}M"
        add(name, type=_amount, default=limit, metavar="N", help=about)
    about = f"skip films that last longer; default: {MAX_SECONDS} (4 hours)"
    add("--max-seconds", type=_amount, default=MAX_SECONDS, metavar="N", help=about)
    add("--json", action="store_true", help="print one JSON object on the standard output")
    add("--version", action="version", version=_version())
    return parser


def _shipped() -> str:
    try:
        names = sorted(folder.parent.name for folder in paths.PRETRAINED.glob("*/model.keras"))
        return f"{', '.join(names)}; default: {params.default_run(paths.PRETRAINED)}"
    except (OSError, ValueError):
        return "none is installed"


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
        raise argparse.ArgumentTypeError(f"{shown(text)} is a file; name a folder")
    if formats.is_known(folder):
        kind = "picture" if formats.is_picture(folder) else "film"
        raise argparse.ArgumentTypeError(f"{shown(text)} is named like a {kind}; name a folder")
    return folder


def _suffix(text: str) -> str:
    if set(text) & {os.sep, os.altsep, "/"}:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} contains {os.sep}; name folders with --output"
        )
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
