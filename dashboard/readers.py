"""runs/, results/ and pretrained/ -> records of runs and evaluations. Knows no TensorFlow.

A folder that is broken or half written is left out, and a sentence says so.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from colornet import params, paths
from dashboard.files import mapping, root, sentence, stamp, table

HISTORY = ("epoch", "loss", "val_loss", "val_loss_grey")
TIMES = ("epoch", "seconds", "pictures_per_s")
SCORES = ("file", "psnr", "ssim", "mse_ab", "colourfulness")
PREVIEW = re.compile(r"epoch-(\d+)_(.+)\.jpg")


@dataclass(frozen=True, eq=False)  # pandas tables cannot be compared to one truth value
class Run:
    """A network that is trained or in training; `history` and `times` have a row for each epoch.

    state: "done", "training" or "stopped" (unfinished, and no file has changed for a while).
    stamp: stays equal until a file of the run is written.
    """

    name: str
    folder: Path
    params: dict[str, Any]
    history: pd.DataFrame
    times: pd.DataFrame
    state: str
    stamp: tuple

    @property
    def label(self) -> str:
        classify = self.params.get("classify")
        return _labelled(self.name, classify.get("weights") if isinstance(classify, dict) else None)

    @property
    def ready(self) -> bool:
        """Whether it has a network that can colour pictures."""
        return (self.folder / "model.keras").is_file()


@dataclass(frozen=True)
class Evaluation:
    """The scores of one run on the test pictures of one dataset; `summary` is summary.json."""

    name: str
    folder: Path
    summary: dict[str, Any]

    @property
    def label(self) -> str:
        return _labelled(self.name, self.summary.get("classifier"))

    @property
    def key(self) -> str:
        """Its key in params.yaml, which may name a file."""
        named = str(self.summary.get("evaluation"))
        return named if params.NAME.fullmatch(named) else self.folder.name

    @property
    def remedy(self) -> str:
        """How to make its pictures on this machine, a sentence."""
        try:
            known = self.key in mapping(root() / paths.PARAMS)["evaluate"]
        except (ValueError, OSError, LookupError, TypeError):
            known = True
        if known:
            return f"`dvc repro evaluate@{self.key}` makes them."
        return "No evaluation of params.yaml makes them: these test pictures were chosen elsewhere."

    @property
    def shipped(self) -> bool:
        """Whether it comes with the project."""
        return _shipped(self.folder)

    def picture(self, file: str, kind: str) -> Path:
        """The JPEG of a file of scores.csv; kind: "input", "output", "truth" or "strip"."""
        return self.folder / "pictures" / f"{Path(file).stem}_{kind}.jpg"


def runs() -> tuple[list[Run], list[str]]:
    """All runs by name, then the shipped ones; a sentence for each broken folder."""
    return _each([root() / paths.run(""), pretrained()], _run)


def evaluations() -> tuple[list[Evaluation], list[str]]:
    """All evaluations by name, then the shipped ones, those of the default run first.

    Also a sentence for each broken folder.
    """
    first = default_run()
    folders = sorted(pretrained().glob("*/results"))
    shipped = sorted(folders, key=lambda folder: _named(folder.parent) != first)
    return _each([root() / paths.results(""), *shipped], _evaluation)


def pretrained() -> Path:
    """The folder of the runs that come with the project."""
    return root() / paths.PRETRAINED.name


def default_run() -> str | None:
    """The name of the shipped run that colours when none is chosen; None if no file names it."""
    try:
        return _named(pretrained() / params.default_run(pretrained()))
    except (OSError, ValueError):
        return None


def scores(evaluation: Evaluation) -> pd.DataFrame:
    """scores.csv, a row for each test picture. Raises ValueError or OSError if it is broken."""
    return table(evaluation.folder / "scores.csv", columns=SCORES)


def previews(run: Run) -> dict[str, dict[int, Path]]:
    """Picture name -> epoch -> JPEG, in the order of the epochs."""
    found: dict[str, dict[int, Path]] = {}
    for file in sorted((run.folder / "previews").glob("epoch-*_*.jpg")):
        if match := PREVIEW.fullmatch(file.name):
            found.setdefault(match[2], {})[int(match[1])] = file
    return {name: dict(sorted(epochs.items())) for name, epochs in found.items()}


def _labelled(name: str, classifier: str | None) -> str:
    """How pages name a run: readers must see where the classifier has random weights."""
    return f"{name} (classifier untrained)" if classifier == "none" else name


def _shipped(folder: Path) -> bool:
    return pretrained() in folder.parents


def _named(folder: Path) -> str:
    """The name of a run, or of an evaluation: shipped ones are folders named after the dataset."""
    if not _shipped(folder):
        return folder.name
    inside = folder.relative_to(pretrained()).parts
    on = f" on {folder.name}" if len(inside) > 1 else ""
    return f"{inside[0]}{on} (shipped)"


def _each(folders: list[Path], read: Callable[[Path], Any]) -> tuple[list, list[str]]:
    """What `read` returns for every folder in `folders`, and a sentence for each of its errors."""
    found, problems = [], []
    entries = (entry for folder in folders if folder.is_dir() for entry in sorted(folder.iterdir()))
    for entry in entries:
        if not entry.is_dir() or entry.name.startswith("."):
            continue
        try:
            found.append(read(entry))
        except FileNotFoundError as error:
            missing = sentence(error).removesuffix(".")
            problems.append(f"{missing}: it is not written yet, or the folder is something else.")
        except (ValueError, OSError) as error:
            problems.append(sentence(error))
    return found, problems


def _run(folder: Path) -> Run:
    content = mapping(folder / "params.yaml")
    for section in ("train", "preprocess"):
        if not isinstance(content.get(section), dict):
            raise ValueError(f"{folder / 'params.yaml'} has no section {section}.")
    if _shipped(folder) and not (folder / "model.keras").is_file():
        raise ValueError(
            f"{folder / 'model.keras'} is missing: `git checkout pretrained` brings it back."
        )
    names = ("history.csv", "times.csv", "params.yaml", "previews")
    written = [stamp(folder / name) for name in names if (folder / name).exists()]
    times = _rows(folder / "times.csv", TIMES)
    return Run(
        name=_named(folder),
        folder=folder,
        params=content,
        history=_rows(folder / "history.csv", HISTORY),
        times=times,
        state=_state(folder, newest=max(written)[0] / 1e9, seconds=times["seconds"]),
        stamp=tuple(written),
    )


def _rows(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    return table(file, columns=columns) if file.exists() else pd.DataFrame(columns=columns)


def _state(folder: Path, *, newest: float, seconds: pd.Series) -> str:
    """newest: when the last file was written, in seconds since 1970; seconds: of each epoch."""
    if (folder / "model.keras").exists() and not (folder / "checkpoint").exists():
        return "done"
    # Before the first epoch TensorFlow traces the network, which takes minutes
    patience = 900 if seconds.empty else max(120, 5 * seconds.iloc[-1])
    return "training" if time.time() - newest < patience else "stopped"


def _evaluation(folder: Path) -> Evaluation:
    summary = mapping(folder / "summary.json")
    if not isinstance(summary.get("means"), dict):
        raise ValueError(f"{folder / 'summary.json'} has no `means`.")
    return Evaluation(_named(folder), folder, summary)
