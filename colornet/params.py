"""params.yaml -> one checked section; a function's keyword-only arguments are its schema.

Also the frame of every stage's command line. Knows no stage.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, YAMLError

from colornet import paths

# Names of data sets, runs and evaluations become folders
NAME = re.compile(r"\w[\w.-]*")


class UserError(Exception):
    """Something that the user can mend; its text is one whole sentence."""


def load(file: Path = paths.PARAMS) -> dict[str, Any]:
    """Reads a YAML 1.2 file into plain dicts and lists. UserError if it is missing or broken."""
    try:
        content = YAML(typ="safe").load(Path(file).read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"There is no {file} in {Path.cwd()}: call this from the folder that holds it."
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{file} holds no sections: the first lines of the README show its form.")
    return content


def save(content: dict[str, Any], file: Path) -> None:
    """Writes a YAML file that `load` reads back; keys stay in their order."""
    yaml = YAML()
    yaml.default_flow_style = False
    with open(file, "w", encoding="utf-8", newline="\n") as stream:
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
    """The section `name` of a stage ("fetch", "train.beta"). UserError names the legal ones."""
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
            f"{file}: {stage} has the name {name!r}; names become folders and are made of letters, "
            "digits, '_', '-' and '.'."
        )
    return content[name] or {}


def check(values: dict[str, Any], function: Callable, where: str) -> dict[str, Any]:
    """Checks `values` against the keyword-only arguments of `function`, types included.

    Returns them, converted where the annotation asks for it. UserError, in one sentence, for an
    unknown key (with the legal ones), a missing key or a value that does not fit.
    """
    from pydantic import ConfigDict, ValidationError, create_model

    arguments = inspect.signature(function, eval_str=True).parameters
    keywords = {
        name: (argument.annotation, ... if argument.default is argument.empty else argument.default)
        for name, argument in arguments.items()
        if argument.kind is argument.KEYWORD_ONLY
    }
    passes_on = any(argument.kind is argument.VAR_KEYWORD for argument in arguments.values())
    if not isinstance(values, dict):
        raise UserError(
            f"{where} must map parameters to values; it may hold {', '.join(keywords)}."
        )
    extra = "allow" if passes_on else "forbid"  # `function` then checks the rest itself
    config = ConfigDict(extra=extra, strict=True, arbitrary_types_allowed=True)
    schema = create_model("Section", __config__=config, **keywords)
    try:
        checked = schema(**values)
    except ValidationError as error:
        # A misspelt key is both unknown and missing: what stands there is what to look at.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            sentence = f"is not known; legal are {', '.join(keywords) or 'none'}."
        elif first["type"] == "missing":
            sentence = "is missing."
        else:
            sentence = f"is {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}."
        raise UserError(f"params.yaml: {where}.{key} {sentence}") from None
    return {name: getattr(checked, name) for name in values}


def command(stage: str, run: Callable, argv: list[str] | None = None) -> None:
    """The command line of a stage: `python -m colornet.<stage> NAME`.

    Calls `run(name, **section)`. Ends with status 1 and one sentence for a UserError, with 2 for
    wrong usage, with 130 for Ctrl-C.
    """
    module = sys.modules[run.__module__]
    parser = argparse.ArgumentParser(
        prog=f"python -m colornet.{stage}", description=inspect.cleandoc(module.__doc__)
    )
    parser.add_argument("name", help=f"a key of {stage} in {paths.PARAMS}")
    name = parser.parse_args(argv).name
    with sentences():
        run(name, **check(section(stage, name), run, f"{stage}.{name}"))


class sentences:
    """A context that ends the process with a sentence, not a traceback, for a user's mistake."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, traceback) -> None:
        if isinstance(error, UserError):
            sys.exit(f"error: {error}")
        if isinstance(error, KeyboardInterrupt):
            print("\ninterrupted; the same command goes on", file=sys.stderr)
            sys.exit(130)
