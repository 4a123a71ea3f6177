"""The command line: files and folders in, coloured files out, each at its own size."""

import os
import sys

from colornet.system import stop, streams  # and nothing that takes longer: see `command`


def command() -> None:
    """The entry point of the installed `colornet`.

    What takes time to import is imported after `stop.install`. A signal before that, in the first
    hundredths of a second, ends Python in its own way: at once, by that signal, and sometimes with
    a traceback.
    """
    streams.protect()
    stop.install()
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without waiting for pictures that are still being coloured, nor for libraries to end
    os._exit(status)


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 when a picture could not be coloured; 130 for Ctrl-C.

    It is 143 for SIGTERM. Raises SystemExit with 2 for wrong usage.
    """
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["serve"]:
        from colornet.service import serve

        return serve.run(argv[1:], _load)
    if argv[:1] == ["export"]:
        return _export(argv[1:])
    from colornet.cli import call, watch

    if argv[:1] == ["watch"]:
        return watch.run(argv[1:], _load)
    return call.run(argv, _load)


def _export(argv: list[str]) -> int:
    from colornet import export

    export.main(argv, prog="colornet export")
    return 0


def _load(options):
    """The Colorizer that the options ask for. Raises ValueError and OSError, with a sentence."""
    from colornet.colorizer import Colorizer, default

    stop.check()
    run = default() if options.run is None else _run(options.run)
    # original.read has smoothed the dots already, where they are not to be kept
    return Colorizer(run, saturation=options.saturation, keep_dots=True)


def _run(name: str):
    """The folder `name`, or else the run of this name that is installed with colornet."""
    from pathlib import Path

    from colornet import paths

    installed = paths.PRETRAINED / name
    here = Path(name)
    return installed if here.name == name and installed.is_dir() and not here.exists() else here


if __name__ == "__main__":
    command()
