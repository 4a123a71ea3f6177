"""The paths of what the stages read and write, relative to the working directory."""

from pathlib import Path

PARAMS = Path("params.yaml")
SPLITS = ("train", "validation", "test")
# What a run and an evaluation consist of
RUN_OUTS = ("model.keras", "params.yaml", "structure.json", "history.csv", "previews")
RESULT_OUTS = ("scores.csv", "summary.json", "metrics.json", "features.npz", "pictures")
# The runs that ship with the project, as training leaves them, with their results in results/; the
# file `default` names the run that colours when the user names none.
# In an installed package this folder is inside the package, in a checkout beside it.
_INSTALLED = Path(__file__).resolve().with_name("pretrained")
PRETRAINED = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "pretrained"


def raw(dataset: str) -> Path:
    """Photographs as their source delivered them, with sources.csv."""
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
    """What evaluation leaves: scores.csv, summary.json, metrics.json, features.npz, pictures/."""
    return Path("results") / evaluation
