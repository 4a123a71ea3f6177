"""Reads and checks the arguments of `colornet`; wrong ones end the process with status 2."""

import argparse
import re
from importlib import metadata
from pathlib import Path

from colornet import params, paths
from colornet.cli import jobs, names, values
from colornet.images import photo

HELP = """Colours black-and-white photographs and films. Those in colour are made grey first.

  colornet photo.jpg                    writes photo-colour.jpg beside it
  colornet photos/ --output coloured/   a folder and all folders below it, into another
  colornet "scans/*.tif" --format png
  colornet film.mp4                     without flicker, with its sound and subtitles
  colornet watch inbox/ -o coloured/    whatever appears there, until Ctrl-C

The colours are a guess. Existing results are kept: the same command again does the rest."""
WATCH = """Colours the photographs and films that appear in a folder, once each, until Ctrl-C.

  colornet watch inbox/ --output coloured/

A file that is still being written waits. A broken one is named once, and tried again when it
changes. Existing results are kept: the same command again does the rest."""
ENDS = (
    "exit status: 1 nothing can be coloured; 2 wrong usage; 130 ended with Ctrl-C, 143 with SIGTERM"
)
MAX_SECONDS = 4 * 3600
STATUS = """exit status: 0 all done; 1 an input was skipped, its reason is printed; 2 wrong usage;
130 stopped with Ctrl-C, 143 with SIGTERM"""


def read(argv: list[str], *, command: str = "") -> argparse.Namespace:
    """The options that the arguments ask for, with every default filled in but that of `run`.

    command: "watch", or "" for `colornet` itself; it becomes the option `command`.
    """
    for at in range(len(argv) - 1):  # argparse takes the -bw of --suffix -bw for an option
        if argv[at] == "--suffix" and re.match("-[^-]", argv[at + 1]):
            argv = [*argv[:at], "=".join(argv[at : at + 2]), *argv[at + 2 :]]
            break
    parser = _watch() if command else _parser()
    options = parser.parse_args(argv, argparse.Namespace(command=command))
    if options.verify and not options.manifest:
        parser.error("--verify needs --manifest FILE, the record to compare with")
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
    _add_results(parser)
    add(
        "--hints",
        type=Path,
        metavar="FILE",
        help="colours that you know of the one input; default: photo.hints.json beside photo.jpg",
    )
    _add_pictures(parser)
    add("--overwrite", action="store_true", help="replace existing results; default: keep them")
    _add_limits(parser)
    _add_archive(parser)
    about = "compare the results with --manifest and colour nothing; 1 if one is missing or changed"
    add("--verify", action="store_true", help=about)
    add("--json", action="store_true", help="print one JSON object on the standard output")
    add("--version", action="version", version=version())
    return parser


def _watch() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="colornet watch",
        description=WATCH,
        epilog=ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(hints=None, overwrite=False, verify=False)
    add = parser.add_argument
    add("inputs", nargs="+", metavar="FOLDER", help="folders to watch, with all folders below them")
    about = "time between two looks; a file is coloured that both found the same; default: 2"
    add("--every", type=values.seconds, default=2.0, metavar="SECONDS", help=about)
    _add_results(parser)
    _add_pictures(parser)
    _add_limits(parser)
    _add_archive(parser)
    add("--json", action="store_true", help="print a line of JSON for each file as well")
    return parser


def _add_results(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-o",
        "--output",
        type=values.folder,
        metavar="DIR",
        help="folder for the results; default: beside each source",
    )
    add(
        "--suffix",
        type=values.suffix,
        help=f"added to each name; default: {jobs.SUFFIX} beside the source, nothing in --output",
    )
    add("--run", help=f"folder of a trained run, or one of colornet's own: {_shipped()}")
    add(
        "--saturation",
        type=values.saturation,
        help="strength of the colours; 0: grey; default: the run's",
    )


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--format",
        choices=list(names.FORMATS),
        help="format of the pictures' results; default: the source's",
    )
    add(
        "--quality",
        type=values.quality,
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


def _add_limits(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--no-mark", action="store_true", help="leave out the metadata that name the network")
    for name, limit, skips in (
        ("--max-pixels", photo.MAX_PIXELS, "skip pictures with more pixels, such as 5M (or k, G)"),
        ("--max-bytes", photo.MAX_BYTES, "skip pictures with more bytes"),
    ):
        about = f"{skips}; default: {limit // 10**6}M"
        add(name, type=values.amount, default=limit, metavar="N", help=about)
    about = f"skip films that last longer; default: {MAX_SECONDS} (4 hours)"
    add("--max-seconds", type=values.amount, default=MAX_SECONDS, metavar="N", help=about)


def _add_archive(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    about = "colour one of 64 parts, which the paths decide; N is 0 to 63 or 1 to 64"
    add("--shard", type=values.shard, metavar="N/64", help=about)
    about = "record each file with its sha256 in this file, and go on from what it records"
    add("--manifest", type=values.manifest, metavar="FILE", help=about)


def _shipped() -> str:
    try:
        names = sorted(folder.parent.name for folder in paths.PRETRAINED.glob("*/model.keras"))
        return f"{', '.join(names)}; default: {params.default_run(paths.PRETRAINED)}"
    except (OSError, ValueError):
        return "none is installed"


def version() -> str:
    """The version of colornet that is installed."""
    try:
        return metadata.version("colornet")
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
