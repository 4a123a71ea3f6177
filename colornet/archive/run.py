"""The run that colours: found on this machine, and sent to the others with the call."""

from pathlib import Path

from colornet import paths
from colornet.colorizer import default

FILES = ("params.yaml", "model.keras")


def folder(name: str | None) -> Path:
    """The folder of a run: `name`, or the run of this name that is installed with colornet.

    None stands for the run that colours by default. Raises FileNotFoundError, with a sentence.
    """
    if name is None:
        return default()
    installed, here = paths.PRETRAINED / name, Path(name)
    return installed if here.name == name and installed.is_dir() and not here.exists() else here


def content(run: Path) -> dict[str, bytes]:
    """The files of a run by their names. Raises OSError, with a sentence."""
    try:
        return {file: (run / file).read_bytes() for file in FILES}
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{run} holds no trained run: {Path(str(error.filename)).name} is missing there. "
            "Name another run."
        ) from error
    except OSError as error:
        raise OSError(f"the run {run} cannot be read: {error.strerror or error}") from error
