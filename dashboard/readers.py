"""runs/, results/, pretrained/ and the pipeline's YAML -> records, cached by modification time.

What is broken or half-written is left out and named in a sentence. Knows no TensorFlow.
"""

import io
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from PIL import Image

from colornet import params, paths

HISTORY = ("epoch", "loss", "val_loss", "val_loss_grey")
TIMES = ("epoch", "seconds", "pictures_per_s")
SCORES = ("file", "psnr", "ssim", "mse_ab", "colourfulness")
PREVIEW = re.compile(r"epoch-(\d+)_(.+)\.jpg")


@dataclass(frozen=True, eq=False)  # tables don't compare to one truth value
class Run:
    """One trained or training model; `history` and `times` hold a row for each epoch done.

    state: "done", "training" or "stopped" (unfinished, and nothing was written for a while).
    stamp: equal stamps mean that nothing of the run was written in between.
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
        return labelled(self.name, classify.get("weights") if isinstance(classify, dict) else None)

    @property
    def ready(self) -> bool:
        """Whether there is a model that can colour pictures."""
        return (self.folder / "model.keras").is_file()


@dataclass(frozen=True)
class Evaluation:
    """One run on one data set's test pictures; `summary` is its summary.json."""

    name: str
    folder: Path
    summary: dict[str, Any]

    @property
    def label(self) -> str:
        return labelled(self.name, self.summary.get("classifier"))

    def picture(self, file: str, kind: str) -> Path:
        """The JPEG of a file of scores.csv; kind: "input", "output", "truth" or "strip"."""
        return self.folder / "pictures" / f"{Path(file).stem}_{kind}.jpg"


def root() -> Path:
    """The project's folder: where this package lies, unless COLORNET_ROOT says otherwise."""
    return Path(os.environ.get("COLORNET_ROOT") or Path(__file__).parents[1]).resolve()


def labelled(name: str, classifier: str | None) -> str:
    """How a run is called wherever it is shown: random classifier weights must not hide."""
    return f"{name} (classifier untrained)" if classifier == "none" else name


def runs() -> tuple[list[Run], list[str]]:
    """All runs by name, then those that ship; a sentence for each folder that is none or broken."""
    return _each([root() / paths.run(""), pretrained()], _run)


def evaluations() -> tuple[list[Evaluation], list[str]]:
    """All evaluations by name, then those that ship; a sentence for each that is none or broken."""
    shipped = sorted(pretrained().glob("*/results"))
    return _each([root() / paths.results(""), *shipped], _evaluation)


def pretrained() -> Path:
    """The folder of the runs that ship."""
    return root() / paths.PRETRAINED.name


def shipped(folder: Path) -> bool:
    """Whether a run or an evaluation came with the project."""
    return pretrained() in folder.parents


def default_run() -> str | None:
    """The name of the shipped run that colours when none is chosen; None where none is named."""
    try:
        return _named(pretrained() / params.default_run(pretrained()))
    except (OSError, ValueError):
        return None


def scores(evaluation: Evaluation) -> pd.DataFrame:
    """scores.csv: a row for each test picture. ValueError or OSError if it is missing or broken."""
    return table(evaluation.folder / "scores.csv", columns=SCORES)


def previews(run: Run) -> dict[str, dict[int, Path]]:
    """Picture name -> epoch -> JPEG, epochs rising."""
    found: dict[str, dict[int, Path]] = {}
    for file in sorted((run.folder / "previews").glob("epoch-*_*.jpg")):
        if match := PREVIEW.fullmatch(file.name):
            found.setdefault(match[2], {})[int(match[1])] = file
    return {name: dict(sorted(epochs.items())) for name, epochs in found.items()}


def table(file: Path, *, columns: tuple[str, ...]) -> pd.DataFrame:
    """A CSV file whose columns are all numbers except `file`; what is no number becomes NaN.

    A last line without its end is being written right now and left out. ValueError if a column of
    `columns` is missing, OSError if the file is.
    """
    return _table(str(file), stamp(file), columns)


def mapping(file: Path) -> dict[str, Any]:
    """The content of a YAML or JSON file that maps keys to values; ValueError or OSError if not."""
    return _mapping(str(file), stamp(file))


