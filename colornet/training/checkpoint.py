"""A training's state between two epochs <-> a folder, which survives Ctrl-C and kill -9.

The state is everything that the rest of the training depends on, with a fingerprint of what decides
its result.
"""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from colornet.system import whole

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
    """Saves the variables' values, those of the best epoch, the history and the previews.

    The state is complete or absent at every moment. Raises OSError on a full disk, which leaves the
    former state.
    """
    kept = folder / "previews"
    kept.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(".*.part"):
        left_over.unlink()
    for picture in previews.iterdir():
        if not (kept / picture.name).exists():
            shutil.copy(picture, kept)
    values: dict[str, Any] = {f"v{i:04}": np.asarray(value) for i, value in enumerate(variables)}
    values |= {f"b{i:04}": value for i, value in enumerate(best or [])}
    about = json.dumps({"fingerprint": fingerprint, "history": history})
    with whole.file(folder / STATE) as stream:
        np.savez(stream, about=about, **values)


def load(
    folder: Path, *, fingerprint: str, variables: list, previews: Path | None
) -> tuple[list[dict], list[np.ndarray] | None]:
    """Restores the variables and the previews; returns the history and the best epoch's values.

    previews: their folder, or None to leave them. Returns an empty history, and changes nothing, if
    there is no complete state with this fingerprint.
    """
    try:
        with open(folder / STATE, "rb") as stream, np.load(stream) as archive:
            about = json.loads(str(archive["about"]))
            if about["fingerprint"] != fingerprint:
                return [], None
            values = [archive[f"v{i:04}"] for i in range(len(variables))]
            best = [
                archive[name] for name in sorted(archive) if re.fullmatch(r"b\d+", name)
            ] or None
    except (FileNotFoundError, zipfile.BadZipFile, EOFError, ValueError, KeyError):
        return [], None
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    for picture in (folder / "previews").iterdir() if previews else ():
        shutil.copy(picture, previews)
    return about["history"], best


def fingerprint(settings: dict, *files: str | Path) -> str:
    """One hash of settings (JSON types) and of the content of files, in this order."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for file in files:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()
