"""params.yaml -> one checked section; the keyword-only arguments of a function are its schema.

Also the command line that the stages share. Knows no stage.
"""

import argparse
import inspect
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, YAMLError

from colornet import paths
from colornet.system import stop, whole

# Names of datasets, runs and evaluations become folders
NAME = re.compile(r"\w[\w.-]*")


class UserError(Exception):
    """A mistake that the user can correct; its text is one complete sentence."""


def load(file: Path = paths.PARAMS) -> dict[str, Any]:
    """Reads a YAML 1.2 file as dicts and lists. Raises UserError if it is missing or broken."""
    try:
        content = YAML(typ="safe").load(Path(file).read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"There is no {file} in {Path.cwd()}: run this in the folder that holds it."
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{file} holds no sections; it must map names to values.")
    return content


def save(content: dict[str, Any], file: Path) -> None:
    """Writes a YAML file that `load` can read; keys keep their order."""
    yaml = YAML()
    yaml.default_flow_style = False
    with whole.file(file) as stream:
        yaml.dump(content, stream)


def default_run(folder: Path) -> str:
    """The name of the run that colours when none is chosen: the content of `folder`/default.

    Raises OSError if the file is missing, ValueError if it does not hold one legal name.
    """
    file = folder / "default"
    name = file.read_text("utf-8").strip()
    if not NAME.fullmatch(name):
        raise ValueError(f"{file} does not hold the name of a run.")
    return name


def section(stage: str, name: str, file: Path = paths.PARAMS) -> dict[str, Any]:
    """The section `name` of a stage ("fetch", "train.beta").

    Raises UserError if there is none, with the existing names, and if `name` cannot be a folder.
    """
    content = load(file)
    for key in stage.split("."):
        content = content.get(key) or {}
        if not isinstance(content, dict):
            raise UserError(f"{file}: {stage} must map names to their parameters.")
    if name not in content:
        legal = ", ".join(content) or "none yet"
        raise UserError(f"{file} has no {stage}.{name}; it has: {legal}.")
    if not NAME.fullmatch(name):
        raise UserError(
            f"{file}: {stage} has the name {name!r}; names become folders and may contain letters,"
            " digits, '_', '-' and '.'."
        )
    return content[name] or {}


def check(values: dict[str, Any], schema: Callable, where: str) -> dict[str, Any]:
    """Checks `values` against the keyword-only arguments of `schema`, a function or a dataclass.

    Returns them, converted where the annotation asks for it; arguments that `values` lacks are not
    added. Raises UserError, with one sentence, for an unknown key (with the legal ones), a missing
    key and a value that does not fit. A schema with `**options` accepts all other keys unchecked.
    """
    from pydantic import ConfigDict, ValidationError, create_model

    arguments = inspect.signature(schema, eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        each.name: (each.annotation, ... if each.default is each.empty else each.default)
        for each in arguments
        if each.kind is each.KEYWORD_ONLY
    }
    if not isinstance(values, dict):
        raise UserError(f"{where} must map parameters to values; legal are {', '.join(fields)}.")
    open_ended = any(each.kind is each.VAR_KEYWORD for each in arguments)
    config = ConfigDict(
        extra="allow" if open_ended else "forbid", strict=True, arbitrary_types_allowed=True
    )
    try:
        checked = create_model("Section", __config__=config, **fields).model_validate(values)
    except ValidationError as error:
        # A misspelt key is both unknown and missing; "unknown" is what helps
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            reason = f"is not known; legal are {', '.join(fields) or 'none'}"
        elif first["type"] == "missing":
            reason = "is missing"
        else:
            reason = f"is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}"
        raise UserError(f"params.yaml: {where}.{key} {reason}.") from None
    return {name: getattr(checked, name) for name in values}


def command(stage: str, run: Callable, argv: list[str] | None = None) -> None:
    """The command line of a stage, `python -m colornet.<stage> NAME`: calls `run(name, **section)`.

    Exits with status 1 and one sentence for a UserError, with 2 for wrong usage, with 130 for
    Ctrl-C, with 143 for SIGTERM.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m colornet.{stage}", description=inspect.getdoc(inspect.getmodule(run))
    )
    parser.add_argument("name", help=f"a key of {stage} in {paths.PARAMS}")
    name = parser.parse_args(argv).name
    with sentences():
        run(name, **check(section(stage, name), run, f"{stage}.{name}"))


@contextmanager
def sentences() -> Iterator[None]:
    """Ends the process with one sentence instead of a traceback: for a UserError, and signals.

    After `stop.install` only `stop.check` raises for a signal; else the signal itself does.
    """
    try:
        with _sigterm():
            yield
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt as error:
        stopped = error if isinstance(error, stop.Stopped) else stop.Stopped()
        print(f"\n{stopped}", file=sys.stderr)
        sys.exit(stopped.status)


@contextmanager
def _sigterm() -> Iterator[None]:
    """Inside the block SIGTERM raises stop.Stopped, unless the program handles or ignores it."""

    def stopped(number: int, _: object) -> None:
        raise stop.Stopped(number)

    usual = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, stopped)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
