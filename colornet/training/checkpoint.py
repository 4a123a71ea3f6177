"""A training's state between two epochs <-> a folder that survives Ctrl-C and kill -9.

Holds all that the rest of the training depends on, and a fingerprint of what it was made from;
knows no network.
"""

import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np

STATE = "state.npz"


def save(
    folder: Path,
    *,
    fingerprint: str,
    variables: list,
    best: list | None,
    history: list[dict],
    previews: Path,
) -> None:
    """Keeps the variables' values, those of the best epoch, the history and the previews.

    The state is whole or absent at every moment, and a former one stays where there is no room for
    the next: it is written beside and then renamed.
    """
    kept = folder / "previews"
    kept.mkdir(parents=True, exist_ok=True)
    for picture in previews.iterdir():
        if not (kept / picture.name).exists():
            shutil.copy(picture, kept)
    values = {f"v{i:04}": np.asarray(variable) for i, variable in enumerate(variables)}
    values |= {f"b{i:04}": value for i, value in enumerate(best or [])}
    papers = json.dumps({"fingerprint": fingerprint, "history": history})
    part = folder / f"{STATE}.part"
    try:
        with open(part, "wb") as stream:
            np.savez(stream, papers=papers, **values)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, folder / STATE)
    finally:
        part.unlink(missing_ok=True)


def load(
    folder: Path, *, fingerprint: str, variables: list, previews: Path
) -> tuple[list[dict], list[np.ndarray] | None]:
    """Puts a kept state back, variables and pictures; answers the history and the best values.

    Answers an empty history, and changes nothing, where there is no whole one of this fingerprint.
    """
    try:
        with open(folder / STATE, "rb") as stream, np.load(stream) as archive:
            papers = json.loads(str(archive["papers"]))
            if papers["fingerprint"] != fingerprint:
                return [], None
            values = [archive[f"v{i:04}"] for i in range(len(variables))]
            best = [archive[name] for name in sorted(archive) if name.startswith("b")] or None
    except (FileNotFoundError, zipfile.BadZipFile, EOFError, ValueError, KeyError):
        return [], None
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    for picture in (folder / "previews").iterdir():
        shutil.copy(picture, previews)
    return papers["history"], best


def fingerprint(papers: dict, *files: Path) -> str:
    """One hash of parameters (JSON types) and of the files' content, in this order."""
    digest = hashlib.sha256(json.dumps(papers, sort_keys=True).encode())
    for file in files:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()
