"""The runs that requests may choose: those installed with colornet, and those that were named."""

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from colornet import params, paths
from colornet.service.errors import RefusedError


class Run(BaseModel):
    """One run, as GET /runs lists it."""

    name: str
    default: bool = Field(description="whether it colours when a request names no run")
    model: str | None = Field(default=None, description="the network's architecture")
    dataset: str | None = Field(default=None, description="the photographs that it was trained on")
    size: int | None = Field(default=None, description="pixels at which it was trained")
    saturation: float | None = Field(default=None, description="strength of its colours")


class List(BaseModel):
    """The answer of GET /runs."""

    runs: list[Run]


class Runs:
    """Loads each run once, when it is first asked for; threads may share it.

    named: folders of runs, or names of installed ones; the first is the default, without one that
    of colornet. load: (options with `run` and `saturation`) -> a Colorizer; raises ValueError and
    OSError, each with a sentence. Raises ValueError where two folders have the same name, OSError
    where no run is installed.
    """

    def __init__(self, named: list[str], load: Callable[[argparse.Namespace], Any]):
        self._load, self._lock = load, threading.Lock()
        self._folders = {file.parent.name: file.parent for file in _installed()}
        chosen = [_folder(name) for name in named]
        for folder in chosen:
            name = folder.resolve().name
            if self._folders.get(name, folder) != folder and self._folders[name] in chosen:
                raise ValueError(f"two runs are named {name}: rename one of the folders")
            self._folders[name] = folder
        self.default = chosen[0].resolve().name if chosen else params.default_run(paths.PRETRAINED)
        self._loaded: dict[str, Any] = {}

    def get(self, name: str | None) -> Any:
        """The Colorizer of a run, None for the default. Raises RefusedError, 404, without one."""
        name = self.default if name is None else name
        if name not in self._folders:
            known = ", ".join(sorted(self._folders))
            raise RefusedError(404, f"there is no run {name!r}; GET /runs lists them: {known}")
        with self._lock:
            if name not in self._loaded:
                options = argparse.Namespace(run=str(self._folders[name]), saturation=None)
                self._loaded[name] = self._load(options)
            return self._loaded[name]

    def listed(self) -> List:
        """All runs, with what their settings say."""
        return List(runs=[self._described(name) for name in sorted(self._folders)])

    def _described(self, name: str) -> Run:
        run = Run(name=name, default=name == self.default)
        try:
            settings = params.load(self._folders[name] / "params.yaml")
            run.model, run.dataset = settings["model"], settings["train"]["dataset"]
            run.size = settings["preprocess"]["size"]
            run.saturation = float(settings.get("saturation", 1))
        except (params.UserError, LookupError, TypeError, ValueError):
            pass  # loading it says what is broken
        return run


def _installed() -> list[Path]:
    return sorted(paths.PRETRAINED.glob("*/model.keras"))


def _folder(name: str) -> Path:
    """As the command's --run: a folder, or else the installed run of this name."""
    here, installed = Path(name), paths.PRETRAINED / name
    return installed if here.name == name and installed.is_dir() and not here.exists() else here
