"""Reads and checks the arguments of `colornet serve`; wrong ones end the process with status 2."""

import argparse
import re
from pathlib import Path

from colornet.cli import values

HELP = """Colours pictures that other programs send by HTTP, until Ctrl-C or SIGTERM.

  colornet serve
  curl -F file=@photo.jpg http://127.0.0.1:8000/colorize --output photo-colour.jpg

POST /colorize, GET /runs, /healthz, /metrics, /docs, /openapi.json. Nothing is written to disk."""
ENDS = "exit status: 1 it could not start; 2 wrong usage; 130 ended with Ctrl-C, 143 with SIGTERM"
TOKEN = "COLORNET_TOKEN"  # the environment variable
MAX_PIXELS, MAX_BYTES, MAX_WAITING, MAX_SECONDS = 50_000_000, 50_000_000, 32, 60.0


def read(argv: list[str]) -> argparse.Namespace:
    """The options that the arguments ask for, with every default filled in."""
    parser = argparse.ArgumentParser(
        prog="colornet serve",
        description=HELP,
        epilog=ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    about = "address to listen at; default: 127.0.0.1, which only this machine reaches"
    add("--host", default="127.0.0.1", help=about)
    add("--port", type=_port, default=8000, help="default: 8000; 0: a free one")
    about = "folder of a trained run, which requests may name besides colornet's own; the first one"
    about += " becomes the default; may be given several times"
    add("--run", action="append", default=[], metavar="RUN", help=about)
    about = f"file whose text requests must send as their bearer token; default: that of {TOKEN},"
    add("--token-file", type=Path, metavar="FILE", help=f"{about} without which none is needed")
    _limits(parser)
    return parser.parse_args(argv)


def _limits(parser: argparse.ArgumentParser) -> None:
    for name, kind, value, unit, about in (
        ("pixels", values.amount, MAX_PIXELS, "N", "refuse pictures with more pixels, such as 5M"),
        ("bytes", values.amount, MAX_BYTES, "N", "refuse pictures with more bytes"),
        ("waiting", _count, MAX_WAITING, "N", "answer 503 while so many requests wait"),
        ("seconds", values.seconds, MAX_SECONDS, "S", "time limit of a picture, with its waiting"),
    ):
        shown = f"{value // 10**6}M" if value > 10**6 else f"{value:g}"
        about = f"{about}; default: {shown}"
        parser.add_argument(f"--max-{name}", type=kind, default=value, metavar=unit, help=about)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number up to 999999")
    return int(text)
