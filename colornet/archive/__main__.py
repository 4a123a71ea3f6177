"""The entry point of `python -m colornet.archive`."""

import contextlib
import os
import sys

from colornet.system import stop, streams  # and nothing that takes longer: see `stop.install`


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status. Raises SystemExit with 2 for wrong usage."""
    from colornet.archive import arguments

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no reports to Ray's makers
    options = arguments.read(argv)
    try:
        import ray.data  # noqa: F401  # which needs pyarrow

        from colornet.archive import call
    except ModuleNotFoundError as error:
        if error.name not in ("ray", "pyarrow"):
            raise
        print(arguments.MISSING, file=sys.stderr)
        return 1

    # Where Ray prints pages of a lost machine's log
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        return call.run(options)


def command() -> None:
    """Ends the process with the exit status, at once: Ray's threads are not waited for."""
    streams.protect()
    stop.install()
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    command()
