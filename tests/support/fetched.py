"""What the tests of fetch share: a section for a local server, and what a fetch wrote."""

import csv
import hashlib
from pathlib import Path

from support import archives

ARCHIVES = {"microsoft": archives.microsoft, "kaggle": archives.kaggle, "pets": archives.pets}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def section(server, source: str, *sizes: int, **options) -> dict:
    """A section of params.yaml whose small archive is on the tests' server; see ARCHIVES."""
    content = ARCHIVES[source](*sizes, **options)
    url = server.add(f"/{source}", content)
    return {"source": source, "url": url, "sha256": sha256(content)}


def table(dataset: str) -> list[dict[str, str]]:
    """The rows of sources.csv."""
    with open(f"data/raw/{dataset}/sources.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def files(root) -> dict[Path, bytes]:
    """The content of every file below a folder."""
    return {f.relative_to(root): f.read_bytes() for f in Path(root).rglob("*") if f.is_file()}
