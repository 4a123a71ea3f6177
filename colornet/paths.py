"""Where each stage reads and writes, relative to the working directory; reads nothing."""

from pathlib import Path

PARAMS = Path("params.yaml")
SPLITS = ("train", "validation", "test")
# Runs that come with the project, laid out as what training leaves, with their results in results/;
# `default` holds the name of the one that colours when none is named.
# An installed package holds them itself, a checkout has them beside the package.
_INSTALLED = Path(__file__).resolve().with_name("pretrained")
PRETRAINED = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "pretrained"


def raw(dataset: str) -> Path:
    """Photographs as they came, with sources.csv."""
    return Path("data/raw") / dataset


def prepared(dataset: str) -> Path:
    """Padded squares in train/ validation/ test/, with index.csv, rejected.csv, params.yaml."""
    return Path("data/prepared") / dataset


def classes(dataset: str) -> Path:
    """scores.npz, the class scores of every prepared square, with params.yaml."""
    return Path("data/classes") / dataset


def run(name: str) -> Path:
    """What training leaves: model.keras, params.yaml, structure.json, history.csv, previews/."""
    return Path("runs") / name


def results(evaluation: str) -> Path:
    """What evaluation leaves: scores.csv, summary.json, metrics.json (the means), pictures/."""
    return Path("results") / evaluation


RUN_OUTS = ("model.keras", "params.yaml", "structure.json", "history.csv", "previews")
RESULT_OUTS = ("scores.csv", "summary.json", "metrics.json", "pictures")
