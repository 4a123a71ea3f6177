"""Stage 1: a source of photographs -> data/raw/<dataset> with its sources.csv.

Knows which sources there are, not what a picture is.
"""

import csv
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from tqdm import tqdm

from colornet import params, paths
from colornet.params import UserError
from colornet.sources import bundled, folder

SOURCES = {"bundled": bundled.fetch, "folder": folder.fetch}
LATER = ("microsoft", "kaggle", "pets")
COLUMNS = ("file", "photo", "source", "url", "licence", "author", "sha256")


def run(dataset: str, *, source: str, **options: Any) -> None:
    """Fills data/raw/<dataset> from a source; `options` are that source's own parameters.

    The folder is replaced as a whole, and only once it is complete. UserError for an unknown
    source, an option that does not fit, or whatever keeps the source from delivering.
    """
    where = f"fetch.{dataset}"
    if source in LATER:
        raise UserError(
            f'{where}: the source "{source}" is not available yet; `make demo` runs the bundled'
            " photographs, and `source: folder` with a path takes your own."
        )
    if source not in SOURCES:
        legal = ", ".join([*SOURCES, *LATER])
        raise UserError(f"params.yaml: {where}.source is {source!r}; legal are {legal}.")
    options = params.check(options, SOURCES[source], where)
    target = paths.raw(dataset)
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        pictures = SOURCES[source](part, **options)
        rows = [
            row | {"sha256": _sha256(part / row["file"])}
            for row in tqdm(pictures, desc=where, unit=" files")
        ]
        _write(part / "sources.csv", rows)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(part, target)
    except (ValueError, OSError) as error:
        raise UserError(f"{where}: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"{where}: {len(rows)} files in {target}")


def _sha256(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(rows, key=lambda row: row["file"]))


if __name__ == "__main__":
    params.command("fetch", run)
