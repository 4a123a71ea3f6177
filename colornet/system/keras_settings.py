"""Keras as it comes: what a user has set for other programs changes nothing here.

Keras 3 reads its settings once, when it is imported (keras/src/backend/config.py): the variables
KERAS_*, and keras.json in ~/.keras or KERAS_HOME. They would choose another backend, precision or
order of channels, and a broken file would stop the import.
"""

import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from colornet.system import hidden

BACKEND = "COLORNET_BACKEND"  # the environment variable that chooses the backend for colouring
# Each backend, and what has to be installed for it
PACKAGES = {
    "openvino": "openvino",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "torch": "torch",
    "numpy": "jax",  # which Keras's numpy backend takes for convolutions
}
# TensorFlow's own settings of Keras: the first makes tf.keras another Keras; Keras sets the second
OTHERS = ("TF_USE_LEGACY_KERAS", "TF_FORCE_GPU_ALLOW_GROWTH")
_importing = threading.Lock()


def chosen() -> str:
    """The backend on which Keras reads networks for colouring: openvino, or COLORNET_BACKEND.

    Raises ValueError, with a sentence, for a backend that does not exist or is not installed.
    """
    name = os.environ.get(BACKEND) or "openvino"
    if name not in PACKAGES:
        raise ValueError(
            f"{BACKEND} is {name}: it must be one of {', '.join(PACKAGES)}, or not set at all."
        )
    package = PACKAGES[name]
    if package not in sys.modules and importlib.util.find_spec(package) is None:
        raise ValueError(
            f"{BACKEND} is {name}, but {package} is not installed: `pip install {package}`, or"
            f" do not set {BACKEND}."
        )
    return name


def import_keras(backend: str) -> Any:
    """Keras on this backend with its defaults. If it is imported already, it stays as it is.

    The environment is the same afterwards, so that child processes get what the user has set.
    """
    with _importing:
        if "keras" in sys.modules:
            return importlib.import_module("keras")
        # The null device holds no keras.json. OpenCV, which Keras imports to draw boxes, would take
        # a tenth of a second, and change LD_LIBRARY_PATH for child processes
        settings = _environment(KERAS_BACKEND=backend, KERAS_HOME=os.devnull)
        with settings, hidden.package("cv2"):
            keras = importlib.import_module("keras")
            if backend == "tensorflow":
                # Decides at its first use whether it is this Keras
                importlib.import_module("tensorflow").keras.__version__  # noqa: B018
        # Where keras.utils.get_file keeps downloads
        home = os.environ.get("KERAS_HOME") or str(Path("~/.keras").expanduser())
        vars(importlib.import_module("keras.src.backend.config"))["_KERAS_DIR"] = home
        return keras


@contextmanager
def defaults() -> Iterator[None]:
    """Layers are built in float32 and channels last, also where a program has set Keras otherwise.

    Its settings are back afterwards. Meanwhile they hold for its other threads too.
    """
    from keras import config

    before = config.floatx(), config.image_data_format(), config.dtype_policy()
    try:
        _set("float32", "channels_last", "float32")
        yield
    finally:
        _set(*before)


def _set(floatx: str, image_data_format: str, policy: Any) -> None:
    from keras import config

    config.set_floatx(floatx)
    config.set_image_data_format(image_data_format)
    config.set_dtype_policy(policy)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """These variables, and none of the user's that Keras reads."""
    before = {name: os.environ.pop(name) for name in _names()}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in _names():
            del os.environ[name]
        os.environ.update(before)


def _names() -> list[str]:
    return [name for name in os.environ if name.startswith("KERAS_") or name in OTHERS]
