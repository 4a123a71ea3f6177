"""Reads and checks the arguments of `python -m colornet.archive`."""

import argparse

from colornet.cli import names, values

HELP = """Colours the photographs of an archive on many machines, with Ray Data.

  python -m colornet.archive photos/ coloured/ --manifest record.jsonl
  python -m colornet.archive s3://bucket/photos s3://bucket/coloured \\
      --manifest record.jsonl --address auto

Existing copies are kept: the same command again does the rest."""
STATUS = """exit status: 0 all done; 1 a photograph was skipped, its reason is printed;
2 wrong usage; 130 stopped with Ctrl-C, 143 with SIGTERM"""
MISSING = (
    "error: an archive on many machines needs Ray Data, which is not installed:"
    ' `pip install "colornet[ray]"` installs it'
)
PLACE = "a folder of a disk that all machines share, or a URI such as s3://bucket/photos"


def read(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises SystemExit with 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m colornet.archive",
        description=HELP,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("input", metavar="INPUT", help=PLACE)
    add("output", metavar="OUTPUT", help="the same, for the coloured copies")
    about = "record each photograph with its sha256 in this file, and go on from what it records"
    add("--manifest", type=values.manifest, required=True, metavar="FILE", help=about)
    about = "of a cluster of Ray, or auto for that of this machine; default: this machine alone"
    add("--address", help=about)
    add("--run", help="folder of a trained run, or one of colornet's own; default: lite-photos")
    about = "strength of the colours; 0: grey; default: the run's"
    add("--saturation", type=values.saturation, help=about)
    add("--format", choices=list(names.FORMATS), help="of the copies; default: the source's")
    about = "quality of JPEG, WebP and AVIF, 1 to 100; default: 95"
    add("--quality", type=values.quality, default=95, help=about)
    about = "processes that colour at once; default: as many as the cluster has CPUs for"
    add("--workers", type=values.amount, metavar="N", help=about)
    about = "CPUs of each process; default: 2"
    add("--cpus-per-worker", type=values.amount, metavar="N", help=about)
    return parser.parse_args(argv)