def opens(file: Path) -> bool:
    """Whether a picture file is there and begins like one, so that a page can show it."""
    try:
        with Image.open(file):
            return True
    except OSError:
        return False


def stamp(file: Path) -> tuple[int, int]:
    """Changes whenever the file is written; OSError if it is missing."""
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size


def sentence(error: Exception) -> str:
    """What is wrong, with paths as seen from the project's folder."""
    if isinstance(error, FileNotFoundError) and error.filename:
        text = f"{error.filename} is missing."
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename} cannot be read: {error.strerror}."
    else:
        text = " ".join(str(error).split())
    return text.replace(f"{root()}{os.sep}", "")


def _named(folder: Path) -> str:
    return f"{folder.name} (shipped)" if shipped(folder) else folder.name


def _each(folders: list[Path], read: Callable[[Path], Any]) -> tuple[list, list[str]]:
    """`read` of every folder in some folders, and a sentence for each that it raised for."""
    whole, problems = [], []
    entries = (entry for folder in folders if folder.is_dir() for entry in sorted(folder.iterdir()))
    for entry in entries:
        if entry.is_dir() and not entry.name.startswith("."):
            try:
                whole.append(read(entry))
            except FileNotFoundError as error:
                missing = sentence(error).removesuffix(".")
                problems.append(f"{missing}: it is about to be written, or the folder is foreign.")
            except (ValueError, OSError) as error:
                problems.append(sentence(error))
    return whole, problems


def _run(folder: Path) -> Run:
    content = mapping(folder / "params.yaml")
    for section in ("train", "preprocess"):
        if not isinstance(content.get(section), dict):
            raise ValueError(f"{folder / 'params.yaml'} has no section {section}.")
    if shipped(folder) and not (folder / "model.keras").is_file():
        raise ValueError(
            f"{folder / 'model.keras'} is missing: `git checkout pretrained` brings it back."
        )
    times, history = folder / "times.csv", folder / "history.csv"
    written = [
        stamp(file)
        for file in (history, times, folder / "params.yaml", folder / "previews")
        if file.exists()
    ]
    past = table(times, columns=TIMES) if times.exists() else pd.DataFrame(columns=TIMES)
    return Run(
        name=_named(folder),
        folder=folder,
        params=content,
        history=table(history, columns=HISTORY)
        if history.exists()
        else pd.DataFrame(columns=HISTORY),
        times=past,
        state=_state(folder, newest=max(written)[0] / 1e9, seconds=past["seconds"]),
        stamp=tuple(written),
    )


def _state(folder: Path, *, newest: float, seconds: pd.Series) -> str:
    if (folder / "model.keras").exists() and not (folder / "checkpoint").exists():
        return "done"
    # The first epoch waits for the network to be traced, the others for nothing.
    patience = 900 if seconds.empty else max(120, 5 * seconds.iloc[-1])
    return "training" if time.time() - newest < patience else "stopped"


def _evaluation(folder: Path) -> Evaluation:
    summary = mapping(folder / "summary.json")
    if not isinstance(summary.get("means"), dict):
        raise ValueError(f"{folder / 'summary.json'} has no `means`.")
    return Evaluation(_named(folder), folder, summary)


# Shared by all visitors and not copied for each: no view writes into what these answer
@st.cache_resource(show_spinner=False, max_entries=1000)
def _table(file: str, stamp: tuple, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        text = Path(file).read_text("utf-8")
        content = pd.read_csv(io.StringIO(text[: text.rfind("\n") + 1]))
    except ValueError as error:
        raise ValueError(f"{file} cannot be read as a table: {error}") from None
    if missing := [name for name in columns if name not in content]:
        raise ValueError(f"{file} has no column {', '.join(missing)}.")
    for name in content.columns.drop("file", errors="ignore"):
        content[name] = pd.to_numeric(content[name], errors="coerce")
    return content.dropna(subset=columns[:1])


@st.cache_resource(show_spinner=False, max_entries=1000)
def _mapping(file: str, stamp: tuple) -> dict[str, Any]:
    try:
        if not file.endswith(".json"):
            return params.load(Path(file))
        content = json.loads(Path(file).read_text("utf-8"))
    except (params.UserError, ValueError) as error:
        raise ValueError(f"{file} cannot be read: {error}".replace(f": {file}", ":")) from None
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds no mapping.")
    return content
