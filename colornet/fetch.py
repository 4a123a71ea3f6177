"""Stage 1: a source of photographs -> data/raw/<dataset> with its sources.csv.

Knows which sources there are, not what a picture is.
"""

import csv
from pathlib import Path
from typing import Any

from colornet import params, paths
from colornet.params import UserError
from colornet.sources import bundled, folder, kaggle, microsoft, pets
from colornet.system import disk, download, whole

SOURCES = {
    "bundled": bundled.fetch,
    "folder": folder.fetch,
    "microsoft": microsoft.fetch,
    "kaggle": kaggle.fetch,
    "pets": pets.fetch,
}
COLUMNS = ("file", "photo", "source", "url", "licence", "author", "sha256")


def run(dataset: str, *, source: str, **options: Any) -> None:
    """Fills data/raw/<dataset> from a source; `options` are that source's own parameters.

    The folder is replaced as a whole, and only once it is complete. UserError for an unknown
    source, an option that does not fit, or whatever keeps the source from delivering.
    """
    where = f"fetch.{dataset}"
    if source not in SOURCES:
        legal = ", ".join(SOURCES)
        raise UserError(f"params.yaml: {where}.source is {source!r}; legal are {legal}.")
    options = params.check(options, SOURCES[source], where)
    target = paths.raw(dataset)
    try:
        with whole.folder(target) as part:
            pictures = SOURCES[source](part, **options)
            rows = [
                row | {"sha256": download.digest(part / row["file"], "sha256")} for row in pictures
            ]
            if not rows:
                raise ValueError("there is no photograph in what `url` names; is it the right one?")
            _write(part / "sources.csv", rows)
    except ValueError as error:
        raise UserError(f"{where}: {error}") from error
    except OSError as error:
        raise UserError(f"{where}: {disk.sentence(error)}") from error
    print(f"{where}: {len(rows)} files in {target}")


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(rows, key=lambda row: row["file"]))


if __name__ == "__main__":
    params.command("fetch", run)
