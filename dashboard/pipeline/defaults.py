"""A stage's code -> the values of the parameters that params.yaml leaves out.

The code is parsed and not imported: importing train.py would load TensorFlow.
"""

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def defaults(code: Path, stage: str) -> dict[str, Any]:
    """The defaults of a stage's parameters; of files that cannot be read, none.

    code: the folder `colornet`. They are those of the keyword-only arguments of `run` in
    <stage>.py, and of the fields of `Parameters` in training/parameters.py for `train`.
    """
    files = [code / f"{stage}.py"]
    if stage == "train":
        files.append(code / "training" / "parameters.py")
    found = {}
    for file in files:
        for name, node in _assigned(file):
            with contextlib.suppress(ValueError):  # no literal: nothing to show
                found[name] = ast.literal_eval(node)
    return found


def _assigned(file: Path) -> Iterator[tuple[str, ast.expr]]:
    """The parameters in a file that have a default, with its expression."""
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            yield from ((argument.arg, value) for argument, value in pairs if value)
        elif isinstance(node, ast.ClassDef) and node.name == "Parameters":
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    if line.value:
                        yield line.target.id, line.value
