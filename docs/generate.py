"""Code -> the generated parts of the documents; `--check` compares and writes nothing.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from colornet import params
from colornet.training.parameters import Parameters

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("colornet", "dashboard", "benchmarks", "docs")
WIDTH = 100  # characters of a line that `colornet --help` prints
TREE = 118  # characters of a line of the tree: what fits beside GitHub's margins
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def documents() -> list[Path]:
    """The Markdown files that may have generated parts."""
    return [ROOT / "README.md", ROOT / "data" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def renewed(text: str) -> str:
    """A document with its generated parts as the code has them now; KeyError for an unknown one."""
    return re.sub(
        r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}",
        text,
        flags=re.DOTALL,
    )


def parameters() -> str:
    """A table of the parameters of a training."""
    rows = [["parameter", "values", "default", "unit", "what it does"], ["---"] * 5]
    for name, field in TypeAdapter(Parameters).json_schema()["properties"].items():
        default = _yaml(field["default"]) if "default" in field else "required"
        cells = [f"`{name}`", _values(field), default, field.get("unit") or ""]
        rows.append([*cells, field["description"]])
    return _table(rows)


def command_line() -> str:
    """What `colornet --help` prints, in the form that argparse has from Python 3.13 on."""
    printed = subprocess.run(
        [sys.executable, "-m", "colornet.colorize", "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": str(WIDTH)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    once = re.sub(
        r"(-\w) (\w+), (--\w+ \2)",
        lambda found: f"{found[1]}, {found[3]}".ljust(len(found[0])),
        printed,
    )
    return f"```\n{once.strip()}\n```"


def stages() -> str:
    """A table of the stages: what the modules' first lines and dvc.yaml state."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, stage in params.load(ROOT / "dvc.yaml")["stages"].items():
        module = stage["do"]["cmd"].split()[2]
        code = [_code(dep) for dep in stage["do"]["deps"] if dep.startswith("colornet/")]
        row = found.setdefault(module, {"names": [], "code": []})
        row["names"].append(name)
        row["code"] += [each for each in code if each not in row["code"]]
    rows = [["stage", "from what to what", "in `dvc.yaml`", "code it depends on"], ["---"] * 4]
    for module, row in found.items():
        line = _first_line(ROOT / Path(*module.split(".")).with_suffix(".py"))
        does = re.sub(r"[\w./]*<\w+>(?:[\w./]*\w)?", r"`\g<0>`", re.sub(r"^Stage \d: ", "", line))
        name = f"`{module.split('.')[1]}`"
        rows.append([name, does, _listed(row["names"]), _listed(row["code"])])
    return _table(rows)


def tree() -> str:
    """Every module of the packages with its first line, as a tree."""
    lines = []
    for package in PACKAGES:
        files = [file for file in (ROOT / package).rglob("*.py") if file.name != "__init__.py"]
        for folder in sorted({file.parent for file in files}):
            lines += _entry(f"{folder.relative_to(ROOT)}/", folder / "__init__.py")
            for file in sorted(file for file in files if file.parent == folder):
                lines += _entry(f"  {file.name}", file)
    return "\n".join(["```", *lines, "```"])


PARTS = {"parameters": parameters, "command-line": command_line, "stages": stages, "tree": tree}


def _code(dep: str) -> str:
    """A code dependency of dvc.yaml, relative to the package; a folder ends with a slash."""
    path = re.sub(r"\$\{item\.(\w+)\}", r"<\1>", dep.removeprefix("colornet/"))
    return f"{path}/" if (ROOT / dep).is_dir() else path


def _values(field: dict[str, Any]) -> str:
    """What a field of a JSON schema may hold, besides nothing."""
    kind = field["anyOf"][0] if "anyOf" in field else field
    if legal := kind.get("enum") or ([kind["const"]] if "const" in kind else None):
        return _listed(map(_bare, legal))
    if kind["type"] == "boolean":
        return "`true`, `false`"
    limits = [f"{sign} {kind[key]}" for key, sign in LIMITS.items() if key in kind]
    if "multipleOf" in kind:
        limits.append(f"a multiple of {kind['multipleOf']}")
    name = {"integer": "whole number", "number": "number", "string": "text"}[kind["type"]]
    return ", ".join([f"{name} {limits[0]}", *limits[1:]] if limits else [name])


def _bare(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yaml(value: object) -> str:
    return "none" if value is None else f"`{_bare(value)}`"


def _listed(names) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)


def _first_line(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text("utf-8"))) or "").split("\n")[0]


def _entry(name: str, module: Path) -> list[str]:
    """A name of the tree and the first line of its module."""
    about = _first_line(module) if module.is_file() else ""
    return textwrap.wrap(
        f"{name:<20} {about}", TREE, subsequent_indent=" " * 21, break_on_hyphens=False
    )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="name outdated documents, write none")
    check = parser.parse_args(argv).check
    old = [file for file in documents() if renewed(text := file.read_text("utf-8")) != text]
    if check and old:
        names = ", ".join(str(file.relative_to(ROOT)) for file in old)
        sys.exit(f"outdated: {names}; `python -m docs.generate` renews them")
    for file in old:
        file.write_text(renewed(file.read_text("utf-8")), encoding="utf-8", newline="\n")
        print(f"renewed {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
