"""Stage 1: a source of photographs -> data/raw/<dataset> with its sources.csv.

A source is a module of colornet/sources, found by its name; this stage does not know which there
are, nor what a picture is.
"""

import csv
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colornet import params, paths, sources
from colornet.params import UserError
from colornet.system import disk, download, whole

COLUMNS = ("file", "photo", "source", "url", "licence", "author", "sha256")


def run(dataset: str, *, source: str, **options: Any) -> None:
    """Fills data/raw/<dataset> from a source; `options` are the parameters of that source.

    The complete folder replaces the old one; until then the old one stays. Raises UserError for an
    unknown source, for an option that does not fit, and if the source cannot deliver.
    """
    where = f"fetch.{dataset}"
    fetch = _find(source)
    if fetch is None:
        legal = ", ".join(name for name in _modules() if _find(name))
        raise UserError(f"params.yaml: {where}.source is {source!r}; legal are {legal}.")
    options = params.check(options, fetch, where)
    target = paths.raw(dataset)
    try:
        with whole.folder(target) as part:
            rows = [
                row | {"sha256": download.digest(part / row["file"], "sha256")}
                for row in fetch(part, **options)
            ]
            if not rows:
                raise ValueError("`url` holds no photograph; is it the right address?")
            _write(part / "sources.csv", rows)
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error
    except OSError as error:
        raise UserError(f"{where}: {disk.sentence(error)}") from error
    print(f"{where}: {len(rows)} files in {target}")


def _modules() -> list[str]:
    """The modules in colornet/sources, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(sources.__path__))


def _find(source: str) -> Callable | None:
    """`fetch` of the module colornet/sources/<source>.py, None if there is none."""
    if source not in _modules():
        return None
    return getattr(importlib.import_module(f"colornet.sources.{source}"), "fetch", None)


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(rows, key=lambda row: row["file"]))


if __name__ == "__main__":
    params.command("fetch", run)
