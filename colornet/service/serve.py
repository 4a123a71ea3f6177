"""One call of `colornet serve`: loads the run, listens, colours until it is asked to stop."""

import argparse
import ipaddress
import os
import socket
from collections.abc import Callable
from typing import Any

from colornet.cli.report import say
from colornet.service import arguments
from colornet.system import memory, stop

MISSING = 'colornet serve needs packages that are not installed: pip install "colornet[serve]"'
ENDED = "stopped: what was running is finished"


def run(argv: list[str], load: Callable) -> int:
    """Returns the exit status: 1 if it cannot start, 130 for Ctrl-C, 143 for SIGTERM.

    load: as of `runs.Runs`. Raises SystemExit with 2 for wrong usage.
    """
    options = arguments.read(argv)
    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        say(f"error: {MISSING} ({error.name} is missing)")
        return 1
    try:
        return _serve(options, load)
    except (ValueError, OSError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt as error:
        stopped = error if isinstance(error, stop.Stopped) else stop.Stopped()
        say(f"\n{ENDED}")
        return stopped.status


def _serve(options: argparse.Namespace, load: Callable) -> int:
    """Raises ValueError and OSError where it cannot start, stop.Stopped when it has ended."""
    from colornet.service import server

    memory.give_back()
    token = _token(options)
    # Nobody can connect before the run is loaded
    with server.bound(options.host, options.port) as listening:
        app, tidy = _app(options, load, token)
        stop.check()
        _announce(listening, token)
        server.Server(app, seconds=options.max_seconds, tidy=tidy).run([listening])
    stop.check()
    return 0


def _app(
    options: argparse.Namespace, load: Callable, token: str | None
) -> tuple[Any, Callable[[], None]]:
    """The app with its default run loaded, and what is to be called now and then."""
    from colornet.service import app
    from colornet.service.runs import Runs
    from colornet.service.workers import Workers

    runs = Runs(options.run, load)
    runs.get(None)
    workers = Workers(waiting=options.max_waiting, seconds=options.max_seconds)
    limits = app.Limits(options.max_pixels, options.max_bytes, options.max_seconds)
    return app.build(runs, workers, limits, token=token), workers.tidy


def _token(options: argparse.Namespace) -> str | None:
    """Raises OSError and ValueError with a sentence."""
    if options.token_file is None:
        token, where = os.environ.get(arguments.TOKEN), arguments.TOKEN
        if token is None:
            return None
    else:
        where = options.token_file
        try:
            token = where.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise OSError(f"the token in {where} cannot be read: {why}") from None
    token = token.strip()
    if not token or not token.isascii() or any(letter.isspace() for letter in token):
        raise ValueError(f"{where} holds no token: one word in ASCII, such as 32 random letters")
    return token


def _announce(listening: socket.socket, token: str | None) -> None:
    from colornet.service import server

    say(f"colornet serves {server.address(listening)}; {server.address(listening)}/docs says what")
    host = listening.getsockname()[0]
    if not token and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        say("note: whoever reaches this machine can use the service; --token-file asks for a token")
